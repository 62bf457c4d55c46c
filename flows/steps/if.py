"""Do one thing or another."""  # noqa: N999 - the word that authors write is a keyword of Python

from collections.abc import Mapping

from engine.step import Enter, Outcome, Turn
from flows.expressions import When
from flows.step import Branch, StepKind, Steps


class If(StepKind, frozen=True):
    """Do some steps if a condition holds, and others if it does not.

    - if: contact.country = "BR"
      then:
        - send: "Olá!"
      else:
        - send: "Hello!"

    - `if`: the condition.
    - `then`: the steps that are done if it holds.
    - `else`: those that are done if it does not; the flow just goes on if they are left out.
    """

    if_: When
    then: Steps
    else_: Steps = Steps()

    def run(self, turn: Turn) -> Outcome:
        """Enter the branch that fits."""
        if self.if_.holds(turn.facts):
            return Outcome(
                save=self.if_.taken(turn.facts), then=Enter("then"), why=f"takes `then`: {self.if_.why(turn.facts)}"
            )
        if self.else_:
            return Outcome(then=Enter("else"), why=f"takes `else`: {self.if_.why(turn.facts)}")
        return Outcome(why=f"does not take `then`: {self.if_.why(turn.facts)}")

    @property
    def straight_on(self) -> tuple[str, ...] | None:
        """Without `else` the step that follows is reached when the condition does not hold."""
        return None if self.else_ else ("else",)

    def branches(self) -> Mapping[str, Branch]:
        """Return both branches."""
        return {"then": Branch(self.then), **({"else": Branch(self.else_)} if self.else_ else {})}
