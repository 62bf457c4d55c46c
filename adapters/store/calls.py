"""How is the store called?

A round trip costs redis.asyncio three times as much CPU as another command in it. So while a few are under way,
commands that come later wait and then go together.
"""

import asyncio
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from hiredis import pack_command
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError, ResponseError

from adapters.store.scripts import Script

Argument = str | bytes | int

TRIPS_AT_ONCE = 4
CALL_S = 5.0
GRACE_S = 1.0


class Asked(NamedTuple):
    """A command, and who waits for its answer."""

    words: Sequence[Argument]
    answer: "asyncio.Future[Any]"


def blames_a_record(error: BaseException) -> bool:
    """Tell whether the store refused one call for what some record of it holds: others would be answered.

    A store that is full, busy, still loading or a replica says so with a word of its own.
    """
    if type(error) is not ResponseError:  # redis-py has a kind of its own for most of those words
        return False
    first = str(error).partition(" ")[0]
    return not first.isupper() or first == "WRONGTYPE"


def counted(items: Sequence[Argument]) -> list[Argument]:
    """Return a list the way the scripts read one: its length, then its items."""
    return [len(items), *items]


def text(value: bytes | None) -> str:
    """Return what the store keeps as bytes as text; nothing becomes the empty text."""
    return value.decode() if value else ""


def texts(values: Sequence[bytes]) -> tuple[str, ...]:
    """Return a list of bytes as texts."""
    return tuple(value.decode() for value in values)


def number(value: bytes | None) -> int:
    """Return what the store keeps as digits as a number; nothing becomes 0."""
    return int(value) if value else 0


class Calls:
    """A client of the store, and how it runs scripts and commands.

    The client must not decode responses, and its retries are the caller's choice: every script may be asked
    again with the same arguments.
    """

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._waiting: list[Asked] = []
        self._trips = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def command(self, *words: Argument) -> Any:
        """Run one command."""
        asked = Asked(words, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._trips < TRIPS_AT_ONCE:
            self._trips += 1
            task = asyncio.get_running_loop().create_task(self._carry())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await asked.answer

    async def commands(self, *commands: tuple[Argument, ...]) -> list[Any]:
        """Run several commands in one round trip; the first that fails raises."""
        answers = await self._pipelined(commands) if commands else []
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    async def call(self, script: Script, key: str, *arguments: Argument) -> Any:
        """Run a script, sending its text where the store does not know it (any more)."""
        try:
            return await self.command("EVALSHA", script.sha, 1, key, *arguments)
        except NoScriptError:
            return await self.command("EVAL", script.text, 1, key, *arguments)

    async def call_each(self, script: Script, key: str, calls: Sequence[Sequence[Argument]]) -> list[Any]:
        """Run a script several times, in one round trip where the store knows it."""
        if len(calls) == 1:
            return [await self.call(script, key, *calls[0])]
        answers = await self._pipelined([("EVALSHA", script.sha, 1, key, *arguments) for arguments in calls])
        for place, answer in enumerate(answers):
            if isinstance(answer, NoScriptError):
                answers[place] = await self.call(script, key, *calls[place])
            elif isinstance(answer, Exception):
                raise answer
        return answers

    async def popped(self, word: str, name: str, seconds: float) -> Any:
        """Wait until there is something to pop; nothing if there was not, or if the store stalled."""
        pool = self.client.connection_pool
        connection = await pool.get_connection()
        try:
            await connection.send_command(word, name, seconds)
            # Our own time limit: the socket's may be shorter than the wait, and redis-py's would leave the answer to
            # whoever uses the connection next.
            async with asyncio.timeout(seconds + GRACE_S):
                return await connection.read_response(timeout=math.inf)
        except TimeoutError:
            await connection.disconnect(nowait=True)
            return None
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)

    async def _carry(self) -> None:
        """Carry commands to the store until none waits."""
        try:
            while self._waiting:
                group = [asked for asked in self._waiting if not asked.answer.done()]  # the others gave up
                self._waiting.clear()
                await self._answer(group)
        finally:
            self._trips -= 1

    async def _answer(self, group: Sequence[Asked]) -> None:
        try:
            answers = await self._pipelined([asked.words for asked in group])
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            answers = [error] * len(group)
        for asked, answer in zip(group, answers, strict=True):
            if asked.answer.done():
                continue
            if isinstance(answer, Exception):
                asked.answer.set_exception(answer)
            else:
                asked.answer.set_result(answer)

    async def _pipelined(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        # A pipeline of redis.asyncio packs in Python, and starts a task and a timer for each step.
        pool = self.client.connection_pool
        connection = await pool.get_connection()
        try:
            async with asyncio.timeout(CALL_S):
                await connection.send_packed_command(b"".join(map(_packed, commands)))
                return [await _answer(connection) for _ in commands]
        except BaseException:  # answers that still come must not be taken for those to the next command
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)


def _packed(command: Sequence[Argument]) -> bytes:
    packed: bytes = pack_command(tuple(command))  # type: ignore[arg-type]  # its types know tuples of one only
    return packed


async def _answer(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error
