"""When did a number's last messages really leave, and when may the next one?

The slots of the store promise the pace (`rules/policy/pace.py`); this keeps it where a message leaves later than its
slot, since a machine is busy or a connection takes long to open. It counts at the socket, by a clock that never jumps.
"""

import asyncio
import time
from collections import deque

from rules.policy.pace import COEXISTENCE_PER_SECOND, MOST_PER_SECOND, WINDOW

WINDOW_S = WINDOW.total_seconds()
LATE_S = 0.015


class Departures:
    """The last messages of one number that this process let leave, `most` of them within a window."""

    def __init__(self, most: int = COEXISTENCE_PER_SECOND) -> None:
        """Begin with none; how many are too many may change with what is live."""
        self.most = most
        self._last: deque[float] = deque(maxlen=MOST_PER_SECOND)
        self._late_at = -WINDOW_S

    @property
    def opens_at(self) -> float:
        """The first moment at which one more does not make too many."""
        return self._last[-self.most] + WINDOW_S if len(self._last) >= self.most else 0.0

    @property
    def free_at(self) -> float:
        """The moment from which whoever knows only the slots knows enough: what left late is a window ago."""
        return self._late_at + WINDOW_S

    async def turn(self, slot: float, at_least: float) -> None:
        """Wait for a slot, and until one more is not too many; it counts as left when this returns.

        `at_least` is the earliest moment at which the slot may have been, since the clocks are two.
        """
        while (rest := max(slot, self.opens_at) - time.monotonic()) > 0:  # noqa: ASYNC110 - a moment, no event
            await asyncio.sleep(rest)
        self.left(time.monotonic(), at_least)

    def left(self, at: float, slot: float) -> None:
        """Count one that leaves at a moment, for which this was the slot."""
        self._last.append(at)
        if at > slot + LATE_S:
            self._late_at = at
