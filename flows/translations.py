"""What do texts say in other languages, where that is written in files of its own?"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Struct

from flows.languages import Language
from flows.nodes import Map, Node, Scalar
from flows.reader import By, Reader, nearest
from rules.source import Severity


def _texts(reader: Reader, node: Node, name: str) -> tuple[tuple[str, Scalar], ...]:
    texts = node.items.items() if isinstance(node, Map) else ()
    if not isinstance(node, Map) or not all(isinstance(each, Scalar) for _, each in texts):
        raise reader.wants(node, name, 'texts with their translations, such as `"Hello!": "Olá!"`')
    return tuple((text.strip(), each) for text, each in texts if isinstance(each, Scalar))


class TranslationsDocument(Struct, frozen=True, kw_only=True):
    """A `translations:` document: a language, and what texts of the business say in it.

    - `translations`: the language.
    - `texts`: each text as the flow has it, with what it says in that language.
    """

    translations: Language
    texts: Annotated[tuple[tuple[str, Scalar], ...], By(_texts, dict[str, str])]


class Phrase(Struct, frozen=True):
    """A translation in its file, with the text it translates."""

    text: str
    file: str
    node: Scalar


class Translations:
    """All translations of a business, by language and text; it notices which of them are looked up."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[str, dict[str, Phrase]] = {}
        self._used: set[str] = set()

    def add(self, reader: Reader, document: TranslationsDocument, spoken: tuple[str, ...]) -> None:
        """Add those of a document; `spoken` are the languages of the business."""
        language = document.translations
        if language == reader.language:
            message = f"`{language}` is the business's own language, so its texts need no translation"
            _tell_at_first(reader, document, message, "Write the words where they are said")
            return
        if language not in spoken:
            hint = nearest(language, spoken) or "List it under `languages` in business.yaml"
            _tell_at_first(reader, document, f"The business does not speak `{language}`", hint)
        known = self._known.setdefault(language, {})
        for text, node in document.texts:
            if text in known:
                message = f"`{text}` is translated to `{language}` in `{known[text].file}`, too"
                reader.tell(node.place, "duplicate-translation", message, "Delete one of them")
            known.setdefault(text, Phrase(text, reader.file, node))

    def of(self, text: str) -> Iterator[tuple[str, str, Scalar]]:
        """Find what a text says in other languages, each with its file and value."""
        text = text.strip()
        self._used.add(text)
        for language, known in self._known.items():
            if text in known:
                yield language, known[text].file, known[text].node

    def tell_unused(self, reader: Reader) -> None:
        """Tell which translations are of texts that nobody says."""
        for phrase in (each for known in self._known.values() for each in known.values()):
            if phrase.text not in self._used:
                message = f"No text of the business is `{phrase.text}`, so nobody reads this translation"
                beside = reader.beside(phrase.file)
                hint = nearest(phrase.text, self._used) or "Delete it, or write the text as it is said"
                beside.tell(phrase.node.place, "unused-translation", message, hint, Severity.WARNING)


def _tell_at_first(reader: Reader, document: TranslationsDocument, message: str, hint: str) -> None:
    for _, node in document.texts[:1]:
        reader.tell(node.place, "language", message, hint)
