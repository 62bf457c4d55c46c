"""Did every row of a store move only as the table of legal moves says, from its first state to its last?

What a store holds now is looked at by `tests.dump`; this reads all that its server ever wrote, in its append-only file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.row import MOVES, RowState

SHORTEST = 4  # words of a command that sets a field


def illegal_moves(log: Path, business: str) -> Iterator[str]:
    """Go through all that a server wrote, and return each move of a row that the table does not know."""
    states: dict[bytes, RowState] = {}
    prefix = f"{business}:r:".encode()
    for command in commands(log.read_bytes()):
        if len(command) >= SHORTEST and command[0].upper() in {b"HSET", b"HMSET"} and command[1].startswith(prefix):
            fields: Mapping[bytes, bytes] = dict(zip(command[2::2], command[3::2], strict=True))
            if b"state" in fields:
                now = RowState(fields[b"state"].decode())
                before = states.get(command[1])
                if before is not None and now not in MOVES[before]:
                    yield f"{command[1].decode()} went from {before} to {now}"
                states[command[1]] = now


def commands(raw: bytes) -> Iterator[list[bytes]]:
    """Read the commands of an append-only file; a torn tail ends it."""
    at = 0
    while at < len(raw):
        line, at = _line(raw, at)
        if line.startswith(b"#"):
            continue
        if not line.startswith(b"*"):
            return
        words = []
        for _ in range(int(line[1:])):
            size, at = _line(raw, at)
            if not size.startswith(b"$"):
                return
            words.append(raw[at : at + int(size[1:])])
            at += int(size[1:]) + 2
        yield words


def _line(raw: bytes, at: int) -> tuple[bytes, int]:
    end = raw.find(b"\r\n", at)
    return (raw[at:end], end + 2) if end >= 0 else (b"", len(raw))
