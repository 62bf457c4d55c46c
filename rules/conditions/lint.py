"""Which conditions are right, and may still not say what their author means?"""

from rules.conditions.syntax import Part, mistake, parsed
from rules.conditions.wording import on_one_line
from rules.source import Mistake, Mistakes, Severity


def lint(text: str) -> tuple[Mistake, ...]:
    """Look for what loads but surprises; a text that cannot be read has no lint."""
    try:
        whole, _ = parsed(text)
    except Mistakes:
        return ()
    found = [each for part in _every(whole) for each in (_mixed(text, part), _denied(text, part)) if each]
    return tuple(sorted(found, key=lambda each: (each.line, each.column)))


def _every(part: Part) -> list[Part]:
    parts = [part]
    for each in parts:
        parts.extend(each.parts)
    return parts


def _mixed(text: str, part: Part) -> Mistake | None:
    """`a or b and c` is read in two ways by two people."""
    inner = next((each for each in part.parts if each.kind == "both"), None) if part.kind == "either" else None
    if inner is None:
        return None
    message = "`and` binds tighter than `or`; brackets say so to everyone"
    hint = f"Write `({on_one_line(text[inner.start : inner.end])})`"
    return _warning(text, inner, "mixed-and-or", message, hint, Severity.WARNING)


def _denied(text: str, part: Part) -> Mistake | None:
    """`not qty > 3` also holds where there is no `qty`."""
    if part.kind != "not":
        return None
    inner = part.parts[1]
    while inner.kind == "bracket":
        inner = inner.parts[0]
    if inner.kind not in {"comparison", "between"}:
        return None
    subject = on_one_line(text[inner.parts[0].start : inner.parts[0].end])
    message = f"This also holds when there is no `{subject}`"
    return _warning(text, part, "not-with-nothing", message, f"If that is not meant, add `{subject} is set and`")


def _warning(text: str, part: Part, code: str, message: str, hint: str, severity: Severity = Severity.HINT) -> Mistake:
    at = mistake(text, part.start, code, message, hint)
    return Mistake(at.line, at.column, code, message, hint, severity)
