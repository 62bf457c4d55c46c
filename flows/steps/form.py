"""Let the contact fill in a form of WhatsApp's."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import msgspec

from engine.content import Form as Filled
from engine.content import FormRequest, Template
from engine.step import Outcome, Turn
from flows.data import Data, Fields, data_of, filled
from flows.emoji import has_emoji
from flows.form_answers import Field, Kind, answers_in, fields_of_form, kind_of
from flows.limits import BUTTONS_BODY, FORM_LABEL, fits
from flows.nodes import Map, Node
from flows.question import Question
from flows.reader import By, Reader
from flows.step import Fault
from flows.template_message import Params, TemplateMessage
from flows.templates import Named
from flows.text import Text
from rules.conditions import Type

DATA_MOST = 16_384
_json = msgspec.json.Encoder(decimal_format="number").encode


def _given(reader: Reader, node: Node, name: str) -> Data:
    if not isinstance(node, Map) or not node.items:
        raise reader.wants(node, name, 'names with values, such as `{name: "{{ contact.name }}"}`')
    return data_of(reader, node, name)


class Form(Question, frozen=True):
    """Send a form made in the WhatsApp manager (Meta calls it a Flow), and keep what was filled in.

    - form: "Which day, and how many are you?"
      flow: "1240983377120456"
      button: "Book"
      save: {day: date, people: number, wishes: {field: screen_0_Text_1, expect: text}}
    - handoff: "A big table"
      when: people > 8

    What is left empty has no value. Only this form answers: a form of an earlier question does not, and words go to
    the triggers and the FAQ first, as at every question.

    - `form`: what is said above the button.
    - `flow`: the id of the form, or its name.
    - `button`: what stands on the button; no emoji.
    - `screen`: the screen it begins with; the first unless told.
    - `data`: what that screen is given, by name; values as in `set`. What is unknown is left out.
    - `save`: names, each with what is filled in there: `text`, `number`, `email`, `phone`, `date`, `time`, `true/false`
      or `list`. Where the form calls it otherwise, write `{field: …, expect: …}`.
    - `sorry`: what is said to anything else, with the button once more; also to a form whose answers do not fit.
    - `tries`: after so many of them the flow's or the business's `otherwise` is said instead; 3 unless told.
    - `no_reply`: `after` a span without an answer do these `steps`; then the step goes on waiting, unless they leave.
    - `template`: the template that leaves instead when the window is closed; the business's `fallback` if left out.
      What the contact answers to it is no form, so `sorry` brings the button.
    - `params`: what the template is filled with, in order or by name.
    """

    form: Text
    flow: str
    button: Text
    screen: str | None = None
    data: Annotated[Data, By(_given, dict[str, Any])] = None
    save: Annotated[dict[str, Field], By(fields_of_form, dict[str, Kind | Field])] = msgspec.field(default_factory=dict)
    template: Named | None = None
    params: Params = ()

    def question(self) -> Text:
        """Return what is said above the button."""
        return self.form

    def message(self, words: Text, turn: Turn) -> FormRequest:
        """Make the button that opens the form."""
        return FormRequest(
            words.say(turn, BUTTONS_BODY),
            label=self.button.say(turn, FORM_LABEL),
            flow=self.flow,
            token=_token(turn),
            screen=self.screen,
            data=self._data(turn),
        )

    def _data(self, turn: Turn) -> str | None:
        """Write what the first screen is given; Meta refuses one that is empty."""
        if not isinstance(self.data, Fields):
            return None
        known = {name: value for name, value in filled(self.data, turn).items() if value is not None}
        written = _json(known).decode()
        return written if known and len(written) <= DATA_MOST else None

    def fallback(self, turn: Turn) -> Template | None:
        """Fill in the template that takes its place."""
        instead = self._instead()
        return instead.fill(turn) if instead else None

    def _instead(self) -> TemplateMessage | None:
        return TemplateMessage(self.template, self.params) if self.template else None

    def answer(self, turn: Turn) -> Outcome | None:
        """Take what was filled into this form, if each part is of the kind that is expected."""
        content = turn.message.content if turn.message else None
        if not isinstance(content, Filled) or content.token != _token(turn):
            return None
        save = answers_in(content, self.save, turn)
        return None if save is None else Outcome(save=save, why="takes the form")

    @property
    def free_form(self) -> bool:
        """It needs an open window, unless it names a template to take its place."""
        return self.template is None

    @property
    def keeps(self) -> frozenset[str]:
        """All its names."""
        return frozenset(self.save)

    def faults(self) -> Iterator[Fault]:
        """Check what WhatsApp can show, and the template."""
        yield from super().faults()
        yield from fits(("form",), self.form, BUTTONS_BODY, "A text above a button")
        yield from fits(("sorry",), self.sorry_, BUTTONS_BODY, "A text above a button")
        yield from fits(("button",), self.button, FORM_LABEL, "The `button` of a form")
        if any(has_emoji(wording.least) for wording in self.button.languages.values()):
            message = "WhatsApp takes no emoji on the `button` of a form"
            yield Fault(("button",), "emoji", message, "Write words alone; the text above may have one")
        if not self.flow.strip():
            yield Fault(("flow",), "empty-text", "`flow` is the id or the name of the form in the WhatsApp manager")
        if self.data is not None and self.screen is None:
            message, hint = "`data` is for a `screen`, and none is named", "Name the first one, as in `screen: BOOKING`"
            yield Fault(("data",), "missing-field", message, hint)
        if instead := self._instead():
            yield from instead.faults()
        elif self.params:
            yield Fault(("params",), "template-params", "`params` belongs to a `template`, and there is none")

    @classmethod
    def saves(cls, fields: Map, type_of: Callable[[str], Type]) -> Mapping[str, Type]:  # noqa: ARG003
        """Tell the kinds of the answers that are expected."""
        save = fields.items.get("save")
        return {name: kind_of(node) for name, node in save.items.items()} if isinstance(save, Map) else {}


def _token(turn: Turn) -> str:
    return f"{turn.wait_key}.form"
