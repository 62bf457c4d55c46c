"""What should an author write instead of what does not fit?"""

import re
from collections.abc import Mapping

from msgspec import Struct

from flows.fields import fields_of
from flows.meanings import meaning_of
from flows.nodes import Map, Node, Scalar, Seq

YES_OR_NO = {
    **dict.fromkeys(("yes", "on", "y", "sim", "sí", "si", "ja", "oui"), "true"),
    **dict.fromkeys(("no", "off", "n", "não", "nao", "nein", "non"), "false"),
}
"""What people write for `true` and `false`."""
STEPS_MEANT = {
    **dict.fromkeys(("text", "say", "message", "image", "reply", "answer"), "Did you mean `send`?"),
    **dict.fromkeys(("buttons", "menu", "list", "options"), "Did you mean `choose`?"),
    **dict.fromkeys(("question", "input"), "Did you mean `ask`?"),
    **dict.fromkeys(("delay", "sleep", "pause"), "Did you mean `wait`?"),
    **dict.fromkeys(("jump", "run", "flow"), "Did you mean `goto`?"),
    **dict.fromkeys(("human", "person", "agent"), "Did you mean `handoff`?"),
    **dict.fromkeys(("webhook", "request", "api"), "Did you mean `http`?"),
    **dict.fromkeys(("stop", "exit"), "Did you mean `end`?"),
    "<<": "Write its fields out: nothing is taken over from elsewhere",
}
"""What other tools call what steps do."""
NO_NAME = re.compile(r"\W+")
NO_DIGITS = re.compile(r"[^0-9.\-]+")


def in_its_place(node: Node, name: str, what: str) -> str:
    """Say how something is written in place of another kind of value."""
    match node:
        case Scalar(text=None):
            return f"Write {what} after `{name}:`"
        case Map() | Scalar() if what.startswith("a list"):
            return "Put a `-` in front of each item, also if there is only one"
        case Seq(items=[_]) | Seq(items=[]):
            return f"Leave the list out: write {what} after `{name}:`"
        case _:
            return f"Write {what}"


def as_fields(wanted: type[Struct], name: str) -> str:
    """Show how the fields of a struct are written."""
    fields = fields_of(wanted)
    needed = [word for word, field in fields.items() if field.required] or list(fields)[:1]
    return f"As in `{name}: {{{', '.join(f'{word}: …' for word in needed)}}}`"


def what_to_add(wanted: type[Struct], word: str) -> str:
    """Say what a missing field is for."""
    means = meaning_of(wanted).fields.get(word.rstrip("_"), "")
    return f"Add `{word}: …`. {means}" if means else f"Add `{word}: …`"


def instead_of(wanted: type[Struct], word: str) -> str | None:
    """Say what does what a field of another name seems to be meant for; a struct tells in `instead`."""
    known: Mapping[str, str] = getattr(wanted, "instead", {})
    return known.get(word)


def as_truth(text: str, known: tuple[str, ...], name: str) -> str | None:
    """Write yes or no as `true` or `false`, and nothing after a word that stands alone."""
    if known == ("true",):
        return f"Write `- {name}`, and nothing after it"
    word = YES_OR_NO.get(text.lower()) if set(known) == {"true", "false"} else None
    return f"Write `{word}`" if word else None


def as_number(text: str) -> str | None:
    """Write a number without what stands around it."""
    digits = NO_DIGITS.sub("", text.replace(",", ".") if text.count(",") == 1 else text)
    return f"Write `{digits}`" if digits.strip(".-") and digits != text else None


def after_comma(node: Map, known: Mapping[str, object]) -> str | None:
    """Find what a comma in braces made a field of: a word that no colon follows."""
    if not node.source.text.startswith("{", node.start):
        return None
    for word, value in node.items.items():
        key = node.keys[word]
        is_alone = isinstance(value, Scalar) and value.is_plain and value.text is None
        if is_alone and word not in known and not node.source.text.startswith(":", key.end):
            return word
    return None


def as_name(text: str, kind: str) -> str | None:
    """Write a text as the name of a flow or a step."""
    name = NO_NAME.sub("_", text).strip("_")
    return f"Write `{name}`" if name and not name[0].isdigit() else f"As in `my_{kind}`"


def as_steps(node: Node) -> str:
    """Say how steps are put in a list."""
    stuck = next((word for word in node.items if word.startswith("-")), None) if isinstance(node, Map) else None
    if stuck:
        return f"Write a space after the `-`: `- {stuck.removeprefix('-')}: …`"
    return "Put `- ` in front of each step, also if there is only one"
