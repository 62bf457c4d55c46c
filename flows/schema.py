"""What do editors need to know to help with the files of a business? The JSON Schema of its documents."""

from collections.abc import Mapping

from msgspec import Struct

from flows.business import BusinessDocument
from flows.faq import FaqDocument
from flows.flow import FlowDocument
from flows.load import BUSINESS, FAQ, FLOW, KINDS, TEMPLATES, TRANSLATIONS
from flows.meanings import meaning_of
from flows.shapes import Schema, Shapes, redescribed
from flows.templates import Templates
from flows.translations import TranslationsDocument

DRAFT = "http://json-schema.org/draft-07/schema#"
DOCUMENTS: Mapping[str, type[Struct]] = {
    BUSINESS: BusinessDocument,
    FLOW: FlowDocument,
    FAQ: FaqDocument,
    TEMPLATES: Templates,
    TRANSLATIONS: TranslationsDocument,
}


def schema() -> Schema:
    """Tell the shape of a document of any kind: the word it begins with says which."""
    shapes = Shapes()
    begun = [((word,), _document(shapes, word) if word in DOCUMENTS else {}) for word in KINDS]
    words = {word: _word(shapes, word) for word in DOCUMENTS}
    wrong = f"A document begins with one of: {', '.join(DOCUMENTS)}"
    return _whole(shapes, shapes.choice(begun, words, {"additionalProperties": False, "errorMessage": wrong}))


def schema_of(kind: str) -> Schema:
    """Tell the shape of a document of one kind."""
    shapes = Shapes()
    return _whole(shapes, _document(shapes, kind))


def _document(shapes: Shapes, word: str) -> Schema:
    return shapes.fields(DOCUMENTS[word], **{word: _word(shapes, word)})


def _word(shapes: Shapes, word: str) -> Schema:
    """Tell the shape of the field that names a kind, and what the kind is for."""
    kind = DOCUMENTS[word]
    field = shapes.field(kind, word)
    return redescribed(field, f"{meaning_of(kind).says} {field['description']}")


def _whole(shapes: Shapes, root: Schema) -> Schema:
    return {"$schema": DRAFT, **root, "definitions": shapes.definitions}
