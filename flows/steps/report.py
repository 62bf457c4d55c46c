"""Tell Meta what came of an ad."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Struct

from engine.ads import claim as claim_of
from engine.effects import Report as Reporting
from engine.step import Outcome, Turn
from flows.expressions import NumberExpression
from flows.nodes import Map, Node
from flows.reader import By, Reader
from flows.step import Fault, StepKind
from flows.text import Plain
from flows.values import is_currency

Event = Literal[
    "Purchase",
    "LeadSubmitted",
    "InitiateCheckout",
    "AddToCart",
    "ViewContent",
    "OrderCreated",
    "OrderShipped",
    "OrderDelivered",
    "OrderCanceled",
    "OrderReturned",
    "CartAbandoned",
    "QualifiedLead",
    "RatingProvided",
    "ReviewProvided",
]
SALE = "Purchase"
A_SALE = f"As in `report: {{event: {SALE}, value: 40, currency: BRL}}`"


class Conversion(Struct, frozen=True):
    """What happened, and what it is worth; `key` tells two sales of one contact apart.

    - `event`: the event, by Meta's name for it.
    - `value`: what it is worth, as an expression.
    - `currency`: the currency of the value, as in `BRL`.
    - `key`: a text that tells two sales of one contact apart.
    """

    event: Event
    value: NumberExpression | None = None
    currency: str | None = None
    key: Plain | None = None


def _conversion(reader: Reader, node: Node, name: str) -> Conversion:
    if isinstance(node, Map):
        found: Conversion = reader.fields(node, Conversion, name)
        return found
    return Conversion(reader.read(node, Event, name))


class Report(StepKind, frozen=True):
    """Report a conversion to Meta, for the ad that brought the contact.

    - report: LeadSubmitted
    - report: {event: Purchase, value: 40 * 2, currency: BRL}

    `report` takes one of Meta's events, or `event` with any of `value` (an expression), `currency` (as in `BRL`), and
    `key` (a text that tells two sales of one contact apart, such as the number of the order). A `Purchase` needs a
    value and a currency.

    The same event is reported once for each click on an ad, however often the contact comes by; with a `key`, once for
    each key. Meta takes it only for who clicked on an ad, and within seven days.
    """

    report: Annotated[Conversion, By(_conversion, Event | Conversion)]

    def run(self, turn: Turn) -> Outcome:
        """Report it once, with the ad's click, if there was one; a value that is unknown is left out."""
        conversion = self.report
        value = conversion.value.value(turn.facts) if conversion.value else None
        if conversion.event == SALE and value is None:
            return Outcome(why=f"`{SALE}` has no value, so it is not reported")
        referral = turn.ad.referral if turn.ad else None
        key, clid = conversion.key.say(turn) if conversion.key else "", referral.clid if referral else None
        claim = claim_of(conversion.event, key, clid)
        if claim in turn.claims:
            return Outcome(why=f"`{conversion.event}` was reported before{f', with the key `{key}`' if key else ''}")
        effect = Reporting(
            event=conversion.event,
            value=f"{value:f}" if isinstance(value, Decimal) else None,
            currency=conversion.currency if value is not None else None,
            key=key,
            claim=claim,
            clid=clid,
            ad=referral.id if referral else None,
            step=self.place,
        )
        return Outcome(effects=(effect,), why=f"reports `{conversion.event}`")

    def faults(self) -> Iterator[Fault]:
        """Check that a value has a currency, and a sale both."""
        value, currency = self.report.value, self.report.currency
        if self.report.event == SALE and value is None:
            yield Fault(("report",), "value", f"`{SALE}` needs a `value` and a `currency`", A_SALE)
        elif value is not None and currency is None:
            yield Fault(
                ("report", "value"), "currency", "A `value` needs a `currency`, such as `BRL`", "Add `currency: BRL`"
            )
        if currency is not None and not is_currency(currency):
            yield Fault(("report", "currency"), "currency", f"`{currency}` is no currency", "As in `BRL` or `EUR`")
