"""Which colours and letters does a picture have, in light and in dark?"""

from collections.abc import Mapping

from flows.drawing.boxes import Role

LETTERS = "Arial,Helvetica,'Liberation Sans','DejaVu Sans',sans-serif"
_BLUE, _GREEN, _VIOLET, _ORANGE = (
    ("#2459b8", "#78a9f7"),
    ("#17713f", "#5cc98d"),
    ("#6d3bb5", "#bd97f2"),
    ("#a83c0c", "#f2915f"),
)
ROLES: Mapping[Role, tuple[str, str]] = {
    Role.START: _GREEN,
    Role.SAYS: _BLUE,
    Role.ASKS: _VIOLET,
    Role.DECIDES: ("#8a5200", "#e3ab4f"),
    Role.WAITS: ("#0b6b76", "#4fbecb"),
    Role.DOES: ("#4d5866", "#a3afbe"),
    Role.JUMPS: ("#9a2b72", "#e58fca"),
    Role.HANDS_OFF: _ORANGE,
    Role.ENDS: ("#3d454f", "#b4bdc8"),
    Role.FLOW: _BLUE,
    Role.QUESTIONS: _VIOLET,
    Role.OWNER: _ORANGE,
}
"""The colour of each role on light paper and on dark; both stand out against the card by 4.5 to 1 or more."""

PLAIN = f"""
text{{font-family:{LETTERS};font-size:13px;fill:INK}}
.title{{font-size:20px;font-weight:bold}}
.about,.note,.name,.of-way,.legend{{font-size:11.5px;fill:MUTED}}
.note{{font-size:11px}}
.word{{font-size:11px;font-weight:bold}}
.paper{{fill:PAPER}}
.card{{fill:CARD;stroke:EDGE}}
.between{{stroke:EDGE}}
.way{{fill:none;stroke:LINE;stroke-width:1.6}}
.head{{fill:LINE}}
.way.timed{{stroke-dasharray:6 4}}
.way.back{{stroke-dasharray:2 4}}
.way.jump{{stroke:AWAY}}
.head.jump{{fill:AWAY}}
.of-way{{fill:INK;text-anchor:middle}}
.behind{{fill:PAPER}}
.sign{{fill:none;stroke:CARD;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}}
.error{{font-size:11px;font-weight:bold;fill:RED}}
.warning,.hint{{font-size:11px;fill:AMBER}}
.wrong{{fill:none;stroke:RED;stroke-width:2}}
.doubtful{{fill:none;stroke:AMBER;stroke-width:2}}
.missed{{fill:none;stroke:MUTED;stroke-width:1.6;stroke-dasharray:5 4}}
.covered{{fill:none;stroke:GREEN;stroke-width:2}}
"""
NAMES = ("INK", "MUTED", "PAPER", "CARD", "EDGE", "LINE", "AWAY", "RED", "AMBER", "GREEN")
LIGHT = ("#1a2027", "#57616e", "#f4f5f7", "#ffffff", "#ccd3db", "#6b7684", "#9a2b72", "#b3201f", "#7d5200", "#17713f")
DARK = ("#e9edf2", "#a4afbc", "#14181d", "#20262e", "#3b4552", "#8c98a6", "#e58fca", "#ff8f86", "#e9b45c", "#5cc98d")


def style() -> str:
    """Write the rules of a picture; they reach no further than the picture, wherever it is put."""
    return f"{_rules(LIGHT, 0)}@media (prefers-color-scheme:dark){{{_rules(DARK, 1)}}}"


def _rules(colours: tuple[str, ...], theme: int) -> str:
    rules = PLAIN
    for name, colour in zip(NAMES, colours, strict=True):
        rules = rules.replace(name, colour)
    rules += "".join(f".{role.name.lower()}{{fill:{pair[theme]}}}\n" for role, pair in ROLES.items())
    return "".join(f".baton {rule}" for rule in rules.strip().splitlines()).replace(",.", ",.baton .")
