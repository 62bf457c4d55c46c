"""Does `baton graph` draw what it is asked for, where it should?"""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.cli import main

TOP = Path(__file__).parents[2]
BAKERY = str(TOP / "examples" / "bakery")
SHOP = """business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}]
"""
FLOW = """---
flow: hello
steps:
  - send: "Hi!"
"""


def graph(*words: str) -> Result:
    """Draw in this process."""
    return CliRunner().invoke(main, ["graph", *words])


def a_folder(tmp_path: Path, text: str) -> str:
    """Write a folder of one file."""
    (tmp_path / "shop.yaml").write_text(text, "utf-8")
    return str(tmp_path)


def test_a_flow_is_drawn_to_stdout():
    """The picture and nothing else."""
    result = graph(BAKERY, "order")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("<svg ")
    assert result.stdout.endswith("</svg>\n")


def test_without_a_flow_all_are_drawn():
    """The business with every flow of it."""
    result = graph(BAKERY, "--format", "mermaid")

    assert result.exit_code == 0
    assert all(f'["flow<br/>{name}"]' in result.stdout for name in ("menu", "order", "person", "spring_cakes"))


@pytest.mark.parametrize(
    ("name", "options", "begins"),
    [
        ("order.svg", (), "<svg "),
        ("order.mmd", (), "flowchart TD"),
        ("order.txt", (), "<svg "),
        ("order.svg", ("--format", "mermaid"), "flowchart TD"),
    ],
)
def test_a_picture_in_a_file(tmp_path: Path, name: str, options: tuple[str, ...], begins: str):
    """The ending of the file says what to draw, unless it is said."""
    out = tmp_path / name

    result = graph(BAKERY, "order", "--out", str(out), *options)

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"Wrote {out}: 17 steps.\n"
    assert out.read_text("utf-8").startswith(begins)


def test_coverage_is_drawn_where_it_is_asked_for():
    """The transcripts are played first."""
    covered, plain = graph(BAKERY, "order", "--coverage"), graph(BAKERY, "order")

    assert "17 steps, all covered" in covered.stdout
    assert "covered" not in plain.stdout.partition("<rect")[0].partition("<style")[0]


def test_a_flow_with_a_problem_is_drawn_with_it(tmp_path: Path):
    """What keeps a flow from going live does not keep it from being drawn."""
    result = graph(a_folder(tmp_path, f"{SHOP}{FLOW}  - goto: nowhere\n"), "hello")

    assert result.exit_code == 0
    assert "Problem: `nowhere` is neither" in result.stdout


@pytest.mark.parametrize(
    ("text", "words", "code", "said"),
    [
        (SHOP + FLOW, ("helo",), 2, "There is no flow `helo`. Did you mean `hello`?"),
        (SHOP, ("hello",), 2, "There is no flow `hello`. This folder has none."),
        (FLOW, (), 1, "Mend 1 problem first."),
        (SHOP + FLOW.replace("send", "sent"), ("hello",), 1, "Mend 1 problem first."),
        (SHOP + FLOW + "  - goto: nowhere\n", ("hello", "--coverage"), 1, "Mend 1 problem first."),
        (SHOP + FLOW, ("--out", "/nowhere/x.svg"), 2, "cannot be written"),
    ],
)
def test_what_cannot_be_drawn(tmp_path: Path, text: str, words: tuple[str, ...], code: int, said: str):
    """A sentence says why, and nothing is drawn."""
    result = graph(a_folder(tmp_path, text), *words)

    assert (result.exit_code, result.stdout) == (code, "")
    assert said in " ".join(result.stderr.replace("│", " ").split())
