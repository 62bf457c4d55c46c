"""What does a text of an author say in a turn?"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from engine.step import Turn
from flows.accidents import in_quotes, swallowed
from flows.hints import after_comma
from flows.nodes import Map, Node, Scalar
from flows.reader import By, Reader, UnreadableError, listed, shortened
from flows.slots import Wording, divided
from flows.values import is_language
from rules.source import Severity
from rules.tongues import fitting

SINGLE_BRACES = re.compile(r"(?<!\{)\{\s*([\w.]+)\s*\}(?!\})")
LONGEST_SOURCE = 16_384
LONGEST = 4_096
SEVERAL = "Divide it into several messages"
LANGUAGE = re.compile(r"[a-z]{2,3}(?:[_-][A-Za-z]{2,4})?")


LanguageKey = Annotated[
    str, Meta(pattern=f"^{LANGUAGE.pattern}$", description="This is neither a field nor a language such as `pt_BR`")
]


class Text(Struct, frozen=True, dict=True, tag="text"):
    """A text with `{{ }}`, in one language or several; the first is said when none fits the contact's."""

    as_written: ClassVar = str | dict[LanguageKey, str]

    languages: dict[str, Wording]

    @cached_property
    def constant(self) -> str | None:
        """What it always says; nothing if that depends on values or on the language."""
        return next(iter(self.constants.values()), None) if len(self.languages) == 1 else None

    @property
    def constants(self) -> Mapping[str, str]:
        """What it always says in a language, for those in which that does not depend on values."""
        found = self.languages.items()
        return {each: text.least for each, text in found if all(isinstance(part, str) for part in text.parts)}

    def say(self, turn: Turn, most: int = LONGEST) -> str:
        """Write it with the values of the turn, cut to a length; what a contact wrote is never read as an author's."""
        wording = fitting(turn.language, self.languages)
        said = "".join(part if isinstance(part, str) else part.say(turn) for part in wording.parts)
        return cut(said, most)

    def beyond(self, most: int) -> str | None:
        """Return what is said at least in a language in which that is too long; nothing if it fits."""
        return next((each.least for each in self.languages.values() if len(each.least) > most), None)

    @classmethod
    def read(cls, reader: Reader, node: Node, name: str) -> "Text":
        """Read a text, or texts by language; more of them may stand in files of `translations:`."""
        if isinstance(node, Scalar):
            return _complete(reader, node, cls(_in_all(reader, node, name)))
        if not isinstance(node, Map):
            raise reader.wants(node, name, "text")
        if not node.items or not all(is_language_key(key) for key in node.items):
            raise _not_languages(reader, node, name)
        words = reader.all_of((value, _InOneLanguage, name) for value in node.items.values())
        by_language = {key.replace("-", "_"): each.wording for key, each in zip(node.items, words, strict=True)}
        own = node.items.get(reader.language)
        first = _in_all(reader, own, name) if isinstance(own, Scalar) else {}
        return _complete(reader, node, cls({**first, **by_language}))


def _plain(reader: Reader, node: Node, name: str) -> Text:
    return (
        Text({reader.language: _wording(reader, node, name)})
        if isinstance(node, Scalar)
        else Text.read(reader, node, name)
    )


Plain = Annotated[Text, By(_plain)]
"""A text that says the same in every language, such as a link or a name, so none has to be written for each."""


class _InOneLanguage(Struct, frozen=True):
    wording: Wording

    @classmethod
    def read(cls, reader: Reader, node: Node, name: str) -> "_InOneLanguage":
        if not isinstance(node, Scalar):
            raise reader.wants(node, name, "text")
        return cls(_wording(reader, node, name))


def is_language_key(key: str) -> bool:
    """Tell whether a field can be the name of a language, as in `pt_BR: "Olá"`."""
    return LANGUAGE.fullmatch(key) is not None and is_language(key)


def cut(text: str, most: int) -> str:
    """Cut a text to a length, and show that it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _in_all(reader: Reader, node: Scalar, name: str) -> dict[str, Wording]:
    """Read a text of the business's own language, and its translations in files of their own."""
    found = {reader.language: _wording(reader, node, name)}
    for language, file, translation in reader.translated(node.text or ""):
        found[language] = _wording(reader.beside(file), translation, name)
    return found


def _complete(reader: Reader, node: Node, text: Text) -> Text:
    """Tell in which languages of the business a text is missing; one without words needs none."""
    tongues = {language.split("_", 1)[0] for language in text.languages}
    missing = [each for each in reader.languages if each.split("_", 1)[0] not in tongues]
    if missing and any(character.isalpha() for wording in text.languages.values() for character in wording.least):
        hint = "Write it as `{en: …, pt_BR: …}`, or in a file of `translations:`"
        reader.tell(
            node.place, "missing-language", f"This text is missing in {listed(missing)}", hint, Severity.WARNING
        )
    return text


def _not_languages(reader: Reader, node: Map, name: str) -> UnreadableError:
    if language := next((key for key in node.items if is_language_key(key)), None):
        other = next(key for key in node.items if not is_language_key(key))
        message = f"`{other}` is no language, and `{language}` beside it is one"
        return reader.refuse(node.place_of(other), "language", message, "As in `en` or `pt_BR`")
    if not node.items:
        return reader.wants(node, name, "text")
    key, value = next(iter(node.items.items()))
    if after_comma(node, {}) == key:
        message = f"YAML reads what stands in braces as fields, and `{name}` takes text"
        return reader.refuse(node.place, "needs-quotes", message, in_quotes(_in_braces(node)))
    meant = f"{key}: {value.text or ''}" if isinstance(value, Scalar) else key
    message = f"`{name}` takes text; YAML reads `{shortened(key)}:` as a field"
    return reader.refuse(node.place, "needs-quotes", message, in_quotes(meant.strip()))


def _in_braces(node: Map) -> str:
    return node.source.rest_of_line(node.start)[1:].rpartition("}")[0].strip()


def words(reader: Reader, node: Scalar, name: str) -> str:
    """Read what a text says; one without words is told, and so is what YAML took for a comment."""
    if lost := swallowed(node):
        reader.tell_mistake(lost)
        raise UnreadableError(name)
    if node.text is None or not node.text.strip():
        raise reader.refuse(node.place, "empty-text", f"`{name}` needs some text", f'As in `{name}: "…"`')
    return node.text


def _wording(reader: Reader, node: Scalar, name: str) -> Wording:
    text = words(reader, node, name)
    _tell_single_braces(reader, node, text)
    if len(text) > LONGEST_SOURCE:
        raise reader.refuse(node.place, "too-long", f"A text has at most {LONGEST_SOURCE:,} characters", SEVERAL)
    return divided(reader, node, text)


def _tell_single_braces(reader: Reader, node: Scalar, text: str) -> None:
    """Tell of a known name that stands in braces as other tools want them."""
    for found in SINGLE_BRACES.finditer(text):
        if found[1] in reader.scope:
            line = text.count("\n", 0, found.start()) + 1
            place = node.inside(line, found.start() - text.rfind("\n", 0, found.start()))
            message = f"`{found[0]}` is said as it is written, since it has one pair of braces"
            reader.tell(place, "single-braces", message, f"Write `{{{{ {found[1]} }}}}`", Severity.WARNING)
