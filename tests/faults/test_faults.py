"""Does the fault matrix see what it should, and do a few of its quick rows hold? The others are run by its command."""

import asyncio
import re
import signal
import sys
from pathlib import Path

import pytest

from engine.row import RowState
from tests.faults import __main__ as command
from tests.faults.audit import Audit
from tests.faults.line import Line
from tests.faults.matrix import ROWS, Figure, Told, always, at_most, chosen, holds, none_of
from tests.faults.moves import illegal_moves
from tests.faults.place import free_port
from tests.faults.server import Server
from tests.main_job import family

QUICK = ("F24", "F48")

pytestmark = family.NEEDS_PROC

FINE = Audit(
    acked=10, people=5, rows=30, posts=30, accepted=30, ends={"sent": 30}, lost=(), doubled=(), undeclared=(),
    disordered=(), blocked=(), blocked_wrote=2, doubts=0, busiest=20, dump=(),
)  # fmt: skip


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_row_holds(name: str) -> None:
    """A town of real processes is broken, and the three ledgers agree."""
    [row] = chosen([name])

    result = command.run(row, 1, "small")

    assert (result.verdict, result.faults) == ("holds", ())


def test_every_row_has_its_place_and_says_what_must_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """The list names each row once, in order, with its sentence."""
    assert command.main(["--list"]) == 0

    named = re.findall(r"^(F\d\d|L4)  .+: .+\.$", capsys.readouterr().out, re.MULTILINE)
    assert named == sorted({row.name for row in ROWS})
    assert len(named) == len(ROWS)


def test_a_row_nobody_knows_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the pen runs nothing."""
    with pytest.raises(SystemExit):
        command.main(["F99"])

    assert "There is no row 'F99'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Told((at_most("p99", 0.9, 1.0),), FINE), True),
        (Told((at_most("p99", 1.1, 1.0),), FINE), False),
        (Told((none_of("late", 1, 9),), FINE), False),
        (Told((Figure("told", 0, least=1),), FINE), False),
    ],
)
def test_a_row_holds_within_its_bounds(told: Told, *, expected: bool) -> None:
    """Each figure carries its bound."""
    assert holds(told) is expected


@pytest.mark.parametrize("ledger", ["lost", "doubled", "undeclared", "disordered", "blocked", "dump"])
def test_what_must_never_be_is_seen_in_every_row(ledger: str) -> None:
    """Only a double that its row declares may be."""
    fields = {name: getattr(FINE, name) for name in FINE.__struct_fields__}
    found = Audit(**{**fields, ledger: ("a row",)})

    assert sum(not each.holds for each in always(Told((), found, declared=True))) == (ledger != "doubled")


def test_figures_tell_how_much_none_of_many_proves() -> None:
    """None of a hundred proves 3 % at most; a bound that is broken stands beside the figure."""
    assert str(none_of("lost", 0, 100)) == "lost 0 of 100 (<= 3 %)"
    assert str(none_of("lost", 2, 100)) == "lost 2 of 100 [bound: at most 0]"


def test_a_move_that_the_table_does_not_know_is_found_in_the_log(tmp_path: Path) -> None:
    """Whatever the row looks like in the end; a torn tail ends the reading."""
    server = Server(tmp_path, free_port())
    server.start()
    for state in (RowState.QUEUED, RowState.SENDING, RowState.SENT, RowState.QUEUED, RowState.SENDING):
        server.client.hset("{b}:r:one", mapping={"state": state, "reason": ""})
    server.kill()
    [log] = server.log_files()
    with log.open("ab") as file:
        file.write(b"*3\r\n$4\r\nHS")

    assert [*illegal_moves(log, "{b}")] == ["{b}:r:one went from sent to queued"]


def test_a_line_catches_a_script_and_whoever_asked_for_it(tmp_path: Path) -> None:
    """It passes bytes on, holds one request back, and knows the process behind it."""

    async def scene() -> None:
        server = Server(tmp_path, free_port())
        await asyncio.to_thread(server.start)
        line = Line(server.port)
        await line.open()
        asks = f"import redis; asked = redis.Redis(port={line.port}); asked.set('a', 1); asked.get('a word')"
        program = await asyncio.create_subprocess_exec(sys.executable, "-c", asks)
        link = await line.catch_words([(b"a word",)], "request")
        assert link.pid() == program.pid
        assert server.client.get("a") == b"1"
        link.kill(signal.SIGKILL)
        assert await program.wait() == -signal.SIGKILL
        line.refuse()
        server.kill()

    asyncio.run(scene())
