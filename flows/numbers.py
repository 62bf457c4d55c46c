"""What does business.yaml say of a number?"""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Struct

from flows.reader import of_text, shortened
from flows.step import Fault
from rules.policy.pace import ALONE_PER_SECOND, COEXISTENCE_PER_SECOND, MOST_PER_SECOND
from rules.source import Mistake, Mistakes

WHERE_IDS_ARE = "Copy it from where Meta shows it beside the phone number; it is not the phone number itself"
DIGITS = re.compile(r"[0-9]+")
PHONE = re.compile(r"\+?[0-9 ().\-]{7,25}")


def _digits(text: str) -> str:
    if not DIGITS.fullmatch(text):
        raise Mistakes(
            Mistake(1, 1, "number-id", f"Meta's ids are digits only, not `{shortened(text)}`", WHERE_IDS_ARE)
        )
    return text


def _phone(text: str) -> str:
    if not PHONE.fullmatch(text):
        message = f"A phone number has its country code and digits, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "phone", message, 'As in `"+55 11 91234-5678"`'))
    return text


Id = Annotated[str, of_text(_digits, "digits in quotes")]


class PhoneNumber(Struct, frozen=True):
    """A business number: Meta's id for it, the number itself, and the account it belongs to.

    - `id`: Meta's `phone_number_id`, in quotes.
    - `phone`: the number itself with its country, in quotes.
    - `waba`: the id of the WhatsApp Business Account it belongs to, in quotes.
    - `coexistence`: whether the owner uses the number in the WhatsApp Business app as well; `true` unless told.
    - `throughput`: how many messages Meta lets it send and get within a second: at most 20 in coexistence, otherwise 80
      unless told, and up to 1000 once Meta granted them.
    """

    id: Id
    phone: Annotated[str, of_text(_phone, "a phone number in quotes")]
    waba: Id
    coexistence: bool = True
    throughput: int | None = None

    @property
    def digits(self) -> str:
        """The number as Meta writes it."""
        return "".join(DIGITS.findall(self.phone))

    @property
    def per_second(self) -> int:
        """How many messages it sends and gets within a second, as far as they can be refused."""
        return self.throughput or (COEXISTENCE_PER_SECOND if self.coexistence else ALONE_PER_SECOND)


def number_faults(numbers: Sequence[PhoneNumber]) -> Iterator[Fault]:
    """Find what does not go together in the numbers of a business."""
    ids = [each.id for each in numbers]
    for at, each in enumerate(numbers):
        if each.id in ids[:at]:
            message = f"The number `{each.id}` is listed twice"
            yield Fault(("numbers", at), "duplicate-number", message, "Delete one of them")
        if each.throughput is not None:
            yield from _throughput_faults(at, each, each.throughput)


def _throughput_faults(at: int, number: PhoneNumber, wanted: int) -> Iterator[Fault]:
    where = ("numbers", at, "throughput")
    if not 1 <= wanted <= MOST_PER_SECOND:
        message = f"`throughput` is a number from 1 to {MOST_PER_SECOND}, as Meta grants it, not `{wanted}`"
        yield Fault(where, "throughput", message, "Leave it out for what Meta grants every number")
    elif number.coexistence and wanted > COEXISTENCE_PER_SECOND:
        message = f"Meta lets a number in coexistence send and get {COEXISTENCE_PER_SECOND} messages a second, no more"
        hint = "Leave `throughput` out, or write `coexistence: false` if the owner does not use the number in the app"
        yield Fault(where, "throughput", message, hint)
