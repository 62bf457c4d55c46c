"""The command `doctor`: what is wrong, and what is to be done about it?"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

import redis
import rich_click as click
from msgspec import json
from msgspec.structs import replace

from adapters import logs, unreached
from adapters.doctor import environment, live, meta, numbers, processes, stored
from adapters.doctor.findings import Finding, Level, wrong
from adapters.doctor.scene import Scene
from adapters.embedded import EmbeddedStore, EmbeddedStoreFailure
from adapters.operating import BUSINESS, FAILURES
from adapters.settings import Settings
from adapters.store import Store
from adapters.terminal import harmless_json, show
from adapters.wiring import connect

T = TypeVar("T")

SIGNS: Final = {Level.FINE: "✓", Level.WARNING: "!", Level.WRONG: "✗"}
ADDRESS: Final = "BATON_REDIS_URL"
INDENT: Final = "    "
CHECK_S: Final = 30.0
OF_THE_MACHINE: Final = {"countries": environment.lists, "prices": environment.prices, "spool": environment.spool}
OF_THE_STORE: Final = {
    "store": (stored.durable, stored.private, stored.marks),
    "clock": (stored.clock,),
    "live": (live.versions,),
    "folder": (live.folder,),
    "secrets": (live.secrets,),
    "countries": (live.lists,),
    "processes": (processes.running,),
    "queue": (processes.waiting,),
    "templates": (live.templates,),
    "number": (numbers.sending,),
    "webhooks": (numbers.hearing,),
    "phone": (numbers.phone,),
}
OF_META: Final = {"token": (meta.tokens,), "subscription": (meta.subscriptions,)}


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@BUSINESS
@click.option("--offline", is_flag=True, help="Ask Meta nothing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)
def doctor(folder: Path | None, business: str | None, form: str, *, offline: bool) -> None:
    """Check all that can be wrong, a line each, and say what to do; ends with 1 if anything is.

    Settings, store, clock, what is live, secrets, processes, what waits, templates, webhooks, the phone, and whether
    Meta takes the tokens. With FOLDER also whether that is what is live. Nothing is changed, and no secret is shown.
    """
    logs.configure()
    found = asyncio.run(_examined(folder, business, offline=offline))
    if form == "json":
        click.echo(harmless_json(json.encode({"findings": found}).decode()))
    else:
        for each in found:
            _show(each)
    raise SystemExit(int(any(each.level is Level.WRONG for each in found)))


def _show(finding: Finding) -> None:
    show(f"{SIGNS[finding.level]} {finding.about}: {finding.words}")
    if finding.advice:
        show(f"{INDENT}{finding.advice}")


async def _examined(folder: Path | None, business: str | None, *, offline: bool) -> list[Finding]:
    settings, found = environment.settings_of(os.environ)
    for about, check in OF_THE_MACHINE.items():
        found += await _alone(about, check, settings)
    if settings.redis_url is None and os.environ.get(ADDRESS):
        return [*found, wrong("store", "cannot be looked at without its address", f"Correct `{ADDRESS}`.")]
    try:
        async with _opened(settings) as scene:
            found += await _in_the_store(replace(scene, folder=folder, wanted=business), offline=offline)
    except EmbeddedStoreFailure as failure:
        found.append(wrong("store", str(failure)))
    except (redis.exceptions.RedisError, OSError) as error:
        words = unreached.why(error, settings.redis_url or "")
        found.append(wrong("store", words, "Without it nothing else can be looked at."))
    return found


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Scene]:
    """Open the store, whatever it promises; raises what a store raises that is not there."""
    if settings.redis_url is None:
        with EmbeddedStore(settings.data) as embedded:
            async with _opened(replace(settings, redis_url=embedded.url)) as scene:
                yield scene
        return
    client = connect(settings.redis_url)
    try:
        await client.ping()
        yield Scene(settings=settings, client=client, store=Store(client))
    finally:
        await client.aclose()


async def _in_the_store(scene: Scene, *, offline: bool) -> list[Finding]:
    if scene.wanted is not None and not await scene.businesses():
        return [wrong("live", f"no business is called `{scene.wanted}`")]
    found: list[Finding] = []
    for about, checks in {**OF_THE_STORE, **({} if offline else OF_META)}.items():
        for check in checks:
            found += await _alone(about, check, scene)
    return found


async def _alone(about: str, check: Callable[[T], Awaitable[Sequence[Finding]]], on: T) -> Sequence[Finding]:
    """Let one check fail, or take too long, without the others."""
    try:
        async with asyncio.timeout(CHECK_S):
            return await check(on)
    except FAILURES as sentence:
        return [wrong(about, f"could not be looked at: {sentence}")]
    except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
        return [wrong(about, f"could not be looked at ({type(error).__name__})", "See why in the store's own log.")]
