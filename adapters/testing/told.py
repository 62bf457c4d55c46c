"""How are people told how transcripts went?"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from io import StringIO
from itertools import chain, repeat, zip_longest

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from adapters.chat.clock import with_local_times
from adapters.folders import counted, reason, told
from adapters.paper import padded, plain, wrapped
from adapters.testing.played import Tested
from engine.trace import Line
from flows.coverage import Coverage, Share
from flows.missed import Side
from flows.shown import shown
from flows.transcript import Exchange, Failure, Played

EXPECTED, GOT, UNLIKE = "expected", "got", "≠"
WIDEST = 120
GAPS = 7  # the spaces between the columns, and the mark


def tell(out: Console, found: Tested, *, verbose: bool) -> None:
    """Show what failed and how much was covered; with `verbose` every chat, and what no transcript comes to."""
    if found.problems:
        out.print(Text(told(found.problems, found.files)), soft_wrap=True)
        return
    for each in found.tried:
        _tell(out, each.played, verbose=verbose)
    _tell_finds(out, found)
    failed = len(found.failures)
    style = "bold red" if failed else "green"
    out.print(Text(f"{len(found.tried) - failed} passed, {failed} failed.", style))
    _tell_coverage(out, found.coverage, verbose=verbose)


def tell_failure(out: Console, failure: Failure) -> None:
    """Show where a chat went another way: what was expected beside what came, and why the bot did that."""
    out.print(Text(f"{failure.file}:{failure.line}: {failure.short}"), soft_wrap=True)
    if failure.sides:
        out.print(Text("\n").join((Text(), *_side_by_side(out, failure.sides), Text())), no_wrap=True)
    if failure.after and failure.trace.lines:
        out.print(Text(f"  Why, after line {failure.after.place.line} (`{failure.after.verb}`):"))
    _tell_reasons(out, failure.trace.lines, failure.zone)


def as_text(failure: Failure) -> str:
    """Write a failure without any style."""
    text = StringIO()
    tell_failure(plain(text), failure)
    return text.getvalue()


def _tell(out: Console, played: Played, *, verbose: bool) -> None:
    script, failure = played.transcript, played.failure
    if verbose or failure:
        mark = Text("failed", "bold red") if failure else Text("passed", "green")
        out.print(Text(f"{script.file}:{script.place.line}: {script.name}: ").append_text(mark), soft_wrap=True)
    if verbose:
        for each in played.exchanges:
            _tell_exchange(out, each, script.zone)
    if failure:
        tell_failure(out, failure)
        out.print()


def _tell_exchange(out: Console, exchange: Exchange, zone: tzinfo) -> None:
    out.print(f"  line {exchange.line.place.line}, {exchange.line.verb}")
    for left in exchange.round.left:
        out.print(Text(f"    {left.speaker}: {shown(left.content)}"), soft_wrap=True)
    _tell_reasons(out, exchange.round.trace.lines, zone)


def _tell_finds(out: Console, found: Tested) -> None:
    for each in found.lost:
        out.print(Text(f"{each.file}:{each.line}: {each.failure}"), soft_wrap=True)
    if found.finds:
        count = f"{len(found.finds) - len(found.lost)} of {counted(len(found.finds), 'message')}"
        out.print(Text(f"FAQ: {count} found what they should.", "bold red" if found.lost else "green"))


def _side_by_side(out: Console, sides: Sequence[Side]) -> Iterator[Text]:
    """Write three columns: the name of a field, what was expected of it, and what came; `≠` marks where they differ."""
    names = max(len(side.name) for side in sides)
    width = min((min(out.width, WIDEST) - names - GAPS) // 2, max(_longest(sides), len(EXPECTED)))
    yield Text(f"  {'':{names}}  {EXPECTED:{width}}   {GOT}", "dim")
    for side in sides:
        lines = zip_longest(*(wrapped(out, each, width) for each in (side.expected, side.got)), fillvalue="")
        firsts = chain([(side.name, UNLIKE if side.differs else " ")], repeat(("", " ")))
        expected, got = ("green", "red") if side.differs else ("", "")
        for (left, right), (name, sign) in zip(lines, firsts, strict=False):
            start, middle = (f"  {name:{names}}  ", "dim"), (f" {sign} ", "bold red")
            row = Text.assemble(start, (padded(left, width), expected), middle, (right, got))
            row.rstrip()
            yield row


def _longest(sides: Iterable[Side]) -> int:
    lines = (line for side in sides for text in (side.expected, side.got) for line in text.splitlines())
    return max(map(cell_len, lines), default=0)


def _tell_reasons(out: Console, lines: Iterable[Line], zone: tzinfo) -> None:
    for why in lines:
        out.print(Text(f"    {with_local_times(reason(why), zone)}", "dim"), soft_wrap=True)


def _tell_coverage(out: Console, coverage: Coverage, *, verbose: bool) -> None:
    out.print(f"Steps: {_of(coverage.steps)}. Branches: {_of(coverage.branches)}.")
    if verbose:
        for line in _gaps(coverage):
            out.print(Text(line), soft_wrap=True)
    elif coverage.gaps:
        out.print(f"{counted(len(coverage.gaps), 'gap')}: `baton test -v` names what no transcript comes to.")


def _gaps(coverage: Coverage) -> Iterator[str]:
    for gap in coverage.gaps:
        what = f"branch `{gap.branch}` of `{gap.kind}`" if gap.branch else f"`{gap.kind}`"
        yield f"{gap.place}: no transcript comes to the {what} in `{gap.flow}`"


def _of(share: Share) -> str:
    return f"{share.covered} of {share.total} covered"
