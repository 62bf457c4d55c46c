"""Does a piece of data speak of a person?

They are found by what nobody else is called: phone numbers, user ids, ids of ours and of messages; never by a name.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec


class Mentions:
    """Finds a person's ids in data of any kind."""

    def __init__(self, words: Iterable[str]) -> None:
        """Look for these words; digits only where no other digit stands beside them."""
        parts = sorted({_part(word) for word in words if word})
        self._pattern = re.compile("|".join(parts).encode()) if parts else None

    def are_in(self, data: bytes) -> bool:
        """Tell whether any of the words is in there."""
        return self._pattern is not None and self._pattern.search(data) is not None

    def among(self, entries: Sequence[bytes]) -> list[bytes]:
        """Return the entries that speak of them."""
        return [each for each in entries if self.are_in(each)]

    def parts(self, data: bytes) -> list[Any]:
        """Return of JSON only what speaks of them: items of its lists, or all of it; nothing of what is no JSON."""
        try:
            return list(self._parts(msgspec.json.decode(data)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return []

    def left_out(self, data: bytes) -> bytes | None:
        """Return JSON without the items of its lists that speak of them; nothing if nothing would be left."""
        try:
            rest = self._rest(msgspec.json.decode(data))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return None if rest is None else msgspec.json.encode(rest)

    def _parts(self, value: Any) -> Iterator[Any]:
        if isinstance(value, list | dict) and self._rest(value) is not None:
            for each in value if isinstance(value, list) else value.values():
                yield from self._parts(each)
        elif self._rest(value) is None and value is not None:
            yield value

    def _rest(self, value: Any) -> Any:
        match value:
            case list():
                return [rest for each in value if (rest := self._rest(each)) is not None]
            case dict():
                found = {name: self._rest(each) for name, each in value.items()}
                return None if any(found[name] is None and value[name] is not None for name in value) else found
            case None:
                return None
            case _:
                return None if self.are_in(str(value).encode()) else value


def _part(word: str) -> str:
    found = re.escape(word)
    return f"(?<![0-9]){found}(?![0-9])" if word.isascii() and word.isdigit() else found
