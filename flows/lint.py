"""What in a folder loads, and may still not do what its author meant?

Each rule is a module of `flows/lints`. One that is meant is silenced where it is told, with a reason:
`# ok unused-flow: campaigns start it`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import flows.lints
from flows.folder import Folder
from rules.source import Problem, Severity

SILENCE = re.compile(r"#\s*ok\s+(?P<code>[a-z]+(?:-[a-z]+)*)\s*(?::\s*(?P<reason>.*\S))?\s*$")


@cache
def lints() -> Mapping[str, ModuleType]:
    """Find every rule by its code."""
    names = sorted(found.name for found in iter_modules(flows.lints.__path__))
    return {name.replace("_", "-"): import_module(f"flows.lints.{name}") for name in names}


def lint(folder: Folder) -> Iterator[Problem]:
    """Find what every rule has to say about a folder."""
    for rule in lints().values():
        yield from rule.find(folder)


def unsilenced(problems: Iterable[Problem], files: Mapping[str, str]) -> Iterator[Problem]:
    """Leave out what an author silenced on its line or the one above; silence without a reason is told, too."""
    lines = {file: text.splitlines() for file, text in files.items() if "# ok " in text}
    used: set[tuple[str, int]] = set()
    for each in problems:
        at = _silenced_at(each, lines.get(each.file, []))
        if at is None:
            yield each
        else:
            used.add((each.file, at))
    yield from _odd(lines, used)


def _silenced_at(problem: Problem, lines: list[str]) -> int | None:
    """Find the line with the comment that silences a problem; errors cannot be silenced."""
    if problem.severity is Severity.ERROR:
        return None
    for at in (problem.line, problem.line - 1):
        found = SILENCE.search(lines[at - 1]) if 0 < at <= len(lines) else None
        if found and found["code"] == problem.code and (at == problem.line or _is_comment(lines[at - 1])):
            return at
    return None


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _odd(lines: Mapping[str, list[str]], used: set[tuple[str, int]]) -> Iterator[Problem]:
    for file, written in lines.items():
        for at, line in enumerate(written, start=1):
            found = SILENCE.search(line)
            if found is None:
                continue
            column = found.start() + 1
            if found["reason"] is None:
                message, hint = f"Why is `{found['code']}` fine here?", f"Write `# ok {found['code']}: the reason`"
                yield Problem(file, at, column, Severity.WARNING, "silence-without-reason", message, hint)
            elif (file, at) not in used:
                message = f"There is no `{found['code']}` here to be silenced"
                yield Problem(file, at, column, Severity.HINT, "needless-silence", message, "Delete this comment")
