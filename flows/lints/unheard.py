"""Voice notes, pictures and files that nobody answers.

Contacts send them in place of words. Without an `otherwise`, and without a start that asks for `message.type`, the
bot is silent.

Bad:

    flow: order
    start: {when: text has "order"}
    steps: [{send: "We bake until six."}]

Good:

    flow: order
    start: {when: text has "order"}
    steps: [{send: "We bake until six."}]
    ---
    flow: not_in_words
    start: {when: 'message.type in ("audio", "image", "video", "document", "sticker")'}
    steps: [{send: "Please write it to me."}]
"""

from collections.abc import Iterator

from flows.folder import Folder
from flows.problems import of_place
from rules.conditions.nodes import Name, reads
from rules.source import Problem, Severity

TYPES = {"message.type", "message.voice"}


def find(folder: Folder) -> Iterator[Problem]:
    """Find a business without an answer to them."""
    starts = [start.when.condition for flow in folder.flows for start in flow.start if start.when]
    asked = {each.name for start in starts for each in reads(start.tree) if isinstance(each, Name)}
    if folder.business.otherwise is None and folder.flows and not asked & TYPES:
        message = "Nobody answers a voice note or a picture"
        hint = "Add an `otherwise`, or a flow that starts when `message.type` is one of them"
        yield of_place(folder.business.place, "unheard", message, hint, Severity.HINT)
