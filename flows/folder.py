"""What is in a business's folder, read and checked?"""

from collections.abc import Iterator

from msgspec import Struct

from flows.attachments import Attached
from flows.business import BusinessDocument
from flows.campaign import CampaignDocument
from flows.digression import Digression
from flows.faq import FaqDocument
from flows.flow import FlowDocument
from flows.nodes import Map
from flows.step import Steps
from flows.templates import Item, Templates, known_templates
from rules.source import Problem


class TestDocument(Struct, frozen=True):
    """A `test:` document as it is written: the transcript's own module reads it."""

    __test__ = False  # pytest would take it for tests of its own

    file: str
    line: int
    root: Map


class Folder(Struct, frozen=True, kw_only=True):
    """A business with everything its authors wrote; documents in the order of their files and places.

    `files` are the texts it was read from, by their paths, and `attached` what its messages hold besides; `digests`
    are those of the flows, once they are published.
    """

    business: BusinessDocument
    flows: tuple[FlowDocument, ...] = ()
    faqs: tuple[FaqDocument, ...] = ()
    templates: tuple[Templates, ...] = ()
    campaigns: tuple[CampaignDocument, ...] = ()
    files: dict[str, str] = {}
    digests: dict[str, str] = {}
    attached: dict[str, Attached] = {}

    def in_order(self) -> list[FlowDocument]:
        """Return the flows in the order in which their starts are tried."""
        return sorted(self.flows, key=lambda each: -each.priority)

    def digressions(self) -> Iterator[Digression]:
        """Go through what contacts may ask for at any time, here or in one flow."""
        for digressions in (self.business.digressions, *(document.digressions for document in self.flows)):
            yield from (each for each in digressions.values() if each)

    def all_steps(self) -> Iterator[Steps]:
        """Go through the steps of flows, and those that are said aside."""
        business = self.business
        yield from (document.steps for document in self.flows)
        yield from (document.otherwise.steps for document in self.flows if document.otherwise)
        yield from (each.steps for each in self.digressions())
        yield from (each.steps for each in (business.otherwise, business.handoff.nobody_came) if each)

    def known_templates(self) -> dict[str, dict[str, Item]]:
        """Find the templates by name and language."""
        return known_templates(self.templates)


class Loaded(Struct, frozen=True):
    """A folder, unless something is wrong that keeps it from being used; and every problem, in file order.

    `readable` is what could be read in spite of the problems: to be looked at, never to be run. `tests` are its `test:`
    documents, which can be read all the same, in the `zone` of the business.
    """

    folder: Folder | None
    problems: tuple[Problem, ...]
    readable: Folder | None = None
    tests: tuple[TestDocument, ...] = ()
    zone: str = "UTC"
