"""A flow in which nobody can reach a person.

Whoever is asked something and cannot answer it needs a way out: a `handoff` in the flow, a digression such as
`person` in business.yaml, or `handoff_after` under `otherwise`.

Bad:

    flow: order
    start: {when: text has "order"}
    steps:
      - ask: "How many?"
      - send: "Thanks!"

Good:

    flow: order
    start: {when: text has "order"}
    steps:
      - choose: "What can we do for you?"
        options:
          Order a cake:
            - send: "We bake until six."
          Talk to us:
            - handoff: "Wants to talk"
"""

from collections.abc import Iterator

from flows.calls import reached
from flows.folder import Folder
from flows.graph import every_step
from flows.problems import of_place
from rules.source import Problem, Severity


def find(folder: Folder) -> Iterator[Problem]:
    """Find them."""
    handing = {flow.flow for flow in folder.flows if any(step.hands_off for step in every_step(flow.steps))}
    if _from_anywhere(folder, handing):
        return
    onward = {
        flow.flow: frozenset(name for step in every_step(flow.steps) for name in (step.target, step.called) if name)
        for flow in folder.flows
    }
    leads_to = reached(onward)
    for document in folder.flows:
        asks = any(step.asks for step in every_step(document.steps))
        own = document.otherwise is not None and any(step.hands_off for step in every_step(document.otherwise.steps))
        if asks and not own and not handing & (leads_to[document.flow] | {document.flow}):
            message = f"Nobody in `{document.flow}` can reach a person"
            hint = "Add a `handoff`, or a digression such as `person` in business.yaml"
            yield of_place(document.place, "no-person", message, hint, Severity.HINT)


def _from_anywhere(folder: Folder, handing: set[str]) -> bool:
    otherwise = folder.business.otherwise
    if otherwise is not None and otherwise.handoff_after is not None:
        return True
    ways = [each for each in folder.business.digressions.values() if each]
    if any(each.run in handing or any(step.hands_off for step in every_step(each.steps)) for each in ways):
        return True
    return otherwise is not None and any(step.hands_off for step in every_step(otherwise.steps))
