"""Which words mean two things, so that one of them never happens?"""

from collections.abc import Iterator, Mapping

from flows.business import BusinessDocument
from flows.digression import Digression
from flows.flow import FlowDocument
from flows.step import Fault
from rules.source import Severity
from rules.words import words

Path = tuple[str | int, ...]
Taken = dict[tuple[str, ...], str]  # what the words do already


def of_business(business: BusinessDocument) -> Iterator[Fault]:
    """Find what opts out, opts in, or is asked for with words that were taken before, and the owner's two words."""
    phone = business.handoff.words
    if phone.stop.strip().casefold() == phone.resume.strip().casefold():
        message = f"`{phone.stop}` both silences the bot and hands the chat back to it"
        yield Fault(("handoff", "words"), "same-words", message, "Write two words, such as `#stop` and `#bot`")
    taken: Taken = {}
    for name, wishes in (("opt_out", business.opt_out), ("opt_in", business.opt_in)):
        if wishes:
            yield from _twice(taken, name, (name,), wishes.words)
    yield from _of_digressions(taken, business.digressions)


def of_flow(flow: FlowDocument, business: BusinessDocument) -> Iterator[Fault]:
    """Find the same in a flow, whose digressions come before those of the business."""
    wishes = (("opt_out", business.opt_out), ("opt_in", business.opt_in))
    taken: Taken = {words(text): name for name, each in wishes if each for text in each.words}
    yield from _of_digressions(taken, flow.digressions)


def _of_digressions(taken: Taken, digressions: Mapping[str, Digression | None]) -> Iterator[Fault]:
    for name, each in digressions.items():
        if each:
            yield from _twice(taken, name, ("digressions", name), each.words)


def _twice(taken: Taken, name: str, path: Path, texts: tuple[str, ...]) -> Iterator[Fault]:
    for at, text in enumerate(texts):
        first = taken.setdefault(words(text), name)
        if first != name:
            message = f"`{text}` is a word of `{first}`, which comes first, so nothing else follows from it"
            hint = "Take it away from one of them"
            yield Fault((*path, "words", at), "same-words", message, hint, Severity.WARNING)
