"""How is a `test:` document read?"""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from flows.folder import Loaded, TestDocument
from flows.lines import Line, Person, Transcript
from flows.moments import A_MOMENT, moment
from flows.nodes import Map, Node, Seq
from flows.reader import Reader, UnreadableError, listed, nearest, shortened
from flows.verbs import VERBS
from rules.source import Problem

BEGINS = "2026-03-02 10:00"
"""When a transcript begins that does not say `at`: a Monday morning."""
ANA = Person(name="Ana", phone="+55 11 98765-4321")
"""Who writes in a transcript that does not say `contact`."""


VERBS_MEANT = {
    **dict.fromkeys(("customer", "user", "client", "human", "person", "me"), "Did you mean `contact`?"),
    **dict.fromkeys(("agent", "operator", "admin"), "Did you mean `owner`?"),
    **dict.fromkeys(("reply", "answer", "send", "expect"), "Did you mean `bot`?"),
    **dict.fromkeys(("wait", "sleep"), "Did you mean `after`?"),
}
"""What other tools call who writes, and what happens."""
LINES = 'As in `- contact: "Hi"` or `- bot: "Hello!"`'


class Head(Struct, frozen=True, kw_only=True):
    """A `test:` document: a chat as it should go, played on the engine that runs your number.

    - `test`: what it shows, in a sentence.
    - `at`: the date and the time at which it begins; a Monday morning unless told.
    - `contact`: who writes; Ana unless told.
    - `number`: the id of the business number that is written to; the first one unless told.
    - `chat`: what happens, line by line, and what the bot says to it.
    """

    test: str
    at: str = BEGINS
    contact: Person = ANA
    number: str | None = None


def transcripts(loaded: Loaded) -> tuple[tuple[Transcript, ...], tuple[Problem, ...]]:
    """Read the transcripts of a folder, whatever else is wrong with it; those with problems are left out."""
    problems: list[Problem] = []
    read = [_transcript(test, loaded, problems) for test in loaded.tests]
    return tuple(each for each in read if each is not None), tuple(problems)


def _transcript(test: TestDocument, loaded: Loaded, problems: list[Problem]) -> Transcript | None:
    reader, root = Reader(test.file, problems, scope={}, zone=loaded.zone), test.root
    before = len(problems)
    rest = {key: value for key, value in root.items.items() if key != "chat"}
    head, whole = reader.values(Map(rest, root.keys, root.start, root.source, root.unread), Head, "test")
    lines = _lines(reader, root)
    begins_at = _begin(reader, root, head.get("at", BEGINS))
    if loaded.readable is not None:
        _check_number(reader, root, head.get("number"), [each.id for each in loaded.readable.business.numbers])
    if not whole or len(problems) > before or begins_at is None:
        return None
    return Transcript(
        file=test.file,
        name=head["test"],
        place=root.place,
        zone=ZoneInfo(reader.zone),
        begins_at=begins_at,
        contact=head.get("contact", ANA),
        number=head.get("number"),
        lines=lines,
    )


def _check_number(reader: Reader, root: Map, number: str | None, known: list[str]) -> None:
    if number is not None and number not in known:
        message = f"`number` is the id of one of the business's numbers ({listed(known)}), not `{number}`"
        hint = nearest(number, known) or f"Write `{known[0]}`, or leave it out"
        reader.tell(root.items["number"].place, "unknown-number", message, hint)


def _begin(reader: Reader, root: Map, text: str) -> datetime | None:
    found = moment(text, ZoneInfo(reader.zone))
    if found is None:
        reader.tell(
            root.items["at"].place, "moment", f"`at` takes {A_MOMENT}, not `{text}`", "Write year, month, day and time"
        )
    return found


def _lines(reader: Reader, root: Map) -> tuple[Line, ...]:
    chat = root.items.get("chat")
    if not isinstance(chat, Seq):
        place = chat.place if chat else root.place
        reader.tell(place, "missing-field", "`test` needs `chat`, a list of lines", f"Lines begin with {listed(VERBS)}")
        return ()
    return tuple(line for node in chat.items if (line := _line(reader, node)) is not None)


def _line(reader: Reader, node: Node) -> Line | None:
    try:
        verb, value = _verb(reader, node)
        return Line(node.place, verb, VERBS[verb].read(reader, value, verb))
    except UnreadableError:
        return None


def _verb(reader: Reader, node: Node) -> tuple[str, Node]:
    if isinstance(node, Map) and node.broken:
        raise UnreadableError
    if isinstance(node, Map) and len(node.items) > 1:
        second = list(node.items)[1]
        message = f"A line of a transcript says one thing, and `{second}` is a second one"
        raise reader.refuse(node.place_of(second), "two-verbs", message, f"Begin a line of its own: `- {second}: …`")
    verb = next(iter(node.items), "") if isinstance(node, Map) else reader.text(node, "chat", "lines")
    if verb not in VERBS:
        message = f"A line of a transcript begins with one of {listed(VERBS)}, not `{verb}`"
        raise reader.refuse(node.place, "unknown-verb", message, _meant(verb, node))
    if isinstance(node, Map):
        return verb, node.items[verb]
    if VERBS[verb].as_written is not None:
        example = f"As in `- {VERBS[verb].example}`"
        raise reader.refuse(node.place, "missing-field", f"`{verb}` needs a value after a colon", example)
    return verb, node


def _meant(verb: str, node: Node) -> str:
    found = nearest(verb, VERBS) or VERBS_MEANT.get(verb)
    return found or (LINES if isinstance(node, Map) else f'Did you mean `contact: "{shortened(verb)}"`?')
