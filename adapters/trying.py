"""What does the command line do for one condition, or one message: eval, explain?"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from adapters.folders import reason, usable
from engine.facts import NAMES
from engine.identity import ids_from
from flows.explanation import Explanation, Tried, Writer, explain
from flows.problems import as_json, show
from flows.shown import shown, written
from rules import conditions
from rules.conditions import Scope, Type
from rules.conditions.facts import whole
from rules.source import Mistakes, Problem

TYPED = "the condition"
"""Where problems of a condition stand that was typed, not read from a file."""

MOST_TRIED = 10
"""How many triggers that do not fit are shown, the nearest first."""

ENCODER = msgspec.json.Encoder(decimal_format="number")
FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people or for programs.",
)


@click.command("eval")
@click.argument("condition")
@click.option("--with", "facts", default="{}", metavar="JSON", help='What is known, as in {"text": "how much?"}.')
@FORM
@click.pass_context
def evaluate(ctx: click.Context, condition: str, facts: str, form: str) -> None:
    """Try a CONDITION: say what it gives, and why; `now` is this moment unless it is given."""
    condition = whole(condition)
    given, kinds = conditions.facts_from(_object(facts))
    known = {"now": datetime.now().astimezone(), **given}
    try:
        tried = conditions.compiled(conditions.check(condition, _scope(kinds), None))
    except Mistakes as wrong:
        _tell_mistakes(wrong, condition, form)
        ctx.exit(1)
    value, why = tried.value(known), tried.why(known)
    if form == "json":
        click.echo(ENCODER.encode({"value": _plain(value), "why": why}).decode())
    else:
        click.echo(f"{written(value)}\n{why}")


def _scope(given: Scope) -> Scope:
    """Add the names that every condition can read; what is given as null keeps the kind it has there."""
    usual = {name: kind for name, (kind, _) in NAMES.items()}
    return {**given, **usual, **{name: kind for name, kind in given.items() if kind is not Type.ANY}}


def _plain(value: conditions.Value) -> object:
    """Return a value as JSON has it: spans, moments and weekdays as an author writes them."""
    match value:
        case None | bool() | str() | Decimal():
            return value
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return written(value)


def _object(text: str) -> Mapping[str, object]:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, InvalidOperation) as error:
        raise click.BadParameter(f"This is no JSON: {error}.", param_hint="--with") from None
    except RecursionError:
        raise click.BadParameter("This is nested too deep.", param_hint="--with") from None
    if not isinstance(found, dict):
        raise click.BadParameter('This takes names with values, as in {"text": "hi"}.', param_hint="--with")
    return found


def _tell_mistakes(wrong: Mistakes, condition: str, form: str) -> None:
    problems = [
        Problem(TYPED, each.line, each.column, each.severity, each.code, each.message, each.hint)
        for each in wrong.mistakes
    ]
    if form == "json":
        click.echo(as_json(problems))
        return
    lines = condition.split("\n")
    for each in problems:
        click.echo(show(each, lines[each.line - 1]))


@click.command("explain")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("text")
@click.option("--name", default="Ana", show_default=True, help="The name on the contact's profile.")
@click.option("--phone", default="+55 11 98765-4321", show_default=True, help="The number the contact writes from.")
@click.option(
    "--at", "at", type=click.DateTime(["%Y-%m-%d %H:%M"]), help="When, on the business's clock; now otherwise."
)
@click.option("--ad", help="The id of the ad that the contact comes from.")
@click.option("--number", help="The id of the business number written to; the first one otherwise.")
@click.option(
    "--all", "every", is_flag=True, help=f"Show every trigger, not only those that fit and the {MOST_TRIED} nearest."
)
@FORM
def explain_(
    folder: Path,
    text: str,
    name: str,
    phone: str,
    at: datetime | None,
    ad: str | None,
    number: str | None,
    form: str,
    *,
    every: bool,
) -> None:
    """Say what TEXT would start with the flows of FOLDER, and why or why not."""
    _, ruleset = usable(folder)
    if number is not None and number not in ruleset.business.numbers:
        known = ", ".join(ruleset.business.numbers)
        raise click.BadParameter(f"The numbers of this business are {known}.", param_hint="--number")
    moment = at.replace(tzinfo=ruleset.business.zone) if at else datetime.now(UTC)
    writer = Writer(name=name, ids=ids_from([phone]), at=moment, ad=ad, number=number)
    found = explain(ruleset, whole(text), writer)
    shown_triggers = found.triggers if every else _nearest(found.triggers)
    if form == "json":
        click.echo(ENCODER.encode(_as_json(found, shown_triggers)).decode())
    else:
        _tell(found, shown_triggers)


def _nearest(triggers: tuple[Tried, ...]) -> tuple[Tried, ...]:
    """Keep those that fit, in their order, and of the others the nearest, nearest first."""
    fitting = [each for each in triggers if each.fits]
    others = sorted((each for each in triggers if not each.fits), key=lambda each: -each.nearness)
    return (*fitting, *others[:MOST_TRIED])


def _tell(found: Explanation, triggers: tuple[Tried, ...]) -> None:
    for left in found.round.left:
        click.echo(f"The bot says {shown(left.content)}")
    if not found.round.left:
        click.echo("The bot says nothing.")
    for line in found.round.trace.lines:
        click.echo(f"  {reason(line)}")
    fitting = [each for each in triggers if each.fits]
    if fitting:
        click.echo("\nThese fit, in the order in which they are asked:")
    for each in fitting:
        click.echo(f"  {_tried(each)}")
    others = [each for each in triggers if not each.fits]
    if others:
        click.echo("\nThese do not fit, the nearest first:")
    for each in others:
        click.echo(f"  {_tried(each)}")
    if more := len(found.triggers) - len(triggers):
        click.echo(f"  … and {more:,} more: see `--all`")
    click.echo(f"\nFAQ: {found.question.why}" if found.question else "\nFAQ: no question fits.")
    for near in found.near:
        click.echo(f"  nearly, by {near.score}: “{near.phrase}”")


def _tried(each: Tried) -> str:
    return f"{each.flow} ({each.place}): {each.why}"


def _as_json(found: Explanation, triggers: tuple[Tried, ...]) -> dict[str, Any]:
    return {
        "says": [shown(left.content) for left in found.round.left],
        "trace": found.round.trace.lines,
        "triggers": [
            {"flow": each.flow, "place": each.place, "when": each.when, "fits": each.fits, "why": each.why}
            for each in triggers
        ],
        "question": found.question,
        "near": found.near,
    }
