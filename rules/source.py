"""Text an author wrote, and the problems that point into it."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How much a problem matters: an `error` never goes live."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Mistake(Struct, frozen=True):
    """Something wrong inside one text; line and column count from 1, in characters.

    `code` is kebab case, `message` a sentence for an author, `hint` says what to write instead.
    """

    line: int
    column: int
    code: str
    message: str
    hint: str | None = None
    severity: Severity = Severity.ERROR


class Mistakes(Exception):  # noqa: N818 - the word an author would use
    """Raised when a text cannot be used; holds every mistake found in it, in order."""

    def __init__(self, *mistakes: Mistake) -> None:
        """Keep the mistakes in the order of their places."""
        self.mistakes = tuple(sorted(mistakes, key=lambda each: (each.line, each.column)))
        super().__init__("; ".join(each.message for each in self.mistakes))


class Problem(Struct, frozen=True):
    """A mistake with its file: what `baton check` prints, in this order of fields in JSON."""

    file: str
    line: int
    column: int
    severity: Severity
    code: str
    message: str
    hint: str | None = None
