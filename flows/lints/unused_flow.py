"""A flow that nothing starts.

It has no `start`, no other flow goes to it or calls it, and neither the FAQ nor a digression runs it.

Bad:

    flow: prices
    steps:
      - send: "Cakes start at 40."

Good:

    flow: prices
    start: {when: text has "price"}
    steps:
      - send: "Cakes start at 40."
"""

from collections.abc import Iterator

from flows.folder import Folder
from flows.graph import every_step
from flows.problems import of_place
from rules.source import Problem, Severity


def find(folder: Folder) -> Iterator[Problem]:
    """Find them."""
    named = {name for steps in folder.all_steps() for step in every_step(steps) for name in (step.target, step.called)}
    named |= {answer.run for faq in folder.faqs for answer in faq.answers}
    named |= {each.run for each in folder.digressions() if each}
    for document in folder.flows:
        if not document.start and document.flow not in named:
            message = f"Nothing starts `{document.flow}`"
            hint = "Give it a `start`, or go to it from another flow"
            yield of_place(document.place, "unused-flow", message, hint, Severity.WARNING)
