"""What does the fake Graph server answer to who asks for the templates of an account?"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

from adapters.whatsapp import fake_errors as errors
from adapters.whatsapp.fake_settings import KnownTemplate
from adapters.whatsapp.limits import Fault

_FIRST: Final = 25
_MARK: Final = b"template:"


def page(templates: Sequence[KnownTemplate], after: str | None, limit: str | None) -> dict[str, Any] | Fault:
    """Return a page that begins behind a cursor; the last one is followed by an empty one."""
    start = 0 if after is None else _place(after)
    if start is None:
        return Fault(errors.CURSOR, "The cursor is not one of this list, or no longer.")
    most = int(limit) if limit and limit.isdecimal() else _FIRST
    found = templates[start : start + most]
    answer: dict[str, Any] = {"data": [_described(each) for each in found]}
    if found:
        answer["paging"] = {"cursors": {"before": _cursor(start), "after": _cursor(start + len(found))}}
    return answer


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(_MARK + str(place).encode()).decode()


def _place(cursor: str) -> int | None:
    try:
        told = base64.urlsafe_b64decode(cursor)
    except (binascii.Error, ValueError):
        return None
    place = told.removeprefix(_MARK)
    return int(place) if told.startswith(_MARK) and place.isdigit() else None


def _described(template: KnownTemplate) -> dict[str, Any]:
    places = " ".join(f"{{{{{number}}}}}" for number in range(1, (template.parameters or 0) + 1))
    body = {"type": "BODY", "text": template.body or f"{template.name} {places}".rstrip()}
    return {
        "id": str(abs(hash((template.name, template.language)))),
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "parameter_format": "POSITIONAL",
        "components": list(template.components) or [body],
        "quality_score": {"score": template.quality, "date": 1790002000},
    }
