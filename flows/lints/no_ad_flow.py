"""Conversions are reported, and no flow looks at the ad that brings people.

A click on an ad is counted where a flow starts by `ad`, or asks for `ad.id`. Without one the first message of an
ad is answered like any other, or not at all.

Bad:

    flow: order
    start: {when: text has "order"}
    steps:
      - send: "Thanks!"
      - report: LeadSubmitted

Good:

    flow: order
    start: [{when: text has "order"}, {ad: any}]
    steps:
      - send: "Thanks!"
      - report: LeadSubmitted
"""

from collections.abc import Iterator

from flows.folder import Folder
from flows.graph import every_step
from flows.problems import of_step
from rules.conditions.nodes import Name, reads
from rules.source import Problem, Severity

OF_ADS = ("ad.", "first_ad.")


def find(folder: Folder) -> Iterator[Problem]:
    """Find the first report."""
    starts = [start for flow in folder.flows for start in flow.start]
    trees = [start.when.condition.tree for start in starts if start.when]
    read = [each.name for tree in trees for each in reads(tree) if isinstance(each, Name)]
    if any(start.ad for start in starts) or any(name.startswith(OF_ADS) for name in read):
        return
    reports = [step for steps in folder.all_steps() for step in every_step(steps) if step.kind == "report"]
    for step in reports[:1]:
        message = "This is reported, and no flow starts by an ad"
        yield of_step(step, "no-ad-flow", message, "Add `ad: any` to the `start` of a flow", Severity.HINT)
