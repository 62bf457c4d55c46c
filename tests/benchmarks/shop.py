"""Which business is measured? A small one, with as many numbers as wanted."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.whatsapp.meta import Line

BUSINESS = "measured-shop"
WABA = "102290129340398"
ONCE, OFTEN = "ping", "count"
"""What a contact writes to be answered once, and eight times."""
OFTEN_COUNT = 8

_BUSINESS = """\
business: Measured Shop
timezone: America/Sao_Paulo
language: en
numbers:
{numbers}
otherwise:
  steps:
    - send: "Sorry, I did not get that."
"""

_NUMBER = """\
  - id: "{line.phone_number_id}"
    phone: "+{line.display_phone_number}"
    waba: "{line.waba}"
    coexistence: {coexistence}"""

_FLOWS = """\
flow: once
start:
  - when: text has "{once}"
steps:
  - send: "Hello {{{{ contact.name }}}}, we bake until six."
---
flow: often
start:
  - when: text has "{often}"
steps:
{steps}
"""


def lines(count: int) -> list[Line]:
    """Return business numbers."""
    return [Line(f"1065403522{each:05}", f"55119123{each:05}", WABA) for each in range(count)]


def business(numbers: int, *, coexistence: bool = True) -> str:
    """Write business.yaml."""
    shared = str(coexistence).lower()
    return _BUSINESS.format(numbers="\n".join(_NUMBER.format(line=line, coexistence=shared) for line in lines(numbers)))


@contextmanager
def folder(numbers: int, *, coexistence: bool = True) -> Iterator[Path]:
    """Give the folder that an author would have written."""
    steps = "\n".join(f'  - send: "This is message {each + 1}."' for each in range(OFTEN_COUNT))
    with tempfile.TemporaryDirectory(prefix="measured-shop-") as name:
        Path(name, "business.yaml").write_text(business(numbers, coexistence=coexistence), "utf-8")
        Path(name, "flows.yaml").write_text(_FLOWS.format(once=ONCE, often=OFTEN, steps=steps), "utf-8")
        yield Path(name)
