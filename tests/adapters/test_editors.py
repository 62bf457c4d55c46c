"""Does an editor help with the files of a business?

The slow tests drive the server that VS Code's YAML extension runs, over its own protocol.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.cli import main
from flows.kinds import kinds
from flows.schema import DOCUMENTS, schema, schema_of
from tests.adapters.yaml_server import YamlServer

TOP = Path(__file__).parents[2]
SERVER = "yaml-language-server@1.25.0"
"""The newest that runs on Node 20; the `#` below stands where the cursor is."""
COMPLETED = {
    "an empty file": ("#", set(DOCUMENTS)),
    "a second document": ("flow: x\nsteps: [end]\n---\nf#", {"flow", "faq"}),
    "fields of a flow": ("flow: x\n#", {"start", "steps", "overlap", "priority", "sorry", "otherwise"}),
    "fields of a business": ("business: x\n#", {"timezone", "numbers", "hours", "handoff", "digressions"}),
    "fields of the handoff": ("business: x\nhandoff:\n  #", {"pause", "asked", "nobody_came", "words", "ignore"}),
    "a word that is allowed": ("business: x\nhandoff:\n  pause: #", {"never"}),
    "days": ("business: x\nhours:\n  #", {"mon", "mon-fri", "closed"}),
    "kinds of steps": ("flow: x\nsteps:\n  - #", set(kinds())),
    "kinds of steps, begun": ("flow: x\nsteps:\n  - se#", {"send", "set"}),
    "kinds of steps after another": ("flow: x\nsteps:\n  - ask: hi\n  - #", set(kinds())),
    "kinds of steps inside": ('flow: x\nsteps:\n  - if: text has "a"\n    then:\n      - #', set(kinds())),
    "fields of a step": ("flow: x\nsteps:\n  - ask: hi\n    #", {"save", "expect", "where", "sorry", "id", "when"}),
    "words of a field": ("flow: x\nsteps:\n  - ask: hi\n    expect: #", {"text", "number", "email", "date"}),
    "what can be sent": ("flow: x\nsteps:\n  - send:\n      #", {"image", "location", "contact", "link", "template"}),
    "what goes with a picture": ("flow: x\nsteps:\n  - send:\n      image: x\n      #", {"caption"}),
    "fields of an option": ("flow: x\nsteps:\n  - choose: x\n    options:\n      A:\n        #", {"also", "steps"}),
    "fields of an answer": ("faq: x\nanswers:\n  - #", {"questions", "answer", "run"}),
    "fields of a test": ("test: x\n#", {"at", "contact", "chat"}),
    "lines of a chat": ("test: x\nchat:\n  - #", {"contact", "bot", "owner", "silence", "after"}),
    "what a contact sends": ("test: x\nchat:\n  - contact:\n      #", {"tap", "image", "ad"}),
    "what the bot says": ("test: x\nchat:\n  - bot:\n      #", {"text", "buttons", "template"}),
    "who holds the chat": ("test: x\nchat:\n  - holder: #", {"bot", "owner"}),
    "words of a template": ("templates: x\nlist:\n  - name: x\n    category: #", {"MARKETING", "UTILITY"}),
}
NOT_COMPLETED = {
    "fields of another step": ("flow: x\nsteps:\n  - send: hi\n    #", {"save", "expect", "options", "ask", "choose"}),
    "fields of another document": ("flow: x\n#", {"timezone", "numbers", "answers", "faq", "business"}),
    "fields of another content": ("flow: x\nsteps:\n  - send:\n      image: x\n      #", {"location", "link"}),
    "true where words belong": ("flow: x\nsteps:\n  - ask: #", {"true", "false"}),
}
HOVERED = {
    "flow: x\nsteps:\n  - as#k: hi": ("Ask a question, wait, and remember the answer.", 'ask: "How many?"'),
    "flow: x\nsteps:\n  - ask: hi\n    sa#ve: x": ("The name to keep the answer under",),
    "flow: x\nsteps:\n  - send: {ima#ge: x}": ("The link to a picture",),
    "business: x\nhand#off: {}": ("How the owner and the bot share a chat.",),
    "business: x\nhandoff: {pau#se: 30m}": ("How long the bot is silent",),
    "flow: x\nsteps:\n  - retu#rn": ("Go back to the flow",),
    "test: x\nchat:\n  - silen#ce": ("The bot said nothing",),
    "test: x\nchat:\n  - aft#er: 1h": ("Time passes", "- after: 25h"),
    "flo#w: x": ("A `flow:` document",),
}
MARKED = {
    "flow: x\nsteps:\n  - aks: hi\n": [(2, "A step needs exactly one of: ask,")],
    "flow: x\nsteps:\n  - ask: hi\n    sav: x\n": [(3, "Property sav is not allowed")],
    'flow: x\nsteps:\n  - if: text has "a"\n': [(2, 'Missing property "then"')],
    "flwo: x\n": [(0, "A document begins with one of: business, flow")],
    "flow: x\noverlap: never\nsteps: [end]\n": [(1, 'Valid values: "ignore"')],
    "test: x\nchat:\n  - bott: hi\n": [(2, "A line of a transcript begins with one of: contact,")],
    "flow: x\nsteps: [end]\n---\nfaq: x\nanswers: []\nanswer: []\n": [(5, "Property answer is not allowed")],
}


def run(*words: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, ["schema", *words])


def test_the_schema_on_stdout():
    """All kinds together."""
    result = run()

    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == schema()


@pytest.mark.parametrize(("words", "name"), [((), "baton"), (("flow",), "flow")])
def test_the_schema_in_a_file(tmp_path: Path, words: tuple[str, ...], name: str):
    """The file is named, with the line that leads an editor to it."""
    result = run(*words, "--out", str(tmp_path))

    path = tmp_path / f"{name}.schema.json"
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"# yaml-language-server: $schema={name}.schema.json" in result.stderr
    assert json.loads(path.read_text("utf-8")) == (schema_of("flow") if words else schema())


@pytest.mark.parametrize(("words", "said"), [(("flwo",), "'flwo'"), (("--out", "/nowhere"), "cannot be written")])
def test_what_cannot_be_written(words: tuple[str, ...], said: str):
    """A sentence says why, and nothing is written."""
    result = run(*words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    """Install the server and start it with our schema."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node is not installed")
    folder = tmp_path_factory.mktemp("editor")
    install = [npm, "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", SERVER]
    subprocess.run(install, check=True, capture_output=True, timeout=300)
    run("--out", str(folder))
    run("faq", "--out", str(folder))
    command = [node, str(folder / "node_modules/yaml-language-server/bin/yaml-language-server"), "--stdio"]
    with YamlServer(command, schema=folder / "baton.schema.json") as started:
        yield started


@pytest.mark.long
@pytest.mark.parametrize(("text", "expected"), COMPLETED.values(), ids=COMPLETED)
def test_an_editor_completes(server: YamlServer, text: str, expected: set[str]):
    """What may stand at the cursor is offered. Needs Node and a package from the registry."""
    assert expected - server.completions(text) == set()


@pytest.mark.long
@pytest.mark.parametrize(("text", "others"), NOT_COMPLETED.values(), ids=NOT_COMPLETED)
def test_an_editor_does_not_complete(server: YamlServer, text: str, others: set[str]):
    """What may not stand there is not offered. Needs Node and a package from the registry."""
    assert others & server.completions(text) == set()


@pytest.mark.long
@pytest.mark.parametrize(("text", "expected"), HOVERED.items())
def test_an_editor_explains(server: YamlServer, text: str, expected: tuple[str, ...]):
    """A word below the mouse is explained. Needs Node and a package from the registry."""
    found = server.hover(text)

    assert [words for words in expected if words not in found] == []


@pytest.mark.long
@pytest.mark.parametrize(("text", "expected"), MARKED.items())
def test_an_editor_marks_what_is_wrong(server: YamlServer, text: str, expected: list[tuple[int, str]]):
    """A mistake is marked in its line, and nothing else. Needs Node and a package from the registry."""
    found = server.marks(text)

    assert [line for line, _ in found] == [line for line, _ in expected]
    assert all(words in message for (_, message), (_, words) in zip(found, expected, strict=True)), found


@pytest.mark.long
@pytest.mark.parametrize("path", sorted((TOP / "examples").rglob("*.yaml")), ids=lambda path: path.stem)
def test_an_editor_marks_nothing_in_the_examples(server: YamlServer, path: Path):
    """What checks clean is clean in an editor. Needs Node and a package from the registry."""
    assert server.marks(path.read_text("utf-8")) == []


@pytest.mark.long
def test_a_file_names_its_own_schema(server: YamlServer):
    """The line that `baton schema` shows leads to a schema beside the file. Needs Node and a package."""
    modeline = "# yaml-language-server: $schema=faq.schema.json\n"

    found = server.marks(f"{modeline}flow: x\nsteps: [end]\n")

    assert "Property flow is not allowed." in [message for line, message in found if line == 1]
    assert server.marks(f"{modeline}faq: x\nanswers: []\n") == []
