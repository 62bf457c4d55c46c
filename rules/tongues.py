"""Which of several languages fits best?"""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def fitting(wanted: str, known: Mapping[str, T]) -> T:
    """Choose by language: the very one, one of the same tongue, else the first."""
    wanted = wanted.replace("-", "_")
    if wanted in known:
        return known[wanted]
    tongue = wanted.split("_", 1)[0]
    alike = (value for language, value in known.items() if language.split("_", 1)[0] == tongue)
    return next(alike, next(iter(known.values())))
