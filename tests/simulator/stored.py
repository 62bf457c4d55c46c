"""How do processes reach a real Valkey over a network that loses and delays, by the simulator's clock?

`Server` runs commands on a real server, one at a time, and is told what every script did. It gives the scripts the
simulator's clock: the production scripts know only `redis.call`, and here that is a function that answers `TIME` from
a key and lets keys with a life of milliseconds end by it. A planted bug is another text of a script, which only this
server knows. `Network` is what `redis.asyncio` calls a connection pool, one for each process.
"""

import asyncio
import random
import re
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import hiredis  # noqa: TID251 - a peer of the store's door speaks as it does
from msgspec import Struct
from redis.exceptions import ConnectionError as Away
from redis.exceptions import NoScriptError, ResponseError

from adapters.store import scripts
from tests.simulator.loop import PROCESS, Loop, Process

EPOCH_MS = 1_790_000_000_000
SCRIPTS = Path(scripts.__file__).parent
NAMES = sorted(each.stem for each in SCRIPTS.glob("*.lua"))

PRELUDE = """
local redis = (function(server)
  local now = tonumber(server.call('GET', 'sim:now'))
  for _, key in ipairs(server.call('ZRANGEBYSCORE', 'sim:ends', '-inf', now)) do
    server.call('DEL', key)
    server.call('ZREM', 'sim:ends', key)
  end
  local function call(command, key, ...)
    if command == 'TIME' then return {math.floor(now / 1000), now % 1000 * 1000} end
    if command == 'PTTL' then return math.max(-1, (server.call('ZSCORE', 'sim:ends', key) or now - 1) - now) end
    if command == 'PEXPIRE' then return server.call('ZADD', 'sim:ends', now + ..., key) end
    local words = {...}
    for i, word in ipairs(command == 'SET' and words or {}) do
      if word == 'PX' then
        local ends = now + table.remove(words, i + 1)
        table.remove(words, i)
        local done = server.call('SET', key, unpack(words))
        if done then server.call('ZADD', 'sim:ends', ends, key) end
        return done
      end
    end
    return server.call(command, key, ...)
  end
  return setmetatable({call = call}, {__index = server})
end)(redis)
"""
"""What makes the clock of a script the simulator's."""

Patch = tuple[str, str, str]
"""A script's name (or a part's), what it says, and what it says with a bug planted; all of a kind are replaced."""


class Call(Struct, frozen=True):
    """A script that ran: what it was given, what it answered, for whom, as the how many-th and when."""

    script: str
    key: str
    arguments: list[bytes]
    answer: Any
    process: Process | None
    place: int
    at_ms: int


class Server:
    """One real server, as the world of one seed sees it."""

    def __init__(self, path: str, patches: tuple[Patch, ...] = ()) -> None:
        """Connect, and get the scripts across, with bugs where any are planted."""
        self.line = socket.socket(socket.AF_UNIX)
        self.line.connect(path)
        self._reader = hiredis.Reader()
        self.run(b"HELLO", b"3")  # as redis-py does
        texts = {name: scripts.load(name).text for name in NAMES}
        bounded = scripts.bounded(scripts.load("ingest"))
        self._known: dict[bytes, tuple[str, bytes]] = {}
        for name, text, sha in [
            *((name, text, scripts.load(name).sha) for name, text in texts.items()),
            ("ingest", bounded.text, bounded.sha),
        ]:
            loaded = self.run(b"SCRIPT", b"LOAD", self._changed(name, text, patches).encode())
            self._known[sha.encode()] = self._known[text.encode()] = (name, loaded)
        self.told: Callable[[Call], None] = lambda _: None
        self.calls = 0
        self.now_ms = 0
        self.rung: list[asyncio.Future[None]] = []

    @staticmethod
    def _changed(name: str, text: str, patches: tuple[Patch, ...]) -> str:
        for where, old, new in patches:
            part = (SCRIPTS / "parts" / f"{where}.lua").exists() and f"{where}" in _parts_of(name)
            if where == name or part:
                if old not in text:
                    raise ValueError(f"`{where}` does not say {old!r} any more: plant the bug anew.")
                text = text.replace(old, new)
        first, rest = text.split("\n", 1)
        return f"{first}\n{PRELUDE}{rest}"

    def empty(self) -> None:
        """Forget everything but the scripts."""
        self.run(b"FLUSHDB")
        self.calls = 0

    def run(self, *words: bytes) -> Any:
        """Run a command of the simulator's own."""
        return self._exchange([words])[0]

    def execute(self, commands: list[list[bytes]], process: Process | None, now_s: float) -> list[Any]:
        """Run commands that came over a connection, and tell what scripts did."""
        self.now_ms = EPOCH_MS + int(now_s * 1000)
        sent = [(b"SET", b"sim:now", b"%d" % self.now_ms), *(self._translated(words) for words in commands)]
        answers = self._exchange(sent)[1:]
        for words, answer in zip(commands, answers, strict=True):
            if words[0] in {b"EVALSHA", b"EVAL"} and not isinstance(answer, Exception):
                self.calls += 1
                name = self._known[words[1]][0]
                if name == "ring":
                    self._wake()
                self.told(Call(name, words[3].decode(), words[4:], answer, process, self.calls, self.now_ms))
        return answers

    def _wake(self) -> None:
        """Let those look again who wait for something to be pushed."""
        waiting, self.rung[:] = list(self.rung), []
        for each in waiting:
            _succeed(each, None)

    def _translated(self, words: list[bytes]) -> tuple[bytes, ...]:
        if words[0] in {b"EVALSHA", b"EVAL"}:
            return (b"EVALSHA", self._known[words[1]][1], *words[2:])
        return tuple(words)

    def _exchange(self, commands: list[tuple[bytes, ...]]) -> list[Any]:
        self.line.sendall(b"".join(hiredis.pack_command(words) for words in commands))  # type: ignore[arg-type]  # its types know tuples of one only
        answers: list[Any] = []
        while len(answers) < len(commands):
            answer = self._reader.gets()
            if answer is False:
                self._reader.feed(self.line.recv(1 << 20))
            else:
                answers.append(ResponseError(str(answer)) if isinstance(answer, hiredis.ReplyError) else answer)
        return answers


def script_of(where: str) -> str:
    """Return the text of a script, or of a part of scripts."""
    [found] = [path for path in (SCRIPTS / f"{where}.lua", SCRIPTS / "parts" / f"{where}.lua") if path.exists()]
    return found.read_text("utf-8")


def can_be_planted(patch: Patch) -> bool:
    """Tell whether a script still says what a patch replaces."""
    where, old, _ = patch
    return old in script_of(where)


def _parts_of(name: str) -> list[str]:
    found = re.search(r"^-- with ([\w, ]+)$", (SCRIPTS / f"{name}.lua").read_text("utf-8"), re.MULTILINE)
    return found[1].split(", ") if found else []


class Weather(Struct, kw_only=True):
    """How bad the network to the store is: chances for each trip, and how long one takes."""

    slowness_s: float = 0.0005
    lost_before: float = 0.0
    lost_after: float = 0.0
    stalls: float = 0.0
    forgets: float = 0.0


class Network:
    """What a process has in place of a client of `redis.asyncio`: the client, its pool, and each connection."""

    def __init__(self, server: Server, loop: Loop, chance: random.Random, weather: Weather) -> None:
        """Connect nothing yet."""
        self.server = server
        self.loop = loop
        self.chance = chance
        self.weather = weather
        self.connection_pool = self

    async def get_connection(self) -> "Connection":
        """Give a connection."""
        return Connection(self)

    async def release(self, connection: "Connection") -> None:
        """Take a connection back."""

    def trip(self, commands: list[list[bytes]]) -> "asyncio.Future[list[Any]]":
        """Send commands on their way: they run whatever becomes of the sender, unless they are lost."""
        done: asyncio.Future[list[Any]] = self.loop.create_future()
        process, weather, chance = PROCESS.get(), self.weather, self.chance
        there, back = self._takes(), self._takes()
        if chance.random() < weather.stalls:
            there, back = chance.choice(((chance.uniform(1, 8), back), (there, chance.uniform(1, 8))))
        if chance.random() < weather.lost_before:
            self.loop.world(there, _fail, done)
            return done
        lost_after = chance.random() < weather.lost_after
        forgets = chance.random() < weather.forgets and commands[0][0] == b"EVALSHA"

        def arrive() -> None:
            if forgets:
                answers: list[Any] = [NoScriptError("NOSCRIPT")] * len(commands)
            else:
                answers = self.server.execute(commands, process, self.loop.now)
            self.loop.world(back, *((_fail, done) if lost_after else (_succeed, done, answers)))

        self.loop.world(there, arrive)
        return done

    def _takes(self) -> float:
        return self.chance.expovariate(1 / self.weather.slowness_s)


class Connection:
    """One connection, with the words of it that our calls use."""

    def __init__(self, network: Network) -> None:
        """Carry nothing yet."""
        self._network = network
        self._sent: list[list[bytes]] = []
        self._answers: list[Any] | None = None

    async def send_packed_command(self, packed: bytes) -> None:
        """Take commands as they travel."""
        reader = hiredis.Reader()
        reader.feed(packed)
        while (words := reader.gets()) is not False:
            self._sent.append(words)
        self._answers = None

    async def send_command(self, word: str, *words: object) -> None:
        """Take one command."""
        self._sent, self._answers = [[word.encode(), *(str(each).encode() for each in words)]], None

    async def read_response(self, timeout: float = 0) -> Any:  # noqa: ASYNC109, ARG002 - redis-py's name for it
        """Return the answer to the next command."""
        if self._answers is None:
            sent, self._sent = self._sent, []
            if sent[0][0] == b"BLPOP":
                return await self._popped(sent[0])
            self._answers = await self._network.trip(sent)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def disconnect(self, *, nowait: bool = False) -> None:  # noqa: ARG002 - redis-py's name for it
        """Forget what was asked."""
        self._sent, self._answers = [], None

    async def _popped(self, words: list[bytes]) -> Any:
        loop, name = self._network.loop, words[1]
        ends_at = loop.now + float(words[2])
        while True:
            [found] = await self._network.trip([[b"LPOP", name]])
            if found is not None or loop.now >= ends_at:
                return None if found is None else [name, found]
            bell = loop.create_future()
            self._network.server.rung.append(bell)
            timer = loop.call_at(ends_at, _succeed, bell, None)
            await bell
            timer.cancel()


def _fail(done: "asyncio.Future[Any]") -> None:
    if not done.done():
        done.set_exception(Away("Connection lost"))


def _succeed(done: "asyncio.Future[Any]", answer: Any) -> None:
    if not done.done():
        done.set_result(answer)


def fields_of(flat: list[bytes]) -> Mapping[str, bytes]:
    """Return the fields of a hash that the server told as a list."""
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}
