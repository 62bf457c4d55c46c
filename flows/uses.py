"""Which flows and campaigns use which template?"""

from collections.abc import Iterator

from flows.folder import Folder
from flows.graph import every_step
from flows.step import StepKind, Steps
from flows.steps.send import Send
from flows.template_message import TemplateMessage

BUSINESS = "business.yaml"


def uses_of(folder: Folder) -> dict[str, tuple[str, ...]]:
    """Return for each template that is used the flows and campaigns that use it, or `business.yaml`."""
    found: dict[str, dict[str, None]] = {}
    for user, name in _uses(folder):
        found.setdefault(name, {})[user] = None
    return {name: tuple(users) for name, users in found.items()}


def _uses(folder: Folder) -> Iterator[tuple[str, str]]:
    business = folder.business
    for document in folder.flows:
        asides = (document.otherwise.steps,) if document.otherwise else ()
        for steps in (document.steps, *asides, *(each.steps for each in document.digressions.values() if each)):
            yield from ((document.flow, name) for name in _names(steps))
    own = [each.steps for each in (business.otherwise, business.handoff.nobody_came) if each]
    for steps in (*own, *(each.steps for each in business.digressions.values() if each)):
        yield from ((BUSINESS, name) for name in _names(steps))
    yield from ((each.campaign, each.template.name) for each in folder.campaigns)
    if business.fallback is not None:
        yield BUSINESS, business.fallback.template.name


def _names(steps: Steps) -> Iterator[str]:
    for step in every_step(steps):
        yield from _of_step(step)


def _of_step(step: StepKind) -> Iterator[str]:
    if not isinstance(step, Send):
        return
    if isinstance(step.send, TemplateMessage):
        yield step.send.template.name
    if step.template is not None:
        yield step.template.name
