"""What does the command line draw?"""

from pathlib import Path

import rich_click as click

from adapters.folders import Checked, checked, counted, told, usable
from flows.coverage import Gap, measure
from flows.drawing.boxes import Chart
from flows.drawing.chart import chart_of
from flows.drawing.mermaid import as_mermaid
from flows.drawing.overview import overview_of
from flows.drawing.svg import as_svg
from flows.reader import nearest
from flows.transcript import play

MERMAID, SVG = "mermaid", "svg"
ENDINGS = {".mmd": MERMAID, ".mermaid": MERMAID}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("flow", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice([SVG, MERMAID]),
    help="A picture for any browser, or text that Mermaid draws; by the ending of --out, otherwise svg.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, not to the terminal.")
@click.option("--coverage", is_flag=True, help="Play the transcripts, and mark what none of them comes to.")
def graph(folder: Path, flow: str | None, form: str | None, out: Path | None, *, coverage: bool) -> None:
    """Draw FLOW as a picture, or all flows of FOLDER in one."""
    gaps = _gaps(folder) if coverage else None
    chart = _chart(checked(folder), flow, gaps)
    form = form or ENDINGS.get(out.suffix if out else "", SVG)
    drawn = f"{as_mermaid(chart) if form == MERMAID else as_svg(chart)}\n".encode()
    if out is None:
        click.echo(drawn, nl=False)
        return
    try:
        out.write_bytes(drawn)
    except OSError as error:
        raise click.BadParameter(f"`{out}` cannot be written: {error.strerror}.", param_hint="--out") from None
    click.echo(f"Wrote {out}: {chart.about}.", err=True)


def _gaps(folder: Path) -> tuple[Gap, ...]:
    found, ruleset = usable(folder)
    played = [play(each, ruleset) for each in found.transcripts]
    return measure(ruleset, frozenset().union(*(each.seen for each in played))).gaps


def _chart(found: Checked, flow: str | None, gaps: tuple[Gap, ...] | None) -> Chart:
    """Draw up what can be read, in spite of problems."""
    documents = {each.flow: each for each in found.readable.flows} if found.readable else {}
    if found.readable is None or (flow is not None and flow not in documents and found.errors):
        click.echo(told(found.errors, found.files), err=True)
        click.echo(f"Mend {counted(len(found.errors), 'problem')} first.", err=True)
        raise SystemExit(1)
    if flow is None:
        return overview_of(found.readable, found.problems, gaps)
    if flow not in documents:
        known = f"There are {', '.join(documents)}." if documents else "This folder has none."
        hint = nearest(flow, documents) or known
        raise click.BadParameter(f"There is no flow `{flow}`. {hint}", param_hint="FLOW")
    return chart_of(documents[flow], found.readable, found.problems, gaps)
