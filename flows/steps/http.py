"""Ask another system by HTTP."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Struct, field

from engine.request import Answer, Method, Request, target_of
from engine.step import NEXT, Enter, Outcome, Turn
from engine.step import Wait as Waiting
from flows.answer_paths import STATUS, found_in, path_of
from flows.data import Data, data_of, filled
from flows.nodes import Map, Node, Scalar, Seq
from flows.reader import By, Reader, UnreadableError
from flows.spans import Duration
from flows.step import Branch, Fault, StepKind, Steps, variable
from flows.wires import Wire
from rules.conditions import Type
from rules.source import Mistakes

ON_ERROR, GIVE_UP = "on_error", "http"
TIMEOUT, LONGEST = timedelta(seconds=5), timedelta(seconds=30)
TRIES = 3
BETWEEN = timedelta(seconds=30)  # waits between tries, and until somebody finds the time
BODY_MOST = 65_536
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "idempotency-key"})
_json = msgspec.json.Encoder(decimal_format="number").encode


class OnError(Struct, frozen=True):
    """What is done without a good answer.

    - `steps`: the steps for it.
    """

    steps: Steps


def _steps(reader: Reader, node: Node, name: str) -> Steps:
    if isinstance(node, Seq):
        return Steps.read(reader, node, name)
    found: OnError = reader.fields(node, OnError, name)
    return found.steps


def _saved(reader: Reader, node: Node, name: str) -> dict[str, str]:
    if not isinstance(node, Map) or not node.items:
        raise reader.wants(node, name, "names with paths into the answer, such as `{eta: delivery.eta}`")
    for key in node.items:
        try:
            variable(key)
        except Mistakes as wrong:
            reader.tell_mistakes(node.keys[key], wrong)
            raise UnreadableError(key) from None
    paths = reader.all_of((value, Annotated[str, By(path_of)], key) for key, value in node.items.items())
    return dict(zip(node.items, paths, strict=True))


class Http(StepKind, frozen=True):
    """Ask another system by HTTP, wait for its answer, and keep parts of it.

    - ask: "What is the number of your order?"
      save: number
    - http: "https://api.example.com/orders/{{ number }}"
      headers: {Authorization: "Bearer {{ secret.SHOP }}"}
      save: {eta: delivery.eta, first_item: items.first.name}
      on_error:
        - send: "I cannot look that up now."
        - end

    The operator lists the hosts that may be asked (`BATON_HTTP_HOSTS`) and sets the secrets (`{{ secret.SHOP }}` is
    `BATON_HTTP_SECRET_SHOP`); no text and no log shows one. Both the question and the answer are JSON. What the contact
    writes meanwhile does not end the wait, and what an owner who steps in has interrupted goes on at `on_error`.

    - `http`: the address, with its host written out. Values in it are put in code. Where one is missing, nothing is
      asked, and the flow goes on at `on_error`.
    - `method`: `GET`, `POST`, `PUT`, `PATCH` or `DELETE`; `GET` unless told, and `POST` with `json`.
    - `headers`: what the system wants to know besides, by name.
    - `json`: what is sent; numbers, true or false, and one whole `{{ }}` keep their kind as in `set`.
    - `timeout`: how long one try may take; `5s` unless told, at most `30s`. A `GET`, `PUT` or `DELETE` that fails in
      passing is tried up to three times, anything else only if it surely did not arrive. Each try carries the same
      `Idempotency-Key`.
    - `save`: names, each with the path into the answer to what it keeps: names with dots between them, and in a list
      `first`, `last` or a number that counts from 1. `http.status` is the status of the answer, good or not.
    - `on_error`: steps for everything but a good answer; then the flow goes on with nothing kept.
    """

    http: Wire
    method: Method | None = None
    headers: dict[str, Wire] = field(default_factory=dict)
    json: Annotated[Data, By(data_of, Any)] = None
    timeout: Duration = TIMEOUT
    save: Annotated[dict[str, str], By(_saved, dict[str, str])] = field(default_factory=dict)
    on_error: Annotated[Steps, By(_steps, Steps | OnError)] = Steps()

    def run(self, turn: Turn) -> Outcome:
        """Ask and wait; go on at once where that cannot be asked."""
        request = self._request(turn)
        if isinstance(request, str):
            return self._failed(Answer(why=request))
        timers = ((GIVE_UP, turn.now + TRIES * self.timeout + BETWEEN),)
        why = f"asks `{self.host}` and waits"
        return Outcome(then=Waiting(for_answer=False, timers=timers, request=request), why=why)

    def _request(self, turn: Turn) -> Request | str:
        """Make the request, or say why it cannot be made."""
        url = self.http.address(turn)
        if url is None:
            return "a value in the address is missing"
        headers = {name: parts for name, wire in self.headers.items() if (parts := wire.header(turn)) is not None}
        if len(headers) < len(self.headers):
            return "a value in a header has a line end"
        body = None if self.json is None else _json(filled(self.json, turn)).decode()
        if body is not None and len(body) > BODY_MOST:
            return "there is too much to send"
        return Request(method=self._verb, url=url, headers=headers, body=body, timeout=self.timeout)

    @property
    def _verb(self) -> Method:
        return self.method or ("GET" if self.json is None else "POST")

    @property
    def host(self) -> str:
        """The host that is asked, with its port if that is not the usual one."""
        target = target_of(self.http.head)
        return target.shown if target else ""

    def answered(self, turn: Turn, answer: Answer) -> Outcome:  # noqa: ARG002 - an answer is the same in every turn
        """Keep the parts of a good answer."""
        if not answer.is_good:
            return self._failed(answer)
        save = {name: found_in(answer, path) for name, path in self.save.items()}
        return Outcome(save=save, why=f"is answered with status {answer.status}")

    def fired(self, turn: Turn, name: str) -> Outcome:  # noqa: ARG002 - the only timer is over
        """Give up."""
        return self._failed(Answer(why="no answer came"))

    def interrupted(self, turn: Turn) -> Outcome:  # noqa: ARG002 - whatever the turn
        """Leave the answer alone that came while the owner was there, or never will."""
        return self._failed(Answer(why="the owner stepped in"))

    def _failed(self, answer: Answer) -> Outcome:
        save = {name: found_in(answer, path) for name, path in self.save.items()}
        then = Enter(ON_ERROR) if self.on_error else NEXT
        return Outcome(save=save, then=then, why=f"has no good answer: {answer.why}")

    @property
    def waits(self) -> bool:
        """A run stops here."""
        return True

    @property
    def keeps(self) -> frozenset[str]:
        """All its names."""
        return frozenset(self.save)

    def branches(self) -> Mapping[str, Branch]:
        """Return the steps for no good answer."""
        return {ON_ERROR: Branch(self.on_error)} if self.on_error else {}

    def faults(self) -> Iterator[Fault]:
        """Check the address, the headers and the timeout."""
        target, head = target_of(self.http.head), self.http.head
        if target is None or (not self.http.is_constant and head.count("/") < 3 and "?" not in head):  # noqa: PLR2004 - https://host/
            message = "`http` takes an address whose host is written out"
            yield Fault(("http",), "address", message, 'As in `"https://api.example.com/orders/{{ number }}"`')
        if self.json is not None and self.method == "GET":
            yield Fault(("method",), "method", "A `GET` sends no `json`", "Leave `method` out, or write `POST`")
        if self.timeout > LONGEST:
            yield Fault(
                ("timeout",),
                "timeout",
                f"`timeout` is at most {LONGEST.seconds}s",
                f"Write `{LONGEST.seconds}s` or less",
            )
        for name in self.headers:
            if not HEADER.fullmatch(name) or name.lower() in OURS:
                yield Fault(("headers", name), "header", f"`{name}` is no header that a flow can set", "Leave it out")

    @classmethod
    def saves(cls, fields: Map, type_of: Callable[[str], Type]) -> Mapping[str, Type]:  # noqa: ARG003
        """An answer may be of any kind; only the status is known to be a number."""
        save = fields.items.get("save")
        if not isinstance(save, Map):
            return {}
        return {name: Type.NUMBER if _is_status(node) else Type.ANY for name, node in save.items.items()}


def _is_status(node: Any) -> bool:
    return isinstance(node, Scalar) and node.text == STATUS
