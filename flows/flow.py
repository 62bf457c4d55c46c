"""What does a `flow:` document say?"""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from msgspec import Struct

from engine.ruleset import OnPublish
from flows.digression import Digressions, faults_of
from flows.expressions import When
from flows.hints import as_name
from flows.nodes import Node
from flows.reader import By, Reader, of_text, one_or_many, shortened
from flows.step import Fault, Steps
from flows.text import Text
from rules.conditions.nodes import MATCH
from rules.source import Mistake, Mistakes

KEYWORDS = 'Write `when: text has any ("order", "cake")`'
NAME = re.compile(r"[^\W_][\w-]{0,99}")


def flow_name(text: str) -> str:
    """Check the name of a flow."""
    if not NAME.fullmatch(text):
        message = f"The name of a flow is made of letters, digits, `_` and `-`, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "name", message, as_name(text, "flow")))
    return text


class _StartFields(Struct, frozen=True):
    """What may start a flow: either of these.

    - `when`: a condition on a message.
    - `ad`: a message from a Click-to-WhatsApp ad: `any`, or the id of one in quotes.
    """

    instead: ClassVar = dict.fromkeys(("words", "keywords", "text", "message"), KEYWORDS)

    when: When | None = None
    ad: str | None = None


class Start(Struct, frozen=True):
    """What may start the flow: a condition, or a message from an ad (`any`, or the ad's id)."""

    when: When | None = None
    ad: str | None = None
    place: str = ""


def _start(reader: Reader, node: Node, name: str) -> Start:
    fields: _StartFields = reader.without(MATCH).fields(node, _StartFields, name)
    if (fields.when is None) == (fields.ad is None):
        hint = "Make two starts of them, each after a `-`" if fields.when else 'As in `when: text has "order"`'
        raise reader.refuse(node.place, "start", "A start is either `when: CONDITION` or `ad: any`", hint)
    return Start(fields.when, fields.ad, f"{reader.file}:{node.place.line}")


class FlowOtherwise(Struct, frozen=True):
    """What is done when nothing matched while somebody is in the flow.

    - `steps`: the steps that are done; they cannot wait.
    """

    steps: Steps


class FlowDocument(Struct, frozen=True, kw_only=True):
    """A `flow:` document: what starts it, and its steps.

    - `flow`: the name of the flow, by which others `goto` or `call` it.
    - `priority`: flows with a higher one are tried first; 0 unless told.
    - `start`: what starts it; any of them does.
    - `overlap`: what happens when it should start during another run: `ignore` (unless told), `restart` or `queue`.
    - `on_publish`: what becomes of people in the middle when it changes: they `stay` in their version (unless told),
      `move` to the step of the same `id`, or `restart`.
    - `sorry`: what is said to answers that are not understood, where a question has no words for it.
    - `digressions`: what a contact may ask for while they are in it, by a name for each; `off` turns one of the
      business off.
    - `otherwise`: what is said when nothing matched while somebody is in it.
    - `steps`: the steps, one after another.
    """

    flow: Annotated[str, of_text(flow_name, "a name")]
    priority: int = 0
    start: Annotated[tuple[Start, ...], one_or_many(Annotated[Start, By(_start, _StartFields)])] = ()
    overlap: Literal["ignore", "restart", "queue"] = "ignore"
    on_publish: OnPublish = "stay"
    sorry: Text | None = None
    digressions: Digressions = {}
    otherwise: FlowOtherwise | None = None
    steps: Steps
    place: str = ""

    def faults(self) -> Iterator[Fault]:
        """Find what is wrong with a flow as a whole."""
        yield from faults_of(self.digressions)
