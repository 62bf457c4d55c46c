"""What does a blueprint ask, and which files does it make of the answers?

A blueprint is a folder of YAML files in English, with a `blueprint:` document that names what it asks. In a text in
double quotes `[[name]]` stands for an answer, and the text itself is looked up in the `translations:` documents beside
it, so that the files come out in the language that was chosen. Nothing else in a file is touched.

The first document of such a file holds what contacts read, which a business that speaks several languages needs in each
of them; what stands in the second is said in one language only: to the owner, as an example of an answer, in tests.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from msgspec import Struct

from flows.blueprint_file import BlueprintDocument, Input
from flows.business import BusinessDocument
from flows.document import CONTROL, Document, parse
from flows.fields import hints_of
from flows.languages import Language
from flows.nodes import Map, Node, Scalar, Seq
from flows.numbers import PhoneNumber
from flows.reader import Reader, UnreadableError, listed, shortened
from flows.translations import TranslationsDocument
from rules.policy.restrictions import DEFAULT, Path, Refusal, clear
from rules.source import Problem

EVERY = "every"
"""The folder of what all blueprints have in common."""
ENGLISH = "en"
OWN, OTHERS = "language", "languages"
"""The inputs for the business's language, and for the others it speaks."""
TEST = "test"
LONGEST = 200
TIME = re.compile("(?:[01]?[0-9]|2[0-3]):[0-5][0-9]")
TRANSLATED = "# What the texts of the other files are in another language: who changes one there changes it here, too."
PLACEHOLDER = re.compile(r"\[\[(?P<name>\w+)\]\]")
ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\xa0\xad\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')
OPENS_A_SLOT = re.compile(r"\{(?=[{%]|\Z)")

TYPES: Mapping[str, Any] = {
    "number": int,
    "timezone": hints_of(BusinessDocument)["timezone"],
    "language": Language,
    "phone": hints_of(PhoneNumber)["phone"],
    "id": hints_of(PhoneNumber)["id"],
}
"""Kinds of answers that are checked as the fields are that they are meant for."""


class Blueprint(Struct, frozen=True):
    """A blueprint with its files, and what their texts say in languages other than English.

    `texts` are those that contacts read, in English.
    """

    name: str
    about: str
    inputs: tuple[Input, ...]
    files: dict[str, str]
    phrases: dict[str, dict[str, str]]
    texts: tuple[str, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it can be had in."""
        return (ENGLISH, *self.phrases)

    def default(self, wanted: Input, language: str) -> str | None:
        """Say what an input is unless told; that may depend on the language."""
        return None if wanted.default is None else self.said(wanted.default, language)

    def said(self, text: str, language: str) -> str:
        """Say a text of its files in a language."""
        return self.phrases.get(language, {}).get(text, text)


def blueprints(files: Mapping[str, str]) -> dict[str, Blueprint]:
    """Read all blueprints, by name; `files` are texts by paths such as `booking/business.yaml`."""
    folders: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        folder, _, name = path.partition("/")
        folders.setdefault(folder, {})[name] = text
    every = folders.pop(EVERY)
    return {name: _blueprint(name, every, folders[name]) for name in sorted(folders)}


def _blueprint(name: str, every: Mapping[str, str], own: Mapping[str, str]) -> Blueprint:
    about, inputs, texts = "", list[Input](), dict[str, None]()
    files, phrases = dict[str, str](), dict[str, dict[str, str]]()
    for file, text in (*every.items(), *own.items()):
        documents = parse(text).documents
        match documents[0].kind:
            case "blueprint":
                found: BlueprintDocument = _read(file, documents[0].root, BlueprintDocument)
                about, inputs = found.about, [*inputs, *found.inputs]
            case "translations":
                words: list[TranslationsDocument] = [_read(file, each.root, TranslationsDocument) for each in documents]
                texts |= dict.fromkeys(text for text, _ in words[0].texts)
                for each in words:
                    known = {text: node.text or "" for text, node in each.texts}
                    phrases.setdefault(each.translations, {}).update(known)
            case _:
                files[file] = text
    return Blueprint(name, about, tuple(inputs), files, phrases, tuple(texts))


def _read(file: str, node: Node, wanted: Any) -> Any:
    problems: list[Problem] = []
    try:
        return Reader(file, problems, scope={}).read(node, wanted, file)
    except UnreadableError:
        raise ValueError("; ".join(each.message for each in problems)) from None


def fault(blueprint: Blueprint, wanted: Input, answer: str) -> str | None:
    """Say what is wrong with an answer, in a sentence; nothing if it can be used."""
    match wanted.kind:
        case "text":
            return _text_fault(answer)
        case "time":
            return None if TIME.fullmatch(answer) else f"This takes a time such as `09:00`, not `{shortened(answer)}`."
        case "languages":
            faults = (_language_fault(blueprint, each) for each in listing(answer))
            return next((each for each in faults if each), None)
        case _:
            return _typed_fault(blueprint, wanted, answer)


def listing(answer: str) -> list[str]:
    """Read languages with commas between them."""
    return [each.strip().replace("-", "_") for each in answer.split(",") if each.strip()]


def _text_fault(answer: str) -> str | None:
    if not answer.strip():
        return "This needs some text."
    if CONTROL.search(answer):
        return "A control character stands in this; leave it out."
    return f"This has {len(answer)} characters, and {LONGEST} are the most." if len(answer) > LONGEST else None


def _language_fault(blueprint: Blueprint, answer: str) -> str | None:
    if answer in blueprint.languages:
        return None
    alike = next((each for each in blueprint.languages if each[:2] == answer[:2]), None)
    hint = f"Did you mean `{alike}`?" if alike else "Choose one of these, and write others yourself later."
    return f"This blueprint is written in {listed(blueprint.languages)}, not in `{shortened(answer)}`. {hint}"


def _typed_fault(blueprint: Blueprint, wanted: Input, answer: str) -> str | None:
    problems: list[Problem] = []
    node = parse(f"answer: {quoted(answer)}").documents[0].root.items["answer"]
    try:
        found = Reader("", problems, scope={}).read(node, TYPES[wanted.kind], wanted.name)
    except UnreadableError:
        return " ".join(_sentence(part) for each in problems for part in (each.message, each.hint) if part)
    match wanted.kind:
        case "language":
            return _language_fault(blueprint, found)
        case "phone":
            return _country_fault(found)
        case "number" if found < 1:
            return "This takes a whole number, 1 or more."
        case _:
            return None


def _sentence(text: str) -> str:
    return text if text.endswith(("?", ".")) else f"{text}."


def _country_fault(phone: str) -> str | None:
    number = "".join(re.findall("[0-9]", phone))
    found = clear(Path.ONBOARDING, business_phone=number, coexistence=True, phones=(), bsuids=(), lists=DEFAULT)
    return found.words if isinstance(found, Refusal) else None


def quoted(text: str) -> str:
    """Write a text as YAML in double quotes, on one line."""
    return f'"{ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return {'"': '\\"', "\\": "\\\\", "\n": "\\n"}.get(character) or f"\\u{ord(character):04x}"


def fill(blueprint: Blueprint, answers: Mapping[str, str]) -> dict[str, str]:
    """Make the files of a business, by their paths; tests are written in each of its languages."""
    own = answers[OWN].replace("-", "_")
    spoken = tuple(dict.fromkeys((own, *listing(answers.get(OTHERS, "")))))
    filling = _Filling(blueprint, answers, spoken)
    made: dict[str, str] = {}
    for name, text in blueprint.files.items():
        documents = parse(text).documents
        if documents[0].kind != TEST:
            made[name] = filling.file(documents, own)
            continue
        for language in spoken:
            suffix = f".{language}" if len(spoken) > 1 else ""
            made[f"tests/{PurePosixPath(name).stem}{suffix}.yaml"] = filling.file(documents, language)
    return made | {f"{each}.yaml": filling.translations(each) for each in spoken[1:]}


class _Filling(Struct, frozen=True):
    """Fills the texts of files; `spoken` are the languages, the business's own first."""

    blueprint: Blueprint
    answers: Mapping[str, str]
    spoken: tuple[str, ...]

    def file(self, documents: tuple[Document, ...], language: str) -> str:
        """Write a file in a language; whatever is no text in double quotes stays as it is."""
        written = documents[0].root.source.text
        for document in reversed(documents):
            for each in reversed(list(_texts(document))):
                written = written[: each.start] + self._value(document, each, language) + written[each.end :]
        return written

    def translations(self, language: str) -> str:
        """Write what the texts of the business say in another language."""
        texts = self.blueprint.texts
        lines = [f"  {self._phrase(each, self.spoken[0])}: {self._phrase(each, language)}" for each in texts]
        return "\n".join((TRANSLATED, f"translations: {language}", "texts:", *dict.fromkeys(lines), ""))

    def _value(self, document: Document, scalar: Scalar, language: str) -> str:
        text = scalar.text or ""
        if text == f"[[{OTHERS}]]":
            return ", ".join(self.spoken)
        if document.kind == TEST or scalar is document.root.items[document.kind]:
            return quoted(self._filled(text, language))
        return self._phrase(text, language)

    def _phrase(self, text: str, language: str) -> str:
        """Write a text that is said to contacts: what looks like `{{ }}` in an answer is no name of a value."""
        return quoted(self._filled(text, language, OPENS_A_SLOT))

    def _filled(self, text: str, language: str, held: re.Pattern[str] | None = None) -> str:
        def answer(found: re.Match[str]) -> str:
            given = self._answer(found["name"], language)
            return held.sub('{{ "{" }}', given) if held else given

        return PLACEHOLDER.sub(answer, self.blueprint.said(text, language))

    def _answer(self, name: str, language: str) -> str:
        """Return an answer; a text that is the suggested one is so in every language."""
        given, (wanted,) = self.answers[name].strip(), (each for each in self.blueprint.inputs if each.name == name)
        suggested = wanted.kind == "text" and given == self.blueprint.default(wanted, self.spoken[0])
        return (self.blueprint.default(wanted, language) or given) if suggested else given


def _texts(document: Document) -> Iterator[Scalar]:
    """Go through the texts in double quotes, in the order in which they are written."""
    return (each for each in _scalars(document.root) if each.style == '"')


def _scalars(node: Node) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Seq():
            yield from _all(node.items)
        case Map():
            yield from _all(each for key, value in node.items.items() for each in (node.keys[key], value))


def _all(nodes: Iterable[Node]) -> Iterator[Scalar]:
    for each in nodes:
        yield from _scalars(each)
