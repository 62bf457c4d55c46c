"""A start that never starts anything, since an earlier one takes every message it fits.

The flow with the highest `priority` comes first, then the one that stands first by file and line.

Bad:

    flow: prices
    start:
      - when: text has any ("cake", "price")
    steps: [{send: "Cakes start at 40."}]
    ---
    flow: wedding
    start:
      - when: text has "wedding cake"
    steps: [{send: "Congratulations!"}]

Good:

    flow: prices
    start:
      - when: text has any ("cake", "price")
    steps: [{send: "Cakes start at 40."}]
    ---
    flow: wedding
    priority: 10
    start:
      - when: text has "wedding cake"
    steps: [{send: "Congratulations!"}]
"""

from collections import defaultdict
from collections.abc import Iterator
from heapq import merge
from operator import itemgetter

from flows.flow import FlowDocument, Start
from flows.folder import Folder
from flows.problems import of_place
from rules.conditions.weaker import Weaker
from rules.source import Problem, Severity

Starts = list[tuple[FlowDocument, Start]]


def find(folder: Folder) -> Iterator[Problem]:
    """Find them."""
    starts = [(document, start) for document in folder.in_order() for start in document.start]
    for taker, document, start in (*_by_condition(starts), *_by_ad(starts)):
        message = f"This never starts `{document.flow}`: `{taker.flow}` takes all that it fits"
        hint = f"Give `{document.flow}` a higher `priority`"
        yield of_place(start.place, "shadowed-start", message, hint, Severity.WARNING)


def _by_condition(starts: Starts) -> Iterator[tuple[FlowDocument, FlowDocument, Start]]:
    """Find starts whose condition holds only where that of an earlier flow does; that flow comes first."""
    asked = [(document, start, start.when.condition) for document, start in starts if start.when]
    weaker = Weaker(condition for *_, condition in asked)
    for place, (document, start, _) in enumerate(asked):
        takers = (asked[other][0] for other in weaker.before(place))
        taker = next((each for each in takers if each is not document), None)
        if taker is not None:
            yield taker, document, start


def _by_ad(starts: Starts) -> Iterator[tuple[FlowDocument, FlowDocument, Start]]:
    """Find starts by ads that an earlier flow takes; that flow comes first."""
    takers: defaultdict[str, list[tuple[int, FlowDocument]]] = defaultdict(list)
    for place, (document, start) in enumerate(starts):
        if start.ad is None:
            continue
        earlier = merge(*(takers[ad] for ad in {"any", start.ad}), key=itemgetter(0))
        taker = next((each for _, each in earlier if each is not document), None)
        takers[start.ad].append((place, document))
        if taker is not None:
            yield taker, document, start
