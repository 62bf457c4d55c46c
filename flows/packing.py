"""How do steps become data, and data steps again, each of its kind?"""

from typing import Any

import msgspec

from flows.kinds import kinds
from flows.step import Steps


def encode(value: Any) -> Any:
    """Turn steps into data that MessagePack takes."""
    if isinstance(value, Steps):
        return list(value.items)
    raise NotImplementedError(type(value).__name__)


def decode(wanted: type[Any], value: Any) -> Any:
    """Make steps of data again, each of its kind."""
    if wanted is Steps:
        return Steps(tuple(msgspec.convert(each, kinds()[each["kind"]], dec_hook=decode) for each in value))
    raise NotImplementedError(wanted.__name__)
