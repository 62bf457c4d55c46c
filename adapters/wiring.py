"""Build everything a process needs, once, and close it again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters.campaigns import Campaigns
from adapters.conversions import Reporter
from adapters.ends import Ends
from adapters.files import Files
from adapters.handle import Handler
from adapters.hosts import Hosts
from adapters.imports import Importer
from adapters.intake import Intake
from adapters.keeping import Keeper
from adapters.lists import lists_of
from adapters.live import Live
from adapters.outside import Outside
from adapters.perform import Lane
from adapters.replay import Replay
from adapters.rings import Rings
from adapters.settings import Settings
from adapters.shift import Shift
from adapters.spool import Spool
from adapters.store import Store
from adapters.tick import Tick
from adapters.watch import Watch
from adapters.whatsapp.client import GraphClient
from adapters.whatsapp.downloads import Downloads
from adapters.work import Errands

CALL_S = 5.0


class Parts:
    """The parts of one process, around one store."""

    def __init__(
        self, settings: Settings, store: Store, jobs: "redis.Redis", client: GraphClient, watch: Watch
    ) -> None:
        """Put them together; nothing is started."""
        self.settings = settings
        self.watch = watch
        self.store = store
        self.live = Live(store, lists_of(settings))
        self.rings = Rings(store, jobs)
        self.ends = Ends(store, settings.doubt_wait)
        self.handler = Handler(store, self.live, self.ends, self.rings, keeps_files=bool(settings.media_days))
        self.intake = Intake(store, self.live, self.handler, watch)
        self.spool = Spool(settings.spool) if settings.spool else None
        self.keeper = Keeper(self.intake, self.spool)
        self.replay = Replay(self.spool, self.intake, store) if self.spool else None
        self._client = client

    def tick(self) -> Tick:
        """Return the loop that picks up what others left."""
        campaigns = Campaigns(self.store, self.live, self.handler)
        return Tick(
            self.store,
            self.live,
            self.handler,
            self.ends,
            self.rings,
            campaigns,
            self.spool,
            self.watch,
            files_for=self.settings.media_days,
        )

    def shift(self) -> Shift:
        """Return a stretch of sending."""
        return Shift(self.store, self._lane, self.rings.ask_for_help)

    def errands(self) -> Errands:
        """Return a stretch of work that is no message."""
        outside = Outside(Hosts(self.settings.http_hosts), self.settings.http_secrets)
        files = Files(self.store, Downloads(self.settings.graph_url, self.settings.graph_version), self.settings)
        reporter = Reporter(self._client, self.settings)
        return Errands(self.store, self.live, self.ends, self.handler, outside, files, reporter)

    def importer(self) -> Importer:
        """Return a stretch of importing what phones told of their past."""
        return Importer(self.store, self.live, self.handler, keeps_files=bool(self.settings.media_days))

    def _lane(self, business: str, number: str, stopping: asyncio.Event) -> Lane:
        return Lane(
            business,
            number,
            store=self.store,
            live=self.live,
            ends=self.ends,
            handler=self.handler,
            client=self._client,
            token=self.settings.token,
            stopping=stopping,
            spool=self.spool,
        )


def connect(url: str, seconds: float | None = CALL_S, watch: Watch | None = None) -> "redis.asyncio.Redis":
    """Return a client of the store that never retries by itself: what is asked again carries its token.

    `seconds` are for each step of a call, none where the store's own limit of a call is enough. `watch` looks through
    each new connection.
    """
    return redis.asyncio.Redis.from_url(
        url,
        socket_timeout=seconds,
        socket_connect_timeout=CALL_S,
        retry=Retry(NoBackoff(), 0),
        redis_connect_func=watch.connected if watch else None,
    )


@asynccontextmanager
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """Build the parts of this process, and close their connections at the end."""
    url = settings.redis_url or ""
    watch = Watch(settings.store_id)
    connection, jobs = connect(url, seconds=None, watch=watch), redis.Redis.from_url(url)
    async with GraphClient(settings.graph_url, settings.graph_version) as client:
        try:
            built = Parts(settings, Store(connection), jobs, client, watch)
            async with watch.watching(built.store):
                yield built
            if built.spool:
                built.spool.close()
        finally:
            await connection.aclose()
            jobs.close()
