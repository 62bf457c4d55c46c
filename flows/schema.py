"""What do editors need to know to help with the files of a business? The JSON Schema of its documents."""

from collections.abc import Mapping
from types import NoneType

from msgspec import Struct

from flows.blueprint_file import BlueprintDocument
from flows.business import BusinessDocument
from flows.campaign import CampaignDocument
from flows.faq import FaqDocument
from flows.flow import FlowDocument
from flows.load import BLUEPRINT, BUSINESS, CAMPAIGN, FAQ, FLOW, KINDS, TEMPLATES, TEST, TRANSLATIONS
from flows.meanings import meaning_of
from flows.shapes import Schema, Shapes, described, redescribed
from flows.templates import Templates
from flows.transcript_file import Head
from flows.translations import TranslationsDocument
from flows.verbs import VERBS, Verb

DRAFT = "http://json-schema.org/draft-07/schema#"
DOCUMENTS: Mapping[str, type[Struct]] = {
    BUSINESS: BusinessDocument,
    FLOW: FlowDocument,
    FAQ: FaqDocument,
    TEMPLATES: Templates,
    TRANSLATIONS: TranslationsDocument,
    TEST: Head,
    CAMPAIGN: CampaignDocument,
    BLUEPRINT: BlueprintDocument,
}
CHAT = "chat"


def schema() -> Schema:
    """Tell the shape of a document of any kind: the word it begins with says which."""
    shapes = Shapes()
    begun = [((word,), _document(shapes, word)) for word in KINDS]
    words = {word: _word(shapes, word) for word in DOCUMENTS}
    wrong = f"A document begins with one of: {', '.join(DOCUMENTS)}"
    return _whole(shapes, shapes.choice(begun, words, {"additionalProperties": False, "errorMessage": wrong}))


def schema_of(kind: str) -> Schema:
    """Tell the shape of a document of one kind."""
    shapes = Shapes()
    return _whole(shapes, _document(shapes, kind))


def _document(shapes: Shapes, word: str) -> Schema:
    shape = shapes.fields(DOCUMENTS[word], **{word: _word(shapes, word)})
    if word == TEST:
        shape["properties"][CHAT] = _chat(shapes)
        shape["required"].append(CHAT)
    return shape


def _chat(shapes: Shapes) -> Schema:
    """Tell the shape of the lines of a transcript, each of which says one thing."""
    line = {
        "type": "object",
        "properties": {
            word: {**shapes.of(verb.as_written or NoneType), **_meaning(verb)} for word, verb in VERBS.items()
        },
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "errorMessage": f"A line of a transcript begins with one of: {', '.join(VERBS)}",
    }
    alone = [{"const": word, **_meaning(verb)} for word, verb in VERBS.items() if verb.as_written is None]
    meaning = meaning_of(Head).fields[CHAT]
    return {"type": "array", "items": {"anyOf": [line, *alone]}, **described(meaning)}


def _meaning(verb: Verb) -> Schema:
    said = f"{verb.means[0].upper()}{verb.means[1:]}."
    return {"description": said, "markdownDescription": f"{said}\n\n```yaml\n- {verb.example}\n```"}


def _word(shapes: Shapes, word: str) -> Schema:
    """Tell the shape of the field that names a kind, and what the kind is for."""
    kind = DOCUMENTS[word]
    field = shapes.field(kind, word)
    return redescribed(field, f"{meaning_of(kind).says} {field['description']}")


def _whole(shapes: Shapes, root: Schema) -> Schema:
    return {"$schema": DRAFT, **root, "definitions": shapes.definitions}
