"""Where do webhooks wait on this machine's disk while the store is away?

The theory. A spool is a folder of segments: files that only grow, then are removed whole. Each process appends to its
own: bodies with an echo to `<name>.echoes`, bodies with anything else to `<name>.events`, a body with both to both, so
that echoes can be read first, and that anybody sees by the names whether any wait. A record is the length of the body,
a checksum, when it came, and the body. It is synced before it is acknowledged; so what a killed process or a power cut
left unfinished at the end of a segment was acknowledged by nobody, and is passed over.

Whoever appends shares the folder's lock; whoever removes segments has it alone, so that nothing is appended to what is
being removed. Locks and files are the kernel's: whichever process dies, another one reads on.
"""

import asyncio
import errno
import fcntl
import hashlib
import os
import secrets
import stat
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

MOST = 256 * 1024 * 1024
"""How many bytes a spool holds; one body more is refused, so that Meta keeps it."""
LONGEST_BODY = 4 * 1024 * 1024
ECHOES, EVENTS = ".echoes", ".events"
APPENDS_AT_ONCE = 8

_HEAD = struct.Struct(">I16sQ")
_LOCK, _READERS_LOCK = "spool.lock", "replay.lock"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class SpoolFailure(Exception):  # noqa: N818 - the word for a person
    """The folder cannot be a spool, as one sentence that says why and what to do."""


class SpoolFull(Exception):  # noqa: N818 - it says what is the matter
    """The spool holds all it may."""


class Record(Struct, frozen=True):
    """A body that was signed by Meta, and when it came."""

    arrived_at: datetime
    body: bytes


class Spool:
    """One process's way to the spool that all web processes of a machine share."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        """Use a folder that only this user may enter; raises `SpoolFailure` if it cannot be used."""
        self._folder = folder
        self._most = most
        self._name = secrets.token_hex(8)
        self._writing = threading.Lock()
        self._open: dict[str, int] = {}
        # Threads of its own: those that wait for the lock must not keep others from the loop's.
        self._threads = ThreadPoolExecutor(APPENDS_AT_ONCE, "spool")
        _make_private(folder)

    def is_empty(self) -> bool:
        """Tell whether nothing waits, of any process."""
        return not any(name.endswith((ECHOES, EVENTS)) for name in os.listdir(self._folder))  # noqa: PTH208 - names only

    def holds_echoes(self) -> bool:
        """Tell whether the owner may have answered somewhere without the store knowing it."""
        return any(name.endswith(ECHOES) for name in os.listdir(self._folder))  # noqa: PTH208 - as above

    def has_room(self) -> bool:
        """Tell whether another body might be kept."""
        return self._size() < self._most

    def segments(self, kind: str) -> list[Path]:
        """Return the segments of a kind."""
        return sorted(self._folder.glob(f"*{kind}"))

    async def add(self, record: Record, kinds: tuple[str, ...]) -> None:
        """Keep a body; it is on disk when this returns. Raises `SpoolFull`, or `OSError` when the disk cannot."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._add, record, kinds)

    async def add_behind(self, record: Record, kinds: tuple[str, ...]) -> bool:
        """Keep a body behind others; false if none waits any more, and it should go straight to the store."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._add_behind, record, kinds)

    @contextmanager
    def reading(self) -> Iterator[bool]:
        """Tell whether this process is the one that reads, until the end of the block."""
        with _locked(self._folder / _READERS_LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB) as mine:
            yield mine

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Let nobody append until the end of the block."""
        lock = _locked(self._folder / _LOCK, fcntl.LOCK_EX)
        await asyncio.to_thread(lock.__enter__)
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def remove(self, kind: str) -> None:
        """Remove the segments of a kind; only while it is closed, and when all that is in them is in the store."""
        for segment in self.segments(kind):
            segment.unlink()
        _sync(self._folder)

    def close(self) -> None:
        """Close this process's files; what is in them stays."""
        self._threads.shutdown()
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def _add_behind(self, record: Record, kinds: tuple[str, ...]) -> bool:
        with _locked(self._folder / _LOCK, fcntl.LOCK_SH):
            if self.is_empty():
                return False
            self._append(record, kinds)
            return True

    def _add(self, record: Record, kinds: tuple[str, ...]) -> None:
        with _locked(self._folder / _LOCK, fcntl.LOCK_SH):
            self._append(record, kinds)

    def _append(self, record: Record, kinds: tuple[str, ...]) -> None:
        written = _packed(record)
        if self._size() + len(kinds) * len(written) > self._most:
            raise SpoolFull
        for kind in kinds:
            with self._writing:
                descriptor = self._segment(kind)
                self._write(kind, descriptor, written)
            os.fsync(descriptor)

    def _write(self, kind: str, descriptor: int, written: bytes) -> None:
        """Append all or nothing; where even that fails, the segment gets no more, so that nothing stands behind it."""
        end = os.lseek(descriptor, 0, os.SEEK_END)
        try:
            _write_all(descriptor, written)
        except OSError:
            try:
                os.ftruncate(descriptor, end)
            except OSError:
                os.close(self._open.pop(kind))
            raise

    def _segment(self, kind: str) -> int:
        """Return this process's open segment of a kind, a new one if it was removed."""
        descriptor = self._open.get(kind)
        if descriptor is not None and os.fstat(descriptor).st_nlink:
            return descriptor
        if descriptor is not None:
            os.close(descriptor)
        path = self._folder / f"{self._name}{secrets.token_hex(4)}{kind}"
        self._open[kind] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        _sync(self._folder)
        return self._open[kind]

    def _size(self) -> int:
        return sum(map(_size_of, os.scandir(self._folder)))


def _size_of(entry: "os.DirEntry[str]") -> int:
    """Return how large a file is; one that was just removed is nothing."""
    try:
        return entry.stat().st_size
    except FileNotFoundError:
        return 0


def read_from(segment: Path, start: int) -> Iterator[tuple[Record, int]]:
    """Yield the records of a segment from a place on, each with where it ends, up to one that is not whole."""
    with segment.open("rb") as file:
        file.seek(start)
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, checksum, at = _HEAD.unpack(head)
            body = file.read(length) if length <= LONGEST_BODY else b""
            if len(body) != length or _checksum(at, body) != checksum:
                return
            yield Record(_EPOCH + at * _MILLISECOND, body), file.tell()


def _write_all(descriptor: int, written: bytes) -> None:
    if os.write(descriptor, written) < len(written):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _packed(record: Record) -> bytes:
    at = (record.arrived_at - _EPOCH) // _MILLISECOND
    return _HEAD.pack(len(record.body), _checksum(at, record.body), at) + record.body


def _checksum(at: int, body: bytes) -> bytes:
    return hashlib.blake2b(b"%d " % at + body, digest_size=16).digest()


@contextmanager
def _locked(path: Path, how: int) -> Iterator[bool]:
    """Hold a lock, which ends with the process however that ends; false if it is somebody else's and we do not wait."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        held = False
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, how)
            held = True
        yield held
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    """Let the names in a folder be on disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        usable = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
    except OSError as problem:
        raise SpoolFailure(
            f"`BATON_SPOOL` names `{folder}`, which cannot be used: {problem.strerror}. Choose another folder."
        ) from problem
    if not usable or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise SpoolFailure(
            f"`BATON_SPOOL` names `{folder}`, which should be a folder that only this user may enter: chmod 700 it."
        )
