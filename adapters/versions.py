"""The commands for what is live: `publish`, `versions`, `diff`, `rollback`."""

import getpass
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path

import rich_click as click
from msgspec import msgpack

from adapters import site
from adapters.examples import still_examples
from adapters.folders import FOLDER, told
from adapters.lists import lists_of
from adapters.live import attached_of
from adapters.operating import BUSINESS, asking, do, one_business, store_in_force
from adapters.publish import Prepared, check_numbers, go_live, prepare, prepare_files
from adapters.store import Store, Version
from adapters.store.versions import KEPT
from adapters.unasked import unmet
from flows.attachments import Attached, from_manifest
from flows.load import load, read_folder
from flows.people import without_people

YES = click.option("--yes", is_flag=True, help="Do not ask, whatever becomes of people in the middle of a flow.")
BECOMES = {
    "stay": "they finish the version they began",
    "move": "they go on in the new version, at the step with the same id",
    "restart": "they begin again when they write next",
    "gone": "it is gone, and they finish the version they began",
}


@click.command()
@FOLDER
@click.option("--dry-run", is_flag=True, help="Check, and say what would become of people in the middle of a flow.")
@YES
def publish(folder: Path, *, dry_run: bool, yes: bool) -> None:
    """Make a folder live, all or nothing; running processes follow by themselves."""
    do(_publish(folder, dry_run=dry_run, yes=yes))


@click.command()
@BUSINESS
def versions(business: str | None) -> None:
    """List what was published, when and by whom; the latest first.

    The latest ten are kept with their files, and earlier ones while somebody is in the middle of them.
    """
    do(_versions(business))


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@BUSINESS
def diff(old: str, new: str | None, business: str | None) -> None:
    """Show what differs: FOLDER from what is live, or one version from another.

    A version may be given by its first letters. `baton diff VERSION` compares it with what is live.
    """
    do(_diff(old, new, business))


@click.command()
@click.argument("version", required=False)
@BUSINESS
@YES
def rollback(version: str | None, business: str | None, *, yes: bool) -> None:
    """Make an earlier version live again: VERSION, or the one that was live before."""
    do(_rollback(version, business, yes=yes))


async def _publish(folder: Path, *, dry_run: bool, yes: bool) -> None:
    async with store_in_force() as (store, found):
        lists = lists_of(found)
        prepared = await prepare(store, folder, lists)
        if prepared.problems:
            click.echo(told(prepared.problems, read_folder(folder)[0]), err=True)
        if prepared.folder is None:
            live = f"version {prepared.live} stays live" if prepared.live else "nothing is live yet"
            click.echo(f"`{folder}` has problems; {live}.", err=True)
            raise SystemExit(1)
        for words in (*unmet(prepared.folder, found), *still_examples(prepared.folder.business)):
            click.echo(words, err=True)
        if not prepared.differs:
            click.echo(f"Version {prepared.live} of `{prepared.business}` is live already.", err=True)
            return
        await check_numbers(store, prepared)
        _say_what_becomes(prepared)
        if dry_run:
            click.echo(f"Nothing was published; it would be version {prepared.version}.", err=True)
            return
        _ask(prepared, yes=yes)
        await go_live(store, prepared, lists, by=getpass.getuser())
        click.echo(f"Version {prepared.version} of `{prepared.business}` is live.", err=True)
        if prepared.live is None:
            click.echo(f"What runs answers with it from now on; if nothing does yet: baton run {folder}", err=True)


async def _versions(wanted: str | None) -> None:
    async with store_in_force() as (store, _):
        business = await one_business(store, wanted)
        live = await store.live(business)
        for place, name in enumerate(await store.versions(business)):
            version = await store.version(business, name)
            if version is not None:
                at = datetime.fromtimestamp(version.published_at_ms / 1_000, UTC)
                mark = "live" if name == live else "kept for people in the middle" if place >= KEPT else ""
                click.echo(f"{name}  {at:%Y-%m-%d %H:%M:%S} UTC  {version.by:<12}  {mark}".rstrip())
    click.echo(f"The latest {KEPT} are kept, and earlier ones while somebody is in the middle of them.", err=True)


async def _diff(old: str, new: str | None, wanted: str | None) -> None:
    async with store_in_force() as (store, _):
        if new is None and _is_folder(old):
            old, new = "", old
        before = await _files(store, old, wanted)
        after = await _files(store, new or "", wanted)
        lines = list(_differences(before, after))
        click.echo("".join(lines), nl=False)
        if not lines:
            click.echo("Nothing differs.", err=True)


async def _rollback(version: str | None, wanted: str | None, *, yes: bool) -> None:
    async with store_in_force() as (store, found):
        business, lists = await one_business(store, wanted), lists_of(found)
        name = await _version(store, business, version) if version else await _before(store, business)
        earlier = await _version_of(store, business, name)
        prepared = await prepare_files(store, _texts_of(earlier), lists, from_manifest(attached_of(earlier)))
        if prepared.folder is None:
            click.echo(told(prepared.problems, dict(prepared.files)), err=True)
            click.echo(f"Version {name} has problems today; version {prepared.live} stays live.", err=True)
            raise SystemExit(1)
        if not prepared.differs:
            click.echo(f"Version {name} of `{business}` is live already.", err=True)
            return
        _say_what_becomes(prepared)
        _ask(prepared, yes=yes)
        await go_live(store, prepared, lists, by=getpass.getuser())
        click.echo(f"Version {name} of `{business}` is live again.", err=True)


def _say_what_becomes(prepared: Prepared) -> None:
    """Say what it means for people in the middle of a flow, and for messages of a number that is taken out."""
    for each in prepared.people:
        who = "1 person is" if each.people == 1 else f"{each.people:,} people are"
        click.echo(f"{who} in the middle of `{each.flow}`: {BECOMES[each.on_publish]}.", err=True)
    for number, count in prepared.left_behind.items():
        wait = "1 message waits" if count == 1 else f"{count:,} messages wait"
        click.echo(f"{wait} to leave from `{number}`, which is taken out: what waits there is dropped.", err=True)


def _ask(prepared: Prepared, *, yes: bool) -> None:
    """Ask a person at a terminal before anybody is moved or something is dropped; nobody is asked in a script."""
    moved = any(each.on_publish in {"move", "restart"} for each in prepared.people)
    if not (moved or prepared.left_behind) or yes or not sys.stdin.isatty():
        return
    with asking():
        wanted = click.confirm("Go live?", err=True)
    if not wanted:
        click.echo("Nothing was published.", err=True)
        raise SystemExit(1)


async def _files(store: Store, what: str, wanted: str | None) -> Mapping[str, str]:
    """Read a folder, a version, or what is live when nothing is said."""
    if _is_folder(what):
        loaded, texts = load(Path(what)), without_people(read_folder(Path(what))[0])
        return {**texts, **_described(loaded.readable.attached if loaded.readable else {})}
    business = await one_business(store, wanted)
    name = await _version(store, business, what) if what else await store.live(business) or ""
    version = await _version_of(store, business, name)
    return {**_texts_of(version), **_described(attached_of(version))}


def _described(attached: Mapping[str, Attached]) -> dict[str, str]:
    """Tell files that messages hold in a line, since nobody reads their bytes."""
    return {
        name: f"{each.type.name if each.type else ''}, {each.size:,} bytes, sha256 {each.sha256[:16]}\n"
        for name, each in attached.items()
    }


def _texts_of(version: Version) -> dict[str, str]:
    return msgpack.decode(version.files, type=dict[str, str])


def _is_folder(what: str) -> bool:
    return what != "" and Path(what).is_dir()


async def _version_of(store: Store, business: str, name: str) -> Version:
    version = await store.version(business, name)
    if version is None:
        raise site.CannotStart(f"Version {name} of `{business}` is not in the store any more.")
    return version


async def _version(store: Store, business: str, start: str) -> str:
    """Find the one version whose name starts so."""
    known = await store.versions(business)
    found = [name for name in known if name.startswith(start)]
    if len(found) == 1:
        return found[0]
    if found:
        raise site.CannotStart(f"`{start}` may be {' or '.join(found)}; give more of its letters.")
    raise site.CannotStart(f"`{business}` has no version `{start}`. See them with: baton versions")


async def _before(store: Store, business: str) -> str:
    live = await store.live(business)
    earlier = [name for name in await store.versions(business) if name != live]
    if not earlier:
        raise site.CannotStart(f"`{business}` was published once; there is nothing to go back to.")
    return earlier[0]


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        old, new = (files.get(name, "").splitlines(keepends=True) for files in (before, after))
        for line in unified_diff(old, new, f"before/{name}", f"after/{name}"):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at the end\n"
