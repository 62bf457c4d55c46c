"""A campaign for people who opted in, where nobody can.

A template that Meta takes for marketing goes only to people who agreed to get offers.
They say so by a word of `opt_in` in business.yaml or at a `consent` step, or a column of the list tells when they did.

Bad:

    templates: "2"
    list: [{name: spring, language: en, category: MARKETING, status: APPROVED, body: "It is spring."}]
    ---
    campaign: spring
    audience: chat.idle > 30d
    template: spring

Good:

    templates: "2"
    list: [{name: spring, language: en, category: MARKETING, status: APPROVED, body: "It is spring."}]
    ---
    campaign: spring
    audience: chat.idle > 30d
    template: spring
    ---
    flow: offers
    start: {when: text has "offers"}
    steps:
      - consent: "May we write to you when we have an offer?"
        yes: "Yes, please"
        no: "No, thanks"
"""

from collections.abc import Iterator

from flows.campaign import CampaignDocument, Listed
from flows.folder import Folder
from flows.graph import every_step
from flows.problems import of_place
from rules.source import Problem, Severity


def find(folder: Folder) -> Iterator[Problem]:
    """Find them."""
    steps = (step for steps in folder.all_steps() for step in every_step(steps))
    if folder.business.opt_in is not None or any(step.kind == "consent" for step in steps):
        return
    for each in folder.campaigns:
        if each.needs_opt_in and not _knows(each):
            message = f"Nobody can opt in, so nobody gets `{each.campaign}`"
            hint = "Ask with a `consent` step, write `opt_in` words into business.yaml, or name an `opt_in` column"
            yield of_place(each.place, "no-opt-in", message, hint, Severity.WARNING)


def _knows(campaign: CampaignDocument) -> bool:
    return isinstance(campaign.audience, Listed) and campaign.audience.columns.agreed is not None
