"""What does the fake Graph server know, and how is it told?"""

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from adapters.whatsapp import fake_errors as errors
from adapters.whatsapp.fake_callbacks import Callbacks
from adapters.whatsapp.fake_events import Conversion
from adapters.whatsapp.fake_media import Shelf, held_in
from adapters.whatsapp.fake_send import Answer, Number, Received
from adapters.whatsapp.fake_settings import Settings, changed
from adapters.whatsapp.fake_state import People, busiest_second
from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.limits import Fault
from adapters.whatsapp.meta import Line, Person
from flows.file_types import type_of


class World:
    """The numbers, the people and the troubles of the server, and every POST it got."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.people = People()
        self.trouble: list[Trouble] = []
        self.received: list[Received] = []
        self.conversions: list[Conversion] = []
        self.shelf = Shelf()
        self.callbacks = Callbacks(lambda: self.settings)
        self._numbers: dict[str, Number] = {}

    def change(self, **changes: Any) -> None:
        """Change settings while the server runs; one that is unknown or of another type changes nothing."""
        self.settings = changed(self.settings, changes)

    def register(self, person: Person, aliases: Iterable[str] = (), *, reachable: bool = True) -> None:
        """Make a contact known, whose window is then enforced; who is not reachable gets nothing (131026)."""
        self.people.register(person, aliases, reachable=reachable)

    def contact_wrote(
        self,
        number_id: str,
        peer: Person | str,
        at: datetime | None = None,
        *,
        from_ad: bool = False,
    ) -> None:
        """Note that a contact wrote to a number, which opens the window; an older moment never shortens it."""
        member = self.people.register(peer) if isinstance(peer, Person) else self.people.find(peer)
        member.known = True
        moment = self.now() if at is None else at.timestamp()
        member.chat(number_id).heard(moment, from_ad=from_ad)
        number = self.number(number_id)
        if number is not None and self.settings.count_inbound:
            number.traffic.count(time.monotonic())

    def now(self) -> float:
        """Tell the time by the server's calendar, in Unix seconds."""
        return time.time() + self.settings.ahead

    def number(self, number_id: str) -> Number | None:
        """Find a business number; none if the settings name their lines, and this is not among them."""
        lines = self.settings.lines
        line = next((each for each in lines if each.phone_number_id == number_id), None)
        if line is None and lines:
            return None
        number = self._numbers.get(number_id)
        if number is None:
            number = self._numbers[number_id] = Number(line or Line(number_id, number_id, number_id))
        number.line = line or number.line
        return number

    def has_account(self, waba: str) -> bool:
        """Tell whether an account exists; any does unless the settings name their lines."""
        return not self.settings.lines or any(each.waba == waba for each in self.settings.lines)

    def file_fault(self, number_id: str, body: dict[str, Any]) -> Fault | None:
        """Say what is wrong with the files in a message: one that is unknown or has run out, or of another kind."""
        if not self.settings.check_media:
            return None
        for kind, media_id in held_in(body):
            found = self.shelf.find(media_id, self.now(), self.settings.media_life)
            if found is None or found.number_id != number_id:
                return Fault(errors.UNKNOWN_VALUE, f"Param {kind}['id'] is not the id of a file of this number.")
            known = type_of(found.data)
            if known is None or known.kind != kind:
                return Fault(errors.UNKNOWN_VALUE, f"Param {kind}['id'] is the id of {found.mime}.")
        return None

    def plan(self, number: Number, answer: Answer) -> None:
        """Post what follows from an answer, each at its time."""
        for update in answer.later:
            self.callbacks.plan(number.line, update.delay, update=update)
        if answer.echo is not None:
            self.callbacks.plan(number.line, self.settings.status_delay, echo=answer.echo)

    def busiest_second(self, number_id: str) -> int:
        """Count the most POSTs of a number that arrived within any one second, read marks and refused ones too."""
        number = self._numbers.get(number_id)
        return busiest_second(number.traffic.arrivals) if number else 0

    def stats(self) -> dict[str, Any]:
        """Sum up what was received, per number, the conversions that were taken, and what was posted back.

        `answers` counts by the Graph error where there was one, else by the HTTP status, 0 for no answer.
        """
        answers: dict[str, Counter[str]] = {}
        accepted: Counter[str] = Counter()
        for each in self.received:
            answers.setdefault(each.number_id, Counter())[str(each.code or each.status)] += 1
            accepted[each.number_id] += bool(each.wamid)
        numbers = {
            number_id: {
                "received": sum(counts.values()),
                "accepted": accepted[number_id],
                "answers": dict(counts),
                "busiest_second": self.busiest_second(number_id),
            }
            for number_id, counts in answers.items()
        }
        taken = sum(each.taken for each in self.conversions)
        return {
            "numbers": numbers,
            "files": len(self.shelf.kept),
            "conversions": taken,
            "callbacks": self.callbacks.stats(),
        }
