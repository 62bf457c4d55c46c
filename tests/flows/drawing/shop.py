"""A small business, and flows of any size, to be drawn."""

from random import Random

from flows.load import load_files

BUSINESS = """business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
hours: {mon-fri: 09:00-18:00}
"""


def loaded(flow: str, **more: str):
    """Load flows beside the business."""
    files = {f"{name}.yaml": text for name, text in more.items()}
    return load_files({"business.yaml": BUSINESS, "flows.yaml": flow} | files)


def many_steps(count: int, seed: int = 1) -> str:
    """Write a flow of so many steps, with questions, branches and loops, the same one each time."""
    written = _Written(Random(seed))  # noqa: S311 - chance that is the same each time
    steps = written.steps(count, 0)
    return "\n".join(("flow: many", "start: [{ad: any}]", "steps:", *(f"  {line}" for line in steps))) + "\n"


class _Written:
    """What was written so far: lines of steps, and the ids one may go to."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._names: list[str] = []

    def steps(self, count: int, deep: int) -> list[str]:
        """Write steps, some of them with steps inside."""
        lines: list[str] = []
        while count > 0:
            inside = min(count - 1, self._random.randrange(2, 9)) if deep < 3 and count > 4 else 0
            kind = self._random.choice((self._choose, self._if) if inside > 1 else (self._ask, self._send, self._goto))
            lines += kind(inside, deep) if self._random.random() < 0.7 else self._send(inside := 0, deep)
            count -= 1 + inside
        return lines

    def _name(self) -> str:
        self._names.append(f"s{len(self._names)}")
        return self._names[-1]

    def _send(self, _: int, __: int) -> list[str]:
        words = " ".join(self._random.choices(("cake", "bread", "sugar", "flour"), k=self._random.randrange(2, 20)))
        return [f'- send: "We have {words}."']

    def _ask(self, _: int, __: int) -> list[str]:
        return ['- ask: "How many would you like?"', f"  id: {self._name()}", "  expect: number"]

    def _goto(self, _: int, deep: int) -> list[str]:
        if not self._names:
            return self._ask(0, deep)
        return [f"- goto: {self._random.choice(self._names)}", '  when: text has "again"']

    def _if(self, inside: int, deep: int) -> list[str]:
        then, other = inside - inside // 2, inside // 2
        return [
            '- if: text has "much"',
            *("  then:", *_indented(self.steps(then, deep + 1))),
            *("  else:", *_indented(self.steps(other, deep + 1))),
        ]

    def _choose(self, inside: int, deep: int) -> list[str]:
        first = inside - inside // 2
        return [
            '- choose: "What would you like?"',
            f"  id: {self._name()}",
            "  options:",
            *("    Cakes:", *_indented(_indented(self.steps(first, deep + 1)))),
            *("    Bread:", *_indented(_indented(self.steps(inside // 2, deep + 1)))),
            "    Nothing:",
        ]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
