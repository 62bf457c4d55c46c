"""Which fields has a struct, by the words that authors write?"""

from functools import cache
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo

OURS = ("place", "attached")  # fields that authors do not write


@cache
def fields_of(kind: type[Struct]) -> dict[str, FieldInfo]:
    """List the fields that authors may write in a struct, by the word they write."""
    return {each.encode_name: each for each in msgspec.structs.fields(kind) if each.name not in OURS}


@cache
def hints_of(kind: type[Struct]) -> dict[str, Any]:
    """Find the types of a struct's fields, with what stands beside them."""
    return get_type_hints(kind, include_extras=True)


def known_fields(kind: type[Struct]) -> tuple[str, ...]:
    """Name the fields of a struct."""
    return tuple(fields_of(kind))
