"""How are programs told how transcripts went: as JSON, or as JUnit's XML for CI?

No standard says what JUnit's XML is. This one is valid by the schema of Ant and by that of Jenkins, which every CI
service reads; therefore the file and line of a test stand in texts, since Ant's schema has no place for them.
"""

import re
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, indent, tostring

import msgspec

from adapters.testing.played import Tested, Tried
from adapters.testing.told import as_text
from flows.finds import Find
from rules.source import Problem

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CHECK = "check"
"""The test that fails when a folder has problems: each of them counts once."""


def as_json(found: Tested) -> str:
    """Write counts, failures and coverage."""
    told = [(each.file, each.line, each.test, each.message) for each in found.failures]
    told += [(each.file, each.line, _faq(each), each.failure or "") for each in found.lost]
    told += [(each.file, each.line, CHECK, each.message) for each in found.problems]
    return msgspec.json.encode(
        {
            "passed": len(found.tried) + len(found.finds) - len(found.failures) - len(found.lost),
            "failed": len(told),
            "failures": [dict(zip(("file", "line", "test", "message"), each, strict=True)) for each in told],
            "coverage": {"steps": found.coverage.steps, "branches": found.coverage.branches},
        }
    ).decode()


def as_junit(found: Tested, at: datetime) -> bytes:
    """Write a suite for each file with transcripts, or one with the problems that keep them from being played."""
    root = Element("testsuites")
    if found.problems:
        _suite(root, CHECK, at, [_problem(each) for each in found.problems], 0.0, {})
    tests: dict[str, list[Tried]] = {}
    for each in found.tried:
        tests.setdefault(each.played.transcript.file, []).append(each)
    finds: dict[str, list[Find]] = {}
    for find in found.finds:
        finds.setdefault(find.file, []).append(find)
    steps, branches = found.coverage.steps, found.coverage.branches
    covered = {"steps": f"{steps.covered}/{steps.total}", "branches": f"{branches.covered}/{branches.total}"}
    for file, tried in tests.items():
        _suite(root, file, at, [_test(each) for each in tried], sum(each.seconds for each in tried), covered)
    for file, found_there in finds.items():
        _suite(root, file, at, [_find(each) for each in found_there], 0.0, {})
    indent(root)
    written: bytes = tostring(root, "utf-8", xml_declaration=True)
    return written


def _suite(
    root: Element,
    name: str,
    at: datetime,
    cases: list[Element],
    seconds: float,
    covered: dict[str, str],
) -> None:
    counts = {what: str(sum(case.find(tag) is not None for case in cases)) for what, tag in FOUND.items()}
    suite = _element(
        "testsuite",
        name=name,
        package="",
        id=str(len(root)),
        timestamp=f"{at:%Y-%m-%dT%H:%M:%S}",
        hostname="localhost",
        tests=str(len(cases)),
        **counts,
        time=f"{seconds:.3f}",
    )
    properties = _element("properties")
    properties.extend(_element("property", name=f"coverage.{what}", value=share) for what, share in covered.items())
    suite.extend((properties, *cases, _element("system-out"), _element("system-err")))
    root.append(suite)


FOUND = {"failures": "failure", "errors": "error"}


def _test(tried: Tried) -> Element:
    script, failure = tried.played.transcript, tried.played.failure
    case = _element("testcase", name=script.name, classname=_classname(script.file), time=f"{tried.seconds:.3f}")
    if failure:
        told = _element("failure", type="transcript", message=failure.message)
        told.text = _clean(as_text(failure))
        case.append(told)
    return case


def _find(find: Find) -> Element:
    case = _element("testcase", name=f"{_faq(find)}, line {find.line}", classname=_classname(find.file), time="0.000")
    if find.failure:
        told = _element("failure", type="faq", message=find.failure)
        told.text = _clean(f"{find.file}:{find.line}: {find.failure}")
        case.append(told)
    return case


def _faq(find: Find) -> str:
    return f"faq {find.faq}"


def _problem(problem: Problem) -> Element:
    place = f"{problem.file}:{problem.line}:{problem.column}"
    case = _element("testcase", name=f"{place} {problem.code}", classname=CHECK, time="0.000")
    told = _element("error", type=problem.code, message=problem.message)
    told.text = _clean(f"{place}: {problem.message}\n{problem.hint or ''}".strip())
    case.append(told)
    return case


def _classname(file: str) -> str:
    """CI services show a name with dots as folders."""
    return file.rpartition(".")[0].replace("/", ".")


def _element(tag: str, **fields: Any) -> Element:
    return Element(tag, {name: _clean(value) for name, value in fields.items()})


def _clean(text: str) -> str:
    """Put a sign in place of characters that XML cannot hold."""
    return NOT_IN_XML.sub("\ufffd", text)
