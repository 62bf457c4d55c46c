"""Let the contact choose among a few answers."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

from msgspec import Struct

from engine.content import Button, Buttons, Choice, Choices, FreeForm, Section, Tap, words_of
from engine.step import NEXT, Enter, Outcome, Turn
from flows.limits import (
    BUTTON_TITLE,
    BUTTONS,
    BUTTONS_BODY,
    LABEL,
    LIST_BODY,
    OPTION_ID,
    ROW_DESCRIPTION,
    ROW_TITLE,
    ROWS,
    SECTION_TITLE,
    fits,
)
from flows.nodes import Map, Node, Scalar, Seq
from flows.question import Question, saved_name
from flows.reader import By, Reader, UnreadableError
from flows.step import Branch, Fault, Steps, Variable
from flows.text import Text
from rules.conditions import Type
from rules.words import words

SAY_ABOVE = "Say it in the text above the options"
A_SECTION = "Write in which section of the list it stands"


class Written(Struct, frozen=True):
    """What may stand after a title: what is kept, what is shown, other words for it, and what follows.

    - `id`: what is kept when it is chosen; the title unless told.
    - `title`: what is shown, in several languages.
    - `description`: what is shown below the title, in a list.
    - `also`: other words for it.
    - `section`: the heading it stands under, in a list.
    - `steps`: the steps that follow.
    """

    id: str = ""
    title: Text | None = None
    description: Text | None = None
    also: tuple[str, ...] = ()
    section: Text | None = None
    steps: Steps = Steps()


class Option(Struct, frozen=True, kw_only=True):
    """One of the answers; its title is in the languages of the business."""

    id: str
    title: Text
    description: Text | None
    also: tuple[str, ...]
    section: Text | None
    steps: Steps

    def __str__(self) -> str:
        return self.id

    @property
    def heading(self) -> str:
        """What its section is called where it was written; nothing if it has none."""
        return next(iter(self.section.languages.values())).least if self.section else ""

    @property
    def names(self) -> list[tuple[str, ...]]:
        """The words that choose it: its title in every language, and the other words for it."""
        titles = (wording.least for wording in self.title.languages.values())
        return list(dict.fromkeys(words(each) or (each,) for each in (*titles, *self.also)))


def _options(reader: Reader, node: Node, name: str) -> dict[str, Option]:
    if not isinstance(node, Map):
        raise reader.wants(node, name, "titles, each with its steps", "As in `options: {Yes: {}, No: {}}`")
    options: dict[str, Option] = {}
    failed = False
    for title, value in node.items.items():
        try:
            options[title] = _option(reader, value, node.keys[title])
        except UnreadableError:
            failed = True
    if failed:
        raise UnreadableError(name)
    return options


def _option(reader: Reader, node: Node, key: Scalar) -> Option:
    title = key.text or ""
    written = _written(reader, node, title)
    return Option(
        id=written.id or title,
        title=written.title or Text.read(reader, key, "options"),
        description=written.description,
        also=written.also,
        section=written.section,
        steps=written.steps,
    )


def _written(reader: Reader, node: Node, title: str) -> Written:
    if isinstance(node, Scalar) and node.text is None:
        return Written()
    if isinstance(node, Seq):
        return Written(steps=reader.read(node, Steps, title))
    found: Written = reader.read(node, Written, title)
    return found


class Choose(Question, frozen=True):
    """Ask with buttons (up to three options) or with a list (up to ten), and go on with what was chosen.

    - choose: "What would you like?"
      save: topic
      options:
        Prices:
          - send: "Cakes start at R$ 40."
        Talk to us: {id: person, also: [human], steps: [{handoff: "Wants to talk"}]}

    Who types a title, or another name of it, chose as well as who taps. After the steps of the option the flow goes on.

    - `choose`: the question.
    - `options`: titles, each with its steps, or with any of `id` (what is kept; the title unless told), `title` (in
      several languages), `description` and `section` (shown in a list), `also` (other words for it) and `steps`.
      Up to three become buttons; more of them, or what has a description or a section, a list of at most ten.
    - `label`: what stands on the button that opens a list; `Menu` unless told.
    - `save`: the name to keep the chosen `id` under.
    - `sorry`: what is said to an answer that is not understood, with the options once more.
    - `tries`: after so many of them the flow's or the business's `otherwise` is said instead; 3 unless told.
    - `no_reply`: `after` a span without an answer do these `steps`; then the step goes on waiting, unless they leave.
    """

    choose: Text
    options: Annotated[dict[str, Option], By(_options, dict[str, Steps | Written | None])]
    label: Text | None = None
    save: Variable | None = None

    def question(self) -> Text:
        """Return the words of the question."""
        return self.choose

    def message(self, words: Text, turn: Turn) -> FreeForm:
        """Make buttons, or a list where there are many options or more than titles to show."""
        key = turn.wait_key
        if self._is_list:
            label = self.label.say(turn, LABEL) if self.label else "Menu"
            return Choices(words.say(turn, LIST_BODY), label, tuple(self._sections(turn)))
        options = self.options.values()
        buttons = tuple(Button(f"{key}.{option.id}", option.title.say(turn, BUTTON_TITLE)) for option in options)
        return Buttons(words.say(turn, BUTTONS_BODY), buttons)

    def answer(self, turn: Turn) -> Outcome | None:
        """Take a tap on one of the options, or words that are a title or another name of one."""
        content = turn.message.content if turn.message else None
        if content is None:
            return None
        if isinstance(content, Tap) and content.source != "template":
            found = (option for option in self.options.values() if content.payload == f"{turn.wait_key}.{option.id}")
        else:
            said = words(words_of(content))
            found = (option for option in self.options.values() if said and said in option.names)
        option = next(found, None)
        return self._chosen(option) if option else None

    def _chosen(self, option: Option) -> Outcome:
        save = {self.save: option.id} if self.save else {}
        return Outcome(
            save=save, then=Enter(option.id) if option.steps else NEXT, why=f"takes the option `{option.id}`"
        )

    @property
    def _is_list(self) -> bool:
        shows_more = any(option.description or option.section for option in self.options.values())
        return len(self.options) > BUTTONS or shows_more

    def _sections(self, turn: Turn) -> Iterator[Section]:
        for heading in dict.fromkeys(option.heading for option in self.options.values()):
            options = [option for option in self.options.values() if option.heading == heading]
            section = options[0].section
            title = section.say(turn, SECTION_TITLE) if section else ""
            yield Section(title, tuple(_row(option, turn) for option in options))

    @property
    def straight_on(self) -> tuple[str, ...] | None:
        """Options without steps of their own lead to the step that follows; if all do, that goes without saying."""
        titles = tuple(title for title, option in self.options.items() if not option.steps)
        return () if len(titles) == len(self.options) else titles or None

    def branches(self) -> Mapping[str, Branch]:
        """Return the steps of the options by their ids, and those for no reply."""
        chosen = {
            option.id: Branch(option.steps, title=title) for title, option in self.options.items() if option.steps
        }
        return {**super().branches(), **chosen}

    def faults(self) -> Iterator[Fault]:
        """Check what WhatsApp can show, and that each answer leads to one option."""
        yield from super().faults()
        body = LIST_BODY if self._is_list else BUTTONS_BODY
        what = "A text above a list" if self._is_list else "A text above buttons"
        yield from fits(("choose",), self.choose, body, what)
        yield from fits(("sorry",), self.sorry_, body, what)
        yield from fits(("label",), self.label, LABEL, "A `label`")
        yield from self._count_faults()
        yield from self._option_faults()
        yield from self._name_faults()

    def _count_faults(self) -> Iterator[Fault]:
        if not self.options:
            hint = "As in `options: {Yes: {}, No: {}}`"
            yield Fault(("options",), "options", "`options` needs at least one title", hint)
        if len(self.options) > ROWS:
            path = ("options", list(self.options)[ROWS])
            message = f"WhatsApp shows at most {ROWS} options, and these are {len(self.options)}"
            yield Fault(path, "options", message, "Put some of them behind an option of their own")
        if self.label and not self._is_list:
            message = f"Up to {BUTTONS} options become buttons, which have no `label`"
            yield Fault(
                ("label",), "label", message, "Leave it out, or give an option a `description`: that makes a list"
            )

    def _option_faults(self) -> Iterator[Fault]:
        sections = {option.heading for option in self.options.values()}
        most, what = (ROW_TITLE, "A title in a list") if self._is_list else (BUTTON_TITLE, "A title on a button")
        for title, option in self.options.items():
            path = ("options", title)
            yield from fits(path, option.title, most, what)
            if any(not isinstance(part, str) for each in option.title.languages.values() for part in each.parts):
                yield Fault(path, "title", "A title stays as it is; `{{ }}` is not filled in here", SAY_ABOVE)
            yield from fits((*path, "description"), option.description, ROW_DESCRIPTION, "A description")
            yield from fits((*path, "section"), option.section, SECTION_TITLE, "A section's title")
            yield from fits((*path, "id"), option.id, OPTION_ID, "An `id`")
            if len(sections) > 1 and not option.section:
                yield Fault(path, "section", f"`{title}` needs a `section`, since other options have one", A_SECTION)

    def _name_faults(self) -> Iterator[Fault]:
        taken: dict[tuple[str, ...], str] = {}
        ids: dict[str, str] = {"no_reply": "no_reply"}
        for title, option in self.options.items():
            if ids.setdefault(option.id, title) != title:
                message = f"The id `{option.id}` is taken by `{ids[option.id]}`"
                yield Fault(("options", title, "id"), "duplicate-id", message, "Give it another")
            for name in option.names:
                if taken.setdefault(name, title) != title:
                    message = f"`{' '.join(name)}` could mean `{taken[name]}` or `{title}`"
                    yield Fault(("options", title), "ambiguous-option", message, "Give each option words of its own")

    @classmethod
    def saves(cls, fields: Map, type_of: Callable[[str], Type]) -> Mapping[str, Type]:  # noqa: ARG003
        """The id of the chosen option is text."""
        name = saved_name(fields)
        return {name: Type.TEXT} if name else {}


def _row(option: Option, turn: Turn) -> Choice:
    description = option.description.say(turn, ROW_DESCRIPTION) if option.description else None
    return Choice(f"{turn.wait_key}.{option.id}", option.title.say(turn, ROW_TITLE), description or None)
