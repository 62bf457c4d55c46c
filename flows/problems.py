"""How are problems shown to people, editors and other programs?"""

from collections.abc import Iterable

import msgspec

from flows.step import StepKind
from rules.source import Problem, Severity

MARGIN = "  | "
WIDEST = 160
GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}


def of_step(
    step: StepKind, code: str, message: str, hint: str | None = None, severity: Severity = Severity.ERROR
) -> Problem:
    """Make a problem that points at a step."""
    return of_spot(step.place, code, message, hint, severity)


def of_spot(place: str, code: str, message: str, hint: str | None, severity: Severity) -> Problem:
    """Make a problem that points at a place such as `orders.yaml:12:5`."""
    file, line, column = place.rsplit(":", 2)
    return Problem(file, int(line), int(column), severity, code, message, hint)


def of_place(place: str, code: str, message: str, hint: str | None, severity: Severity) -> Problem:
    """Make a problem that points at the line of a place such as `orders.yaml:12`."""
    file, line = place.rsplit(":", 1)
    return Problem(file, int(line), 1, severity, code, message, hint)


def show(problem: Problem, line_text: str) -> str:
    """Show where it is, what is wrong, the line with a caret below the place, and what to write instead."""
    lines = [f"{problem.file}:{problem.line}:{problem.column}: {problem.message}"]
    if line_text.strip():
        text, column = _window(line_text.replace("\t", " "), problem.column)
        lines += [f"{MARGIN}{text}", f"{MARGIN}{' ' * (column - 1)}^"]
    if problem.hint:
        lines.append(f"  {problem.hint}")
    return "\n".join(lines)


def as_json(problems: Iterable[Problem]) -> str:
    """Write problems as JSON, in the form that `--format json` promises."""
    return msgspec.json.encode({"problems": list(problems)}).decode()


def as_github(problem: Problem) -> str:
    """Write a problem as a command that GitHub shows beside the line."""
    words = f"{problem.message}. {problem.hint}" if problem.hint else problem.message
    place = f"file={_escaped(problem.file)},line={problem.line},col={problem.column}"
    return f"::{GITHUB[problem.severity]} {place},title={problem.code}::{_escaped(words)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _window(text: str, column: int) -> tuple[str, int]:
    """Cut a long line to what stands around the place."""
    if len(text) <= WIDEST:
        return text, column
    start = max(0, column - 1 - WIDEST // 2)
    return text[start : start + WIDEST], column - start
