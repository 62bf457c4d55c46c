"""What starts a flow, from wherever it is started?"""

from collections.abc import Iterator

from flows.digression import Digression
from flows.drawing.marks import steps_of
from flows.flow import FlowDocument, Start
from flows.folder import Folder


def starts_of(document: FlowDocument, folder: Folder) -> Iterator[str]:
    """Write what starts a flow: its own triggers, digressions, questions of the FAQ, and other flows."""
    name = document.flow
    yield from triggers_of(document)
    for digressions in (folder.business.digressions, *(each.digressions for each in folder.flows)):
        yield from (f"asked for {each}" for each, one in digressions.items() if one and one.run == name)
    for faq in folder.faqs:
        yield from (f"the FAQ is asked: {answer.questions[0].text}" for answer in faq.answers if answer.run == name)
    yield from (f"the flow {other.flow} leads here" for other in folder.flows if name in targets_of(other))


def triggers_of(document: FlowDocument) -> Iterator[str]:
    """Write the triggers of a flow."""
    yield from map(_start, document.start)


def targets_of(document: FlowDocument) -> tuple[str, ...]:
    """Name the other flows that a flow goes to or through, in order."""
    own = {step.id for step in steps_of(document)}
    found = (name for step in steps_of(document) for name in (step.target, step.called))
    return tuple(dict.fromkeys(name for name in found if name is not None and name not in own))


def asked_for(digression: Digression) -> tuple[str, ...]:
    """Write how a contact asks for something at any time, and what is done then, as far as that is no step."""
    said = ", ".join(digression.words)
    return tuple(
        filter(
            None,
            (
                f"the contact writes {said}" if said else "",
                digression.when.condition.text if digression.when else "",
                f"then the flow {digression.run}" if digression.run else "",
                f"from then on in {digression.language}" if digression.language else "",
            ),
        )
    )


def _start(start: Start) -> str:
    if start.when is not None:
        return start.when.condition.text
    return "a message comes from any ad" if start.ad == "any" else f"a message comes from the ad {start.ad}"
