"""How does a value of a file become what a field wants, with every problem found on the way?"""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Struct

from flows.attachments import Attachments
from flows.fields import fields_of, hints_of, known_fields
from flows.hints import after_comma, as_fields, as_number, as_truth, in_its_place, instead_of, what_to_add
from flows.nodes import Map, Node, Place, Scalar, Seq, called
from rules.conditions import Scope
from rules.source import Mistake, Mistakes, Problem, Severity

MOST_SHOWN = 20
LARGEST = 10**15
TRUTHS = ("true", "false")
LEAST_BEGUN = 3  # letters of a word that was not written to its end


class UnreadableError(Exception):
    """The value cannot be used, and the reason was told already."""


class By(Struct, frozen=True):
    """Beside a type: the function that reads it, and what authors write for it, as a type and in words.

    Without `as_written` authors write what the type itself says.
    """

    read: Callable[["Reader", Node, str], Any]
    as_written: Any = None
    words: str = ""


Translated = Callable[[str], Iterable[tuple[str, str, Scalar]]]


class Reader:
    """Reads the values of one file; what is wrong is added to `problems`.

    `scope` holds the names that conditions may read, `language` is the business's, `templates` are those that
    Meta knows, by name, `has_hours` tells whether the business says when it is open, in its
    `zone`, `flows` are the names of all flows (nothing: they are not all known), `lists` are the CSV files of the
    folder, `attachments` its other files.
    """

    def __init__(
        self,
        file: str,
        problems: list[Problem],
        *,
        scope: Scope,
        language: str = "en",
        templates: Mapping[str, Any] | None = None,
        has_hours: bool = False,
        zone: str = "UTC",
        flows: frozenset[str] | None = None,
        languages: tuple[str, ...] = (),
        translated: Translated | None = None,
        lists: Mapping[str, str] | None = None,
        attachments: Attachments | None = None,
    ) -> None:
        """Begin a file."""
        self.file = file
        self.problems = problems
        self.scope = scope
        self.language = language
        self.templates = templates or {}
        self.has_hours = has_hours
        self.zone = zone
        self.flows = flows
        self.languages = languages
        self.translated: Translated = translated or (lambda _: ())
        self.lists = lists or {}
        self.attachments = attachments or Attachments()

    def beside(self, file: str) -> "Reader":
        """Return a reader of another file that knows the same."""
        found = copy(self)
        found.file = file
        return found

    def without(self, prefix: str) -> "Reader":
        """Return a reader of the same file in whose place names that begin so have no value yet."""
        other = copy(self)
        other.scope = {name: kind for name, kind in self.scope.items() if not name.startswith(prefix)}
        return other

    def tell(
        self, place: Place, code: str, message: str, hint: str | None = None, severity: Severity = Severity.ERROR
    ) -> None:
        """Add a problem, and go on."""
        self.problems.append(Problem(self.file, place.line, place.column, severity, code, message, hint))

    def tell_mistake(self, mistake: Mistake) -> None:
        """Add a mistake that has its place in the file already."""
        self.tell(Place(mistake.line, mistake.column), mistake.code, mistake.message, mistake.hint, mistake.severity)

    def refuse(self, place: Place, code: str, message: str, hint: str | None = None) -> UnreadableError:
        """Add a problem that makes the value unusable; raise what this returns."""
        self.tell(place, code, message, hint)
        return UnreadableError(message)

    def wants(self, node: Node, name: str, what: str, hint: str | None = None) -> UnreadableError:
        """Tell that a field takes something else, and how that is written."""
        message = f"`{name}` takes {what}, not {called(node)}"
        return self.refuse(node.place, "wrong-kind", message, hint or in_its_place(node, name, what))

    def tell_mistakes(self, scalar: Scalar, mistakes: Mistakes, line: int = 0, column: int = 0) -> None:
        """Add what is wrong inside a text; the text begins so many lines and columns into the scalar's."""
        for each in mistakes.mistakes:
            shift = column if each.line == 1 else 0
            place = scalar.inside(each.line + line, each.column + shift)
            self.tell(place, each.code, each.message, each.hint, each.severity)

    def read(self, node: Node, wanted: Any, name: str) -> Any:
        """Read a value as a type, or raise `UnreadableError` after telling why."""
        if isinstance(node, Map) and node.broken:
            raise UnreadableError(name)
        origin = get_origin(wanted)
        if origin is Annotated:
            return self._annotated(node, wanted, name)
        if isinstance(wanted, type) and hasattr(wanted, "read"):
            return wanted.read(self, node, name)
        if origin in (Union, UnionType):
            return self._optional(node, wanted, name)
        if origin is tuple:
            return self._items(node, get_args(wanted)[0], name)
        if origin is dict:
            return self._entries(node, get_args(wanted)[1], name)
        if isinstance(wanted, type) and issubclass(wanted, Struct):
            return self.fields(node, wanted, name)
        return self._single(node, wanted, name)

    def fields(self, node: Node, wanted: type[Struct], name: str) -> Any:
        """Read the fields of a struct; every wrong one is told, then the whole is unreadable."""
        if not isinstance(node, Map):
            what = f"fields ({listed(known_fields(wanted))})"
            raise self.wants(node, name, what, as_fields(wanted, name))
        found, whole = self.values(node, wanted, name)
        if not whole:
            raise UnreadableError(name)
        return wanted(**found)

    def values(self, node: Map, wanted: type[Struct], name: str) -> tuple[dict[str, Any], bool]:
        """Read what the fields of a struct hold, and tell whether it is enough to make one."""
        known = fields_of(wanted)
        if word := after_comma(node, known):
            message = f"In braces a comma ends a value, so YAML reads `{word}` as a field of its own"
            self.tell(node.place_of(word), "needs-quotes", message, "Put the value before it in quotes, with its comma")
            return {}, False
        misspelt = self._unknown(node, wanted, name)
        whole = misspelt is None
        found: dict[str, Any] = {}
        for key, field in known.items():
            try:
                if key in node.items:
                    found[field.name] = self.read(node.items[key], hints_of(wanted)[field.name], key)
                elif field.required and key not in (misspelt or ()):
                    hint = what_to_add(wanted, key)
                    raise self.refuse(node.place, "missing-field", f"`{name}` needs `{key}`", hint)
            except UnreadableError:
                whole = False
        return found, whole

    def _unknown(self, node: Map, wanted: type[Struct], name: str) -> set[str] | None:
        """Tell about fields that are not known; return those that were probably meant, or nothing if all are known."""
        known = known_fields(wanted)
        unknown = [key for key in node.items if key not in known]
        for key in unknown:
            message = f"`{key}` is not a field of `{name}`. Its fields are {listed(known)}."
            hint = instead_of(wanted, key) or nearest(key, known)
            self.tell(node.place_of(key), "unknown-field", message, hint)
        return {meant for key in unknown if (meant := closest(key, known))} if unknown else None

    def _annotated(self, node: Node, wanted: Any, name: str) -> Any:
        for each in get_args(wanted)[1:]:
            if isinstance(each, By):
                return each.read(self, node, name)
        return self.read(node, get_args(wanted)[0], name)

    def _optional(self, node: Node, wanted: Any, name: str) -> Any:
        if isinstance(node, Scalar) and node.text is None:
            return None
        (kind,) = (each for each in get_args(wanted) if each is not NoneType)
        return self.read(node, kind, name)

    def _items(self, node: Node, wanted: Any, name: str) -> tuple[Any, ...]:
        if not isinstance(node, Seq):
            raise self.wants(node, name, "a list")
        return self.all_of((each, wanted, name) for each in node.items)

    def _entries(self, node: Node, wanted: Any, name: str) -> dict[str, Any]:
        if not isinstance(node, Map):
            raise self.wants(node, name, "names with values", f"As in `{name}: {{first: …, second: …}}`")
        values = self.all_of((value, wanted, key) for key, value in node.items.items())
        return dict(zip(node.items, values, strict=True))

    def all_of(self, wanted: Iterable[tuple[Node, Any, str]]) -> tuple[Any, ...]:
        """Read several values, each to its end, so that every problem is told."""
        found, failed = [], False
        for node, kind, name in wanted:
            try:
                found.append(self.read(node, kind, name))
            except UnreadableError:
                failed = True
        if failed:
            raise UnreadableError
        return tuple(found)

    def _single(self, node: Node, wanted: Any, name: str) -> Any:
        if get_origin(wanted) is Literal:
            return self._word(node, get_args(wanted), name)
        if wanted is str:
            return self.text(node, name)
        if wanted is bool:
            return self._word(node, TRUTHS, name) == "true"
        return self._number(node, wanted, name)

    def text(self, node: Node, name: str, what: str = "text") -> str:
        """Read a text as it is written."""
        if not isinstance(node, Scalar) or node.text is None:
            raise self.wants(node, name, what)
        return node.text

    def _word(self, node: Node, known: tuple[str, ...], name: str) -> str:
        text = self.text(node, name, f"one of {listed(known)}")
        if text not in known:
            message = f"`{name}` is one of {listed(known)}, not `{shortened(text)}`"
            hint = as_truth(text, known, name) or nearest(text, known)
            raise self.refuse(node.place, "unknown-word", message, hint)
        return text

    def _number(self, node: Node, wanted: type[int] | type[Decimal], name: str) -> Any:
        what = "a whole number such as 3" if wanted is int else "a number such as 0.5"
        text = self.text(node, name, what)
        try:
            found: int | Decimal = wanted(text)
            if text.isascii() and not any(each in text for each in "_ eEnN") and -LARGEST <= found <= LARGEST:
                return found
        except (ValueError, InvalidOperation):
            pass
        raise self.refuse(node.place, "number", f"`{name}` takes {what}, not `{shortened(text)}`", as_number(text))


def of_text(parse: Callable[[str], Any], what: str) -> By:
    """Make a reader of texts: `parse` raises `Mistakes` that point into the text."""

    def read(reader: Reader, node: Node, name: str) -> Any:
        text = reader.text(node, name, what)
        try:
            return parse(text)
        except Mistakes as wrong:
            if isinstance(node, Scalar):
                reader.tell_mistakes(node, wrong)
            raise UnreadableError(name) from None

    return By(read, str, what)


def one_or_many(wanted: Any) -> By:
    """Make a reader that takes a list, or one value as a list of one."""

    def read(reader: Reader, node: Node, name: str) -> tuple[Any, ...]:
        if isinstance(node, Seq):
            return reader.all_of((each, wanted, name) for each in node.items)
        return (reader.read(node, wanted, name),)

    return By(read, wanted | tuple[wanted, ...])


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Suggest the known word that an author may have meant."""
    found = closest(word, known)
    return f"Did you mean `{found}`?" if found else None


def closest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that an author may have meant."""
    known = list(known)
    close = [each for each in known if each.lower() == word.lower()]
    close = close or ([each for each in known if each.startswith(word)] if len(word) >= LEAST_BEGUN else [])
    return next(iter(close or get_close_matches(word, known, n=1)), None)


def listed(words: Iterable[str]) -> str:
    """Write words in a row, each in backticks, not too many of them."""
    shown = [f"`{word}`" for word in words]
    more = f" and {len(shown) - MOST_SHOWN} more" if len(shown) > MOST_SHOWN else ""
    return ", ".join(shown[:MOST_SHOWN]) + more


def shortened(text: str, most: int = 40) -> str:
    """Cut a text for use in a sentence."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
