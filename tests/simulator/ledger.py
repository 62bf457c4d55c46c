"""What do the scripts of the store do while the simulator runs, and which of it may not be?"""

from typing import Any

from msgspec import Struct

from adapters.records import read_event, read_number, read_row
from engine.content import Template, words_of
from engine.effects import Send
from engine.events import EchoReceived, MessageReceived
from engine.identity import same_message
from tests.simulator.stored import Call

IGNORED = "Thanks for writing! We will be right back."
PAUSE_MS = 20_000
LATE_MS = 15_000
DAY_MS = 86_400_000


class Known(Struct):
    """A row as it was committed: the how many-th script that was, its chat, and what it is."""

    place: int
    subject: str
    position: int
    speaker: str
    template: bool
    category: str
    event: str
    asked: bool
    replaces: bool
    words: str


class Begin(Struct):
    """A row that was allowed to leave."""

    row: str
    subject: str
    at_ms: int
    place: int


class Ledger:
    """Notes what happened in the store, in order, and each breach at the moment of it."""

    def __init__(self, meta: Any) -> None:
        """Nothing happened yet."""
        self.meta = meta
        self.rows: dict[str, Known] = {}
        self.begins: list[Begin] = []
        self.breaches: list[str] = []
        self.takeovers: dict[str, list[tuple[int, int]]] = {}
        self.resumed: dict[str, int] = {}
        self.owners: set[str] = set()
        self.wrote_at: dict[str, int] = {}
        self.chats: dict[str, str] = {}
        self.paused: tuple[Any, ...] = ()
        self.forbidden: set[str] = set()
        self.scripts: dict[str, int] = {}
        self._leased: dict[str, int] = {}
        self._committed: dict[str, int] = {}

    def forbid(self, phone: str) -> None:
        """Note that nothing may be sent to a number any more."""
        self.forbidden.add(phone)

    def owner_wrote(self, subject: str) -> bool:
        """Tell whether the owner ever wrote in a chat, or was called into it."""
        return subject in self.owners

    def hear(self, call: Call) -> None:
        """Note what a script did."""
        self.scripts[call.script] = self.scripts.get(call.script, 0) + 1
        heard = getattr(self, f"_{call.script}", None)
        if heard is not None:
            heard(call, _Reading(call.arguments))

    def _ingest(self, call: Call, given: "_Reading") -> None:
        given.skip(1)
        for answer in call.answer:
            given.skip(1)
            kind = given.text()
            given.skip(2)
            given.lists(3)
            given.skip(2)
            blob = given.take()
            given.skip(2)
            if answer[1] == 1 and answer[0]:
                self._appended(call, kind, answer[0].decode(), blob)

    def _appended(self, call: Call, kind: str, subject: str, blob: bytes) -> None:
        event = read_event(blob)
        at_ms = round(event.at.timestamp() * 1000)
        if isinstance(event, MessageReceived):
            self.chats[event.ids.phones[0]] = subject
            self.wrote_at[subject] = max(self.wrote_at.get(subject, 0), min(at_ms, call.at_ms))
        if isinstance(event, EchoReceived) and kind == "echo" and not self._is_ours(event):
            self.chats.setdefault(event.ids.phones[0], subject)
            said = words_of(event.content)
            self.owners |= {subject} if said not in {"#bot", IGNORED} else set()
            if said == "#bot":
                self.resumed[subject] = max(self.resumed.get(subject, 0), at_ms)
            elif said != IGNORED and at_ms + LATE_MS > call.at_ms:
                self.takeovers.setdefault(subject, []).append((call.place, at_ms))

    def _is_ours(self, echo: EchoReceived) -> bool:
        return any(post.wamid and same_message(post.wamid, echo.id) for post in self.meta.posts)

    def _lease(self, call: Call, given: "_Reading") -> None:
        if call.answer:
            self._leased[given.text()] = call.place

    def _echo_in_hand(self, call: Call, subject: str) -> bool:
        """Tell whether a message of the owner's was among the events that are decided here, and holds the chat."""
        since, until = self._committed.get(subject, 0), self._leased.get(subject, 0)
        return any(
            since < place < until and call.at_ms < at_ms + PAUSE_MS and self.resumed.get(subject, 0) < at_ms
            for place, at_ms in self.takeovers.get(subject, [])
        )

    def _commit(self, call: Call, given: "_Reading") -> None:
        subject = given.text()
        given.skip(7)
        state = given.take()
        given.skip(2)
        given.lists(1)
        if not call.answer[0]:
            return
        if "/" not in subject:
            self.paused = read_number(state).pauses
            return
        in_hand = self._echo_in_hand(call, subject)
        self._committed[subject] = call.place
        for _ in range(given.number()):
            row = given.row()
            self._added(call, subject, row)
            if in_hand and row[3] == b"bot":
                self.breaches.append(f"W09: the bot answered in {subject} although the owner's words were there")

    def _settle(self, call: Call, given: "_Reading") -> None:
        given.skip(16)
        given.lists(2)
        if given.number() and call.answer[0]:
            self._added(call, "", given.row())

    def _added(self, call: Call, subject: str, row: list[bytes]) -> None:
        name, kind, blob, speaker = row[0].decode(), row[1], row[2], row[3].decode()
        if kind != b"send" or name in self.rows:
            return
        written = read_row(blob)
        effect = written.effect
        assert isinstance(effect, Send)
        template = effect.content if isinstance(effect.content, Template) else None
        replaced = self.rows.get(written.replaces or "")
        self.rows[name] = Known(
            place=replaced.place if replaced else call.place,
            subject=subject or (replaced.subject if replaced else written.chat),
            position=replaced.position if replaced else len(self.rows),
            speaker=speaker,
            template=template is not None,
            category=template.category if template else "",
            event=written.event,
            asked=effect.asked,
            replaces=written.replaces is not None,
            words=words_of(effect.content),
        )

    def _begin(self, call: Call, given: "_Reading") -> None:
        row, _, subject = given.text(), given.text(), given.text()
        if not call.answer[0]:
            return
        self.begins.append(Begin(row, subject, call.at_ms, call.place))
        known = self.rows.get(row)
        if known is None:
            self.breaches.append(f"I3: row {row} began to leave and was never committed")
            return
        self._check_silence(call, subject, known)
        if not known.template and call.at_ms >= self.wrote_at.get(subject, 0) + DAY_MS - 60_000:
            self.breaches.append(f"I6: a free-form message began when the window of {subject} was closed")
        if any(pause.until is None for pause in self.paused):
            self.breaches.append("I4: a message began while its number was cut off")
        if any(self.chats.get(phone) == subject for phone in self.forbidden):
            self.breaches.append("I5: a message began to a number that the lists forbid")

    def _check_silence(self, call: Call, subject: str, known: Known) -> None:
        for place, at_ms in self.takeovers.get(subject, []):
            if self.resumed.get(subject, 0) >= at_ms:
                continue
            if known.place < place:
                self.breaches.append(f"I4: a row of {subject} began after the owner had written")
                return
            holds = call.at_ms < at_ms + PAUSE_MS
            if known.speaker == "bot" and holds:
                self.breaches.append(f"I4: the bot spoke in {subject} while the owner held it")
                return


class _Reading:
    """The arguments of a script, from left to right, as the script reads them."""

    def __init__(self, arguments: list[bytes]) -> None:
        self._arguments = arguments
        self._place = 0

    def take(self) -> bytes:
        self._place += 1
        return self._arguments[self._place - 1]

    def text(self) -> str:
        return self.take().decode()

    def number(self) -> int:
        return int(self.take())

    def skip(self, count: int) -> None:
        self._place += count

    def lists(self, count: int) -> None:
        for _ in range(count):
            self.skip(self.number())

    def row(self) -> list[bytes]:
        return [self.take() for _ in range(8)]
