"""The command `countries`: which restrictions are in force, and whom are they about?"""

import os
from collections.abc import Iterator

import rich_click as click
from msgspec import Struct, json

from adapters.lists import lists_in_force
from adapters.settings import read
from adapters.terminal import harmless, harmless_json, show
from rules.policy import countries as places
from rules.policy.restriction_file import Action, Restriction, Scope
from rules.policy.restrictions import REGION_UNKNOWN, Path, Refusal, Restrictions, clear, of_identity

OWN = "Baton's own"
WHOM = {
    Scope.COEXISTENCE_NUMBER: "Business numbers that are in the app of a phone",
    Scope.ANYONE: "Business numbers and contacts",
}
DOES = {Action.REFUSE: "refused", Action.WARN: "allowed, with a note"}
NOTES = {
    REGION_UNKNOWN: "the user id does not say whether they are in a restricted region of that country",
    "unknown_country": "nobody can tell the country, and `BATON_UNKNOWN_COUNTRY` says to allow then",
}


class Verdict(Struct, frozen=True, kw_only=True):
    """What the lists say of one id: of a contact, and of a business number, in the app of a phone or not.

    `country` is of ISO 3166, nothing where nobody can tell; a reason is the empty text where nothing is refused.
    """

    id: str
    country: str | None
    contact: str
    business: str
    coexistence: str
    notes: tuple[str, ...] = ()


@click.command()
@click.argument("ids", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)
def countries(ids: tuple[str, ...], form: str) -> None:
    """Show the country restrictions in force; with IDS (phone numbers, user ids) say what they mean for each.

    Nothing is sent to a contact who is refused, and nothing that comes from them is answered, on whatever path.
    """
    lists, file = lists_in_force(), read(os.environ).restrictions
    source, verdicts = str(file or OWN), [verdict(each, lists) for each in ids]
    if form == "json":
        click.echo(harmless_json(json.encode(_as_data(lists, source, verdicts)).decode()))
        return
    for line in (line for each in verdicts for line in _told(each)) if ids else _shown(lists, source):
        show(line)


def verdict(text: str, lists: Restrictions) -> Verdict:
    """Return what the lists say of a phone number or a user id, however it is written."""
    number = places.digits(text)
    refused = of_identity(text, lists)
    return Verdict(
        id=text,
        country=places.country_of_phone(number) if number else places.country_of_bsuid(text),
        contact=refused.words if refused else "",
        business=_of_number(text, lists, coexistence=False) if number else "",
        coexistence=_of_number(text, lists, coexistence=True) if number else "",
        notes=() if refused else _notes(text, number, lists),
    )


def _of_number(text: str, lists: Restrictions, *, coexistence: bool) -> str:
    asked = clear(Path.ONBOARDING, business_phone=text, coexistence=coexistence, phones=(), bsuids=(), lists=lists)
    return asked.words if isinstance(asked, Refusal) else ""


def _notes(text: str, number: str | None, lists: Restrictions) -> tuple[str, ...]:
    """Return what is worth a look all the same; a contact who is fine may stand for the business, too."""
    phones, bsuids = ((number,), ()) if number else ((), (text,))
    asked = clear(Path.INBOUND, business_phone=text, coexistence=False, phones=phones, bsuids=bsuids, lists=lists)
    found = () if isinstance(asked, Refusal) else asked.notes
    return tuple(dict.fromkeys(NOTES.get(each, each) for each in found))


def _shown(lists: Restrictions, source: str) -> Iterator[str]:
    yield f"Restrictions of {lists.version}: {source}"
    for scope, whom in WHOM.items():
        yield ""
        yield f"{whom}:"
        yield from (line for row in lists.rows if row.scope is scope for line in _row(row))
    yield ""
    unknown = "allowed" if lists.unknown == "allow" else "refused"
    yield f"Whose country nobody can tell: {unknown} (BATON_UNKNOWN_COUNTRY)"


def _row(row: Restriction) -> Iterator[str]:
    signs = " ".join(filter(None, (f"+{row.prefix}" if row.prefix else "", row.iso2)))
    yield f"  {signs:<10} {row.name}: {DOES[row.action]}; {row.source} says so since {row.since}"
    if row.note:
        yield f"  {'':<10} {row.note}"


def _told(each: Verdict) -> Iterator[str]:
    yield f"{harmless(each.id) or '(nothing)'}  {each.country or 'country unknown'}"
    yield f"  as a contact: {f'refused. {each.contact}' if each.contact else 'may be written to and answered'}"
    yield from (f"    but {note}" for note in each.notes)
    if each.coexistence and not each.contact:
        where = "a business number" if each.business else "a business number in the app of a phone"
        yield f"  as {where}: refused. {each.coexistence}"


def _as_data(lists: Restrictions, source: str, verdicts: list[Verdict]) -> dict[str, object]:
    return {
        "version": lists.version,
        "source": source,
        "unknown_country": lists.unknown,
        "restrictions": lists.rows,
        "ids": verdicts,
    }
