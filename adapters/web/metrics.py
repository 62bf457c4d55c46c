"""The page `/metrics`: the figures of the store as Prometheus reads them."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from litestar import Request, Response, get
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from redis.exceptions import RedisError

from adapters.records import pause_in, sync_in
from adapters.store.figures import BusinessFigures, NumberFigures
from adapters.web.webhook import Door

WITHIN_S = 2.0
BUSINESS = ["business"]
NUMBER = ["business", "number"]
ENDED = ["business", "end", "reason"]


@get("/metrics")
async def metrics(request: Request[None, None, Door]) -> Response[bytes]:
    """Return the figures of every business; a store that is away is one of them."""
    store = request.app.state.store
    try:
        async with asyncio.timeout(WITHIN_S):
            known = await store.businesses()
            businesses = await store.figures_of(known)
            strays = await store.counts()
    except (RedisError, OSError, TimeoutError):
        return _page(Exposition(up=False))
    # Hundreds of numbers take a tenth of a second to write down, and webhooks must not wait for that.
    exposition = Exposition(up=True, businesses=businesses, broken=len(known) - len(businesses), strays=strays)
    return await asyncio.to_thread(_page, exposition)


def _page(exposition: "Exposition") -> Response[bytes]:
    return Response(generate_latest(exposition), headers={"content-type": CONTENT_TYPE_LATEST})


class Exposition:
    """What there is to collect: `strays` are counts of what belongs to no business, `broken` businesses have none."""

    def __init__(
        self,
        *,
        up: bool,
        businesses: Sequence[BusinessFigures] = (),
        broken: int = 0,
        strays: dict[str, int] | None = None,
    ) -> None:
        """Take what was read."""
        self._broken = broken
        self._up = up
        self._businesses = businesses
        self._strays = strays or {}

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        yield GaugeMetricFamily("baton_store_up", "1 while the store answers.", value=int(self._up))
        if self._up:
            help_ = "Businesses with broken records, of which nothing else is told."
            yield GaugeMetricFamily("baton_businesses_broken", help_, value=self._broken)
            yield from self._waiting()
            yield from self._numbers()
            yield from self._counted()
            yield self._answers()

    def _waiting(self) -> Iterator[Metric]:
        for name, help_, value in (
            ("undecided_chats", "Chats with events that nobody has decided yet.", lambda each: each.undecided.size),
            ("undecided_oldest_seconds", "Age of the oldest of them.", lambda each: _seconds(each.undecided.oldest_ms)),
            ("messages_sending", "Messages and requests on their way.", lambda each: each.sending),
            ("messages_in_doubt", "Those of which nobody knows whether they arrived.", lambda each: each.doubt),
            ("messages_parked", "Those a person has to look at.", lambda each: each.parked.size),
            ("requests_waiting", "Requests of http steps that are still to be made.", lambda each: each.requests),
            ("conversions_waiting", "Conversions that are still to be told to Meta.", lambda each: each.conversions),
            ("files_waiting", "Files of messages that are still to be brought.", lambda each: each.files),
            ("files_kept_bytes", "What the files that are kept come to.", lambda each: each.file_bytes),
            ("timers", "Timers that are set.", lambda each: each.timers.size),
            ("timers_late_seconds", "How late the first timer is.", lambda each: _seconds(each.timers.oldest_ms)),
            ("quarantined", "What nobody could read, kept aside.", lambda each: each.quarantined),
            ("imports_waiting", "Bodies of a phone's past that are still to be imported.", lambda each: each.imports),
        ):
            gauge = GaugeMetricFamily(f"baton_{name}", help_, labels=BUSINESS)
            for each in self._businesses:
                gauge.add_metric([each.business], value(each))
            yield gauge

    def _numbers(self) -> Iterator[Metric]:
        for name, help_, value in (
            ("queued_messages", "Messages that have not ended.", lambda each: each.open.size),
            ("queued_oldest_seconds", "Age of the oldest of them.", lambda each: _seconds(each.open.oldest_ms)),
            ("left_last_second", "Messages that left within the last second.", lambda each: each.left),
            ("came_last_second", "Messages that came and count for the pace.", lambda each: each.came),
            ("pace_left", "How many more may leave in this second.", lambda each: each.pace_left),
            ("slowed_per_second", "The rate to which Meta slowed it, 0: it did not.", lambda each: each.slowed_to or 0),
            ("paused", "1 while Meta lets the number send nothing.", _is_paused),
            ("history_percent", "How much of the history of the app's chats has come.", _history),
        ):
            gauge = GaugeMetricFamily(f"baton_number_{name}", help_, labels=NUMBER)
            for business in self._businesses:
                for each in business.numbers:
                    gauge.add_metric([business.business, each.id], value(each))
            yield gauge

    def _counted(self) -> Iterator[Metric]:
        events = CounterMetricFamily("baton_events", "Events taken, and repeats.", labels=["business", "kind"])
        ended = CounterMetricFamily("baton_messages", "Messages by how they ended.", labels=["business", "end"])
        refused = CounterMetricFamily("baton_refused", "Those not sent, by why.", labels=ENDED)
        imported = CounterMetricFamily("baton_imported", "What phones told of their past.", labels=["business", "kind"])
        told = CounterMetricFamily("baton_conversions", "Conversions by how they ended, and why.", labels=ENDED)
        for each in self._businesses:
            for name, count in sorted(each.counts.items()):
                match name.split(".", 2):
                    case ["event", kind]:
                        events.add_metric([each.business, kind], count)
                    case ["imported", kind]:
                        imported.add_metric([each.business, kind], count)
                    case ["row", end]:
                        ended.add_metric([each.business, end], count)
                    case ["row", end, reason]:
                        refused.add_metric([each.business, end, reason], count)
                    case ["report", end, *reasons]:
                        told.add_metric([each.business, end, *(reasons or [""])], count)
        stray = CounterMetricFamily("baton_strays", "What came and belongs to no business.", labels=["kind"])
        for name, count in sorted(self._strays.items()):
            stray.add_metric([name], count)
        yield from (events, ended, refused, told, imported, stray)

    def _answers(self) -> Metric:
        help_ = "From the arrival of a message to the moment an answer left."
        found = HistogramMetricFamily("baton_answer_seconds", help_, labels=BUSINESS)
        for each in self._businesses:
            reached, buckets = 0, []
            for bound, count in each.left_after.within:
                reached += count
                buckets.append(("+Inf" if bound is None else f"{bound / 1000:g}", reached))
            found.add_metric([each.business], buckets, each.left_after.sum_ms / 1000)
        return found


def _seconds(age_ms: int | None) -> float:
    return max(0, age_ms or 0) / 1000


def _history(number: NumberFigures) -> int:
    return sync_in(number.sync).progress


def _is_paused(number: NumberFigures) -> int:
    return int(pause_in(number.state, datetime.now(UTC)) is not None)
