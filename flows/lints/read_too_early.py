"""A value that is read before anything could have saved it.

It is nothing there: a text shows a gap, and a comparison with it is false.

Bad:

    flow: order
    start: {when: text has "order"}
    steps:
      - send: "You want {{ qty }}?"
      - ask: "How many?"
        save: qty

Good:

    flow: order
    start: {when: text has "order"}
    steps:
      - ask: "How many?"
        save: qty
      - send: "You want {{ qty }}?"
"""

from collections import Counter
from collections.abc import Iterator

from flows.folder import Folder
from flows.graph import every_step
from flows.paths import Paths
from flows.problems import of_step
from flows.reads import names_read
from rules.source import Problem, Severity


def find(folder: Folder) -> Iterator[Problem]:
    """Find them, of names that just this flow saves: others may come from a flow that calls it."""
    savers = Counter(name for flow in folder.flows for name in {n for s in every_step(flow.steps) for n in s.keeps})
    paths = Paths(folder)
    saved = paths.saved_before()
    for at in paths.everywhere():
        step = paths.step(at)
        own = {name for other in every_step(paths.document(at).steps) for name in other.keeps if "." not in name}
        answered = step.keeps if step.asks else frozenset()
        for name in sorted((names_read(step) & own) - saved.get(at, own) - answered):
            if savers[name] == 1:
                message = f"`{name}` is read here before anything saves it"
                hint = "Move this behind the step that saves it"
                yield of_step(step, "read-too-early", message, hint, Severity.WARNING)
