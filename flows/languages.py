"""Which language does a document name?"""

from typing import Annotated

from flows.reader import of_text, shortened
from flows.values import is_language
from rules.source import Mistake, Mistakes


def language(text: str) -> str:
    """Check the code of a language, and write it the way it is kept: `pt_BR`."""
    if not is_language(text):
        message = f"No language has the code `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "language", message, "As in `en` or `pt_BR`"))
    return text.replace("-", "_")


Language = Annotated[str, of_text(language, "a language such as `pt_BR`")]
