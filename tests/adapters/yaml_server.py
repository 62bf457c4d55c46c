"""How is a language server talked to? As an editor does it: JSON-RPC over its input and output."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CURSOR = "#"


class YamlServer:
    """A language server for YAML that knows one schema; texts hold a `#` where the cursor is."""

    def __init__(self, command: list[str], schema: Path) -> None:
        """Start it, and tell it about the schema."""
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing)
        self._folder = schema.parent
        self._asked = 0
        self._opened = 0
        self._marks: dict[str, list[dict[str, Any]]] = {}
        self._settings = {
            "yaml": {
                "schemas": {schema.as_uri(): ["*.yaml"]},
                "schemaStore": {"enable": False, "url": ""},
                **dict.fromkeys(("validate", "hover", "completion"), True),
            }
        }
        can = {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}}}
        self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": can})
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": self._settings})
        self.marks("flow: x\n")  # from here on the schema is known

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def completions(self, text: str) -> set[str]:
        """Return what is offered at the cursor."""
        found = self._ask("textDocument/completion", self._at_cursor(text))
        return {item["label"] for item in found["items"]}

    def hover(self, text: str) -> str:
        """Return what is told about the word at the cursor."""
        found = self._ask("textDocument/hover", self._at_cursor(text))
        return str(found["contents"]["value"]) if found else ""

    def marks(self, text: str) -> list[tuple[int, str]]:
        """Return what is marked in a text, each with its line."""
        name = self._open(text)
        while name not in self._marks:
            self._take(self._read())
        return [(mark["range"]["start"]["line"], mark["message"]) for mark in self._marks[name]]

    def _at_cursor(self, text: str) -> dict[str, Any]:
        before, _, after = text.partition(CURSOR)
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        return {"textDocument": {"uri": self._open(before + after)}, "position": place}

    def _open(self, text: str) -> str:
        self._opened += 1
        name = (self._folder / f"{self._opened}.yaml").as_uri()
        document = {"uri": name, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return name

    def _ask(self, method: str, params: object) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._asked and "method" not in message:
                return message.get("result")
            self._take(message)

    def _tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _take(self, message: dict[str, Any]) -> None:
        """Answer what the server asks, and keep what it marks."""
        if message.get("method") == "textDocument/publishDiagnostics":
            self._marks[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            answers = [self._settings.get(item.get("section"), {}) for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": answers})
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        pipe = self._process.stdin
        assert pipe is not None
        pipe.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        pipe.flush()

    def _read(self) -> dict[str, Any]:
        pipe = self._process.stdout
        assert pipe is not None
        length = 0
        while line := pipe.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        if not length:
            raise EOFError("The language server ended.")
        found: dict[str, Any] = json.loads(pipe.read(length))
        return found
