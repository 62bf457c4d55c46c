"""How do many processes run in one, on a clock of their own, and die at any await?

An event loop that never waits: when nothing is ready, its clock jumps to what is due next. What a coroutine schedules
belongs to the process it runs for, which is kept in a context variable. A process that was killed is never resumed:
no `except` and no `finally` of it runs, exactly as after SIGKILL. One that was stopped goes on later.
"""

import asyncio
import heapq
import itertools
import time
import warnings
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context, ContextVar, copy_context
from typing import Any

STEP_S = 0.00002  # what a step of a coroutine takes
SOON_S = 0.000001  # no wait is shorter, or the clock would stand still for it
STEPS_MOST = 3_000_000


class Process:
    """What lives and dies together; `dies_at` is the step before which it is killed."""

    def __init__(self, name: str) -> None:
        """Alive, with nothing done yet."""
        self.name = name
        self.steps = 0
        self.dies_at = 0
        self.dead = False
        self.stopped_until = 0.0
        self.on_death: list[Callable[[], None]] = []
        self.tasks: list[asyncio.Task[Any]] = []

    def kill(self) -> None:
        """Never resume anything of it."""
        if not self.dead:
            self.dead = True
            for told in self.on_death:
                told()


PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)


class Loop(asyncio.AbstractEventLoop):
    """Just what coroutines, timeouts and tasks need; no files, no threads, no signals."""

    def __init__(self) -> None:
        """Begin at a moment that no clock of ours begins at."""
        self.now = 1_000.0
        self.steps = 0
        self.kills: list[tuple[str, str]] = []
        self.troubles: list[BaseException | str] = []
        self._broken: BaseException | None = None
        self._ready: deque[asyncio.Handle] = deque()
        self._later: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._count = itertools.count()

    def time(self) -> float:
        """Return the moment by the clock of this loop."""
        return self.now

    def get_debug(self) -> bool:
        """Say no."""
        return False

    def is_running(self) -> bool:
        """Say yes."""
        return True

    def is_closed(self) -> bool:
        """Say no."""
        return False

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> asyncio.Handle:  # type: ignore[override]  # as asyncio's own, without a promise of types
        """Run something in its turn."""
        handle = asyncio.Handle(callback, args, self, copy_context() if context is None else context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]  # there is one thread

    def call_later(  # type: ignore[override]  # as above
        self, delay: float, callback: Any, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run something after a while."""
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]  # as above
        self, when: float, callback: Any, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run something at a moment."""
        when = max(when, self.now + SOON_S)
        handle = asyncio.TimerHandle(when, callback, args, self, copy_context() if context is None else context)
        heapq.heappush(self._later, (when, next(self._count), handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Leave it in the heap: it is skipped when it comes up."""

    def create_future(self) -> "asyncio.Future[Any]":
        """Make a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: Context | None = None) -> Any:
        """Make a task, which belongs to the process that makes it."""
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        process = (copy_context() if context is None else context).get(PROCESS)
        if process is not None:
            process.tasks.append(task)
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Note what nobody caught; a mistake of the simulator itself ends it."""
        handle = context.get("handle")
        if handle is not None and handle._context.get(PROCESS) is None:  # as above
            self._broken = context.get("exception")
        self.troubles.append(context.get("exception") or str(context.get("message")))

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Do the same."""
        self.call_exception_handler(context)

    def begin(self, process: Process | None, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Start something in a process, or in the world around them."""
        context = copy_context()
        context.run(PROCESS.set, process)
        return context.run(self.create_task, work, context=context)

    def world(self, delay: float, callback: Callable[..., object], *args: Any) -> None:
        """Do something in the world around the processes, after a while."""
        self.call_later(delay, callback, *args, context=_WORLD)

    def run_until(self, is_over: Callable[[], bool]) -> None:
        """Run until something holds, which is asked whenever the world did something."""
        with _running(self):
            while (handle := self._next()) is not None:
                self.now += STEP_S
                self.steps += 1
                if self._may_run(handle):
                    handle._run()  # what runs handles is the loop
                if self._broken is not None:
                    raise self._broken
                if self.steps % 64 == 0 and is_over():
                    return
                if self.steps > STEPS_MOST:
                    raise RuntimeError("It never ends.")

    def _next(self) -> asyncio.Handle | None:
        while True:
            while self._later and (self._later[0][0] <= self.now or not self._ready):
                when, _, timer = heapq.heappop(self._later)
                if not timer.cancelled():
                    self.now = max(self.now, when)
                    self._ready.append(timer)
            if not self._ready:
                return None
            handle = self._ready.popleft()
            if not handle.cancelled():
                return handle

    def _may_run(self, handle: asyncio.Handle) -> bool:
        process = handle._context.get(PROCESS)  # type: ignore[attr-defined]  # as above
        if process is None:
            return True
        if process.dead:
            return False
        if process.stopped_until > self.now:
            self.call_at(process.stopped_until, self._ready.append, handle, context=_WORLD)
            return False
        process.steps += 1
        if process.steps == process.dies_at:
            self.kills.append((process.name, _place(handle)))
            process.kill()
            return False
        return True


_WORLD = Context()


@contextmanager
def _running(loop: Loop) -> Iterator[None]:
    asyncio._set_running_loop(loop)  # documented for those who write loops
    kept = time.monotonic
    time.monotonic = lambda: loop.now
    try:
        yield
    finally:
        time.monotonic = kept
        asyncio._set_running_loop(None)  # as above


def bury(process: Process) -> None:
    """Let go of what a dead process was doing; what its `finally` would still do reaches nobody."""
    for task in process.tasks:
        if not task.done():
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # it is meant to be pending
            coroutine = task.get_coro()
            for _ in range(20):
                with suppress(BaseException), warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # what it had made and not begun is let go of as well
                    coroutine.close()
                    break
    process.tasks.clear()


def _place(handle: asyncio.Handle) -> str:
    """Name the innermost function that would have gone on."""
    task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]  # to tell people
    coroutine: Any = task.get_coro() if isinstance(task, asyncio.Task) else None
    names = []
    while coroutine is not None and hasattr(coroutine, "cr_code"):
        names.append(coroutine.cr_code.co_qualname)
        coroutine = coroutine.cr_await
    return names[-1] if names else "a callback"
