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

from collections.abc import Iterator

from flows.flow import FlowDocument, Start
from flows.folder import Folder
from flows.problems import of_place
from rules.conditions.implies import implies
from rules.source import Problem, Severity


def find(folder: Folder) -> Iterator[Problem]:
    """Find them."""
    earlier: list[tuple[FlowDocument, Start]] = []
    for document in folder.in_order():
        for start in document.start:
            first = next((each for each in earlier if each[0] is not document and _takes_all(each[1], start)), None)
            if first is not None:
                message = f"This never starts `{document.flow}`: `{first[0].flow}` takes all that it fits"
                hint = f"Give `{document.flow}` a higher `priority`"
                yield of_place(start.place, "shadowed-start", message, hint, Severity.WARNING)
            earlier.append((document, start))


def _takes_all(first: Start, later: Start) -> bool:
    if first.ad is not None or later.ad is not None:
        return first.ad is not None and later.ad is not None and first.ad in ("any", later.ad)
    return first.when is not None and later.when is not None and implies(later.when.condition, first.when.condition)
