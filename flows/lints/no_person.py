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
from flows.step import Steps
from rules.source import Problem, Severity


def find(folder: Folder) -> Iterator[Problem]:
    """Find them."""
    business = folder.business
    if business.otherwise is not None and business.otherwise.handoff_after is not None:
        return
    leads_to = reached({flow.flow: _named(flow.steps) for flow in folder.flows})
    handing = {flow.flow for flow in folder.flows if _hands_off(flow.steps)}
    handing |= {flow for flow, onward in leads_to.items() if onward & handing}
    for document in folder.flows:
        asks = any(step.asks for step in every_step(document.steps))
        otherwise = document.otherwise or business.otherwise
        digressions = {**business.digressions, **document.digressions}.values()
        aside = [each.steps for each in (otherwise, *digressions) if each]
        named = frozenset({document.flow, *(each.run for each in digressions if each)}.union(*map(_named, aside)))
        if asks and not named & handing and not any(map(_hands_off, aside)):
            message = f"Nobody in `{document.flow}` can reach a person"
            hint = "Add a `handoff`, or a digression such as `person` in business.yaml"
            yield of_place(document.place, "no-person", message, hint, Severity.HINT)


def _named(steps: Steps) -> frozenset[str]:
    """Find the flows that steps go to or call."""
    return frozenset(name for step in every_step(steps) for name in (step.target, step.called) if name)


def _hands_off(steps: Steps) -> bool:
    return any(step.hands_off for step in every_step(steps))
