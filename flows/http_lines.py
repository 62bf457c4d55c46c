"""How does a line of a transcript say what another system answers?"""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Struct

from engine.request import Answer
from flows.data import LITERAL
from flows.lines import HttpAnswers
from flows.nodes import Map, Node, Scalar, Seq
from flows.reader import By, Reader

SILENT = HttpAnswers(Answer(why="no answer"))
GOOD = range(200, 300)
LEAST, MOST = 100, 599
_json = msgspec.json.Encoder(decimal_format="number").encode


def as_json(_reader: Reader, node: Node, _name: str) -> str:
    """Write what stands in a file as JSON; numbers, `true` and `false` keep their kind."""
    return _json(_value(node)).decode()


class HttpAnswer(Struct, frozen=True, kw_only=True):
    """What another system answers.

    - `status`: the status of the answer; 200 unless told.
    - `json`: what it holds.
    - `asked`: the address that must have been asked.
    """

    status: int = GOOD.start
    json: Annotated[str, By(as_json, Any)] | None = None
    asked: str | None = None


def http_answers(reader: Reader, node: Node, name: str) -> HttpAnswers:
    """Read an answer: `json` and `status`, and the address that must have been `asked`."""
    found: HttpAnswer = reader.fields(node, HttpAnswer, name)
    if not LEAST <= found.status <= MOST:
        raise reader.refuse(node.place, "status", f"`status` is a number from {LEAST} to {MOST}", "Write `500`")
    if found.status not in GOOD:
        return HttpAnswers(Answer(status=found.status, why=f"status {found.status}"), found.asked)
    return HttpAnswers(Answer(status=found.status, body=found.json), found.asked)


def answer_of(text: str) -> HttpAnswers | None:
    """Read an answer that is typed: a status, JSON, or nothing for no answer; nothing if it is none of them."""
    if not text:
        return SILENT
    if text.isascii() and text.isdigit() and LEAST <= int(text) <= MOST:
        return HttpAnswers(Answer(status=int(text), why="" if int(text) in GOOD else f"status {text}"))
    try:
        msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return HttpAnswers(Answer(status=GOOD.start, body=text))


def _value(node: Node) -> Any:
    match node:
        case Map(items=fields):
            return {key: _value(value) for key, value in fields.items()}
        case Seq(items=items):
            return [_value(each) for each in items]
        case Scalar(text=text) if node.is_plain and text in ("true", "false"):
            return text == "true"
        case Scalar(text=str() as text) if node.is_plain and LITERAL.fullmatch(text):
            return Decimal(text)
        case Scalar(text=text):
            return text
