"""What of a business must be known before its document is read?"""

from flows.business import zone
from flows.languages import language
from flows.nodes import Map, Scalar, Seq
from flows.values import is_language
from rules.source import Mistakes


def zone_of(root: Map) -> str:
    """Return the time zone of a `business:` document before it is read, UTC when there is none to use."""
    node = root.items.get("timezone")
    try:
        return zone(node.text or "") if isinstance(node, Scalar) else "UTC"
    except Mistakes:
        return "UTC"


def language_of(root: Map) -> str:
    """Return the language of a `business:` document before it is read, English when there is none to use."""
    node = root.items.get("language")
    try:
        return language(node.text or "") if isinstance(node, Scalar) else "en"
    except Mistakes:
        return "en"


def languages_of(root: Map) -> tuple[str, ...]:
    """Return the languages of a `business:` document before it is read, as far as they can be used."""
    node = root.items.get("languages")
    items = node.items if isinstance(node, Seq) else ()
    texts = [each.text for each in items if isinstance(each, Scalar) and each.text]
    return tuple(text.replace("-", "_") for text in texts if is_language(text))
