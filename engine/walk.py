"""How a run goes through its steps, until it waits or ends."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from engine.chat import Chat
from engine.effects import Effect, as_notices
from engine.events import MessageReceived
from engine.facts import Facts, Scene
from engine.marks import node_at
from engine.remember import with_outcome
from engine.request import Answer
from engine.ruleset import Flow, Jump, Node, Ruleset
from engine.runs import MOST_CALLS, begun, called, handed_off, is_too_deep, returned, waiting, while_handed_off
from engine.saying import as_said, while_waiting
from engine.step import Call, End, Enter, Goto, HandOff, Next, Outcome, Return, Turn, Wait
from engine.trace import Trace
from engine.turns import turn_at

STEPS_PER_EVENT = 50
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Walk:
    """One event's way through the steps: a chat going in, the changed chat and effects coming out.

    `asked` tells whether the contact just asked for what is said; timers say things unasked.
    """

    def __init__(
        self,
        chat: Chat,
        ruleset: Ruleset,
        now: datetime,
        *,
        event_id: str,
        message: MessageReceived | None = None,
        last_written_at: datetime | None = None,
        asked: bool = False,
    ) -> None:
        self.chat = chat
        self.effects: list[Effect] = []
        self.trace = Trace()
        self._ruleset = ruleset
        self._now = now
        self._event_id = event_id
        self._asked = asked
        self.message = message
        self.last_written_at = last_written_at
        self._budget = STEPS_PER_EVENT

    @property
    def facts(self) -> Facts:
        """What conditions and texts can read at this point."""
        return Facts(self._scene)

    @property
    def _scene(self) -> Scene:
        return Scene(self.chat, self._ruleset.business, self._now, self.message, self.last_written_at)

    def note(self, about: str, words: str, place: str | None = None) -> None:
        """Remember a reason."""
        self.trace = self.trace.add(about, words, place)

    def do(self, *effects: Effect) -> None:
        """Add effects that no step asked for."""
        self.effects.extend(effects)

    def start(self, flow_id: str, save: Mapping[str, Any] = NOTHING) -> None:
        """Begin a flow of the live version, in place of any run, with values to keep in it."""
        if self.put_at_start(flow_id, save):
            self.ask_again()

    def put_at_start(self, flow_id: str, save: Mapping[str, Any] = NOTHING) -> bool:
        """Put a run before the first step of a flow, which it then does by `ask_again`; tell whether it is there."""
        flow = self._ruleset.flows.get(flow_id)
        if flow is None:
            self.note("flow", f"`{flow_id}` is not live any more")
            self.chat = replace(self.chat, run=None)
            return False
        run = begun(flow, f"{self._event_id} {flow_id} {self._budget}", self._now, self.facts["text"])
        self.chat = with_outcome(replace(self.chat, run=run), Outcome(save=save))
        self.note("flow", f"starts `{flow_id}`")
        return True

    def aside(self, flow: Flow) -> None:
        """Say something that is no run of its own: `otherwise`, an answer of the FAQ, `nobody_came`."""
        at = flow.first
        while at is not None and self._spend():
            node = flow.nodes[at]
            outcome = self._done(node, at)
            self.chat = with_outcome(self.chat, outcome)
            self._say(outcome.effects, node)
            match outcome.then:
                case Goto(target=target) | Call(flow=target):
                    self.start(target)
                    return
                case HandOff(reason=reason):
                    self.hand_off(reason)
                    return
                case Enter(branch=branch):
                    at = node.branches.get(branch) or node.after
                case End():
                    if self.chat.run is not None:
                        self._end()
                    return
                case Return():
                    return
                case Next() | Wait():
                    at = node.after

    def answer(self) -> bool:
        """Give the message to the step the run waits at; tell whether it took it."""
        node = self._here()
        if node is None or not self._waits_for_answer():
            return False
        outcome = node.step.answer(self._here_again())
        if outcome is None:
            return False
        self.note("answer", f"`{node.step.kind}` takes the answer", node.place)
        self._resume(node, outcome)
        return True

    def sorry(self) -> bool:
        """Let the waiting step say that it did not understand; tell whether it had words for it."""
        node = self._here()
        run = self.chat.run
        if node is None or run is None or not self._waits_for_answer():
            return False
        self.chat = replace(self.chat, run=replace(run, tries=run.tries + 1))
        outcome = node.step.sorry(self._here_again())
        if outcome is None:
            return False
        self.note("answer", f"`{node.step.kind}` does not take it and says so", node.place)
        self._say(outcome.effects, node)
        return True

    def ask_again(self) -> None:
        """Ask the open question once more, after something else was answered; a run at its start begins."""
        node, run = self._here(), self.chat.run
        if node is not None and run is not None and not run.waiting:
            self._go(run.at)
        elif node is not None and self._waits_for_answer():
            self._resume(node, node.step.run(self._turn(node_at(self.chat))))

    def fired(self, name: str) -> None:
        """Go on after a timer of the step the run waits at."""
        if node := self._here():
            self.note("timer", f"`{name}` of `{node.step.kind}` is due", node.place)
            self._resume(node, node.step.fired(self._here_again(), name))

    def answered(self, answer: Answer) -> None:
        """Go on after another system answered the step the run waits at."""
        if node := self._here():
            self._resume(node, node.step.answered(self._here_again(), answer))

    def skip_wait(self) -> bool:
        """Count a wait for anything but the contact as over; tell whether the run stood at one."""
        node = self._here()
        if node is None or self._waits_for_answer():
            return False
        self._resume(node, node.step.interrupted(self._here_again()))
        return True

    def hand_off(self, reason: str) -> None:
        """Give the chat to the owner; what was said in this turn still leaves."""
        policy = self._ruleset.business.handoff
        self.chat = handed_off(self.chat, reason, policy, self._now)
        self.effects = as_notices(self.effects)
        self.note("handoff", f"the owner is asked to take over: {reason or 'no reason given'}")
        self.do(*while_handed_off(self.chat, policy, self._now))

    @property
    def _flow(self) -> Flow | None:
        run = self.chat.run
        return self._ruleset.flow_of(run.flow, run.version) if run else None

    def _here(self) -> Node | None:
        flow = self._flow
        return flow.nodes.get(node_at(self.chat)) if flow else None

    def _waits_for_answer(self) -> bool:
        return self.chat.run is not None and self.chat.run.waiting and self.chat.run.for_answer

    def _resume(self, node: Node, outcome: Outcome) -> None:
        self._go(self._apply(node, node_at(self.chat), outcome))

    def _go(self, at: str | None) -> None:
        while at is not None and (flow := self._flow) is not None:
            if not self._spend():
                self._end()
                return
            node = flow.nodes[at]
            at = self._apply(node, at, self._done(node, at))

    def _done(self, node: Node, at: str) -> Outcome:
        """Do a step, with what the groups of its `when` took; skip it if that does not hold."""
        turn = self._turn(at)
        taken = node.step.taken(turn)
        if taken:
            self.chat = with_outcome(self.chat, Outcome(save=taken))
            turn = self._turn(at)
        return Outcome(why="its `when` does not hold") if taken is None else node.step.run(turn)

    def _apply(self, node: Node, at: str, outcome: Outcome) -> str | None:
        self.chat = with_outcome(self.chat, outcome)
        self._say(outcome.effects, node)
        self.note("step", f"`{node.step.kind}` {outcome.why}".rstrip(), node.place)
        match outcome.then:
            case Next():
                return self._follow(node.next)
            case Enter(branch=branch):
                return node.branches.get(branch) or self._follow(node.next)
            case Wait():
                self._wait(at, outcome.then, node.place)
            case Goto(target=target):
                return self._go_to(target)
            case Call(flow=target):
                return self._call(target, at)
            case Return():
                return self._come_back()
            case End():
                self._end()
            case HandOff(reason=reason):
                self.hand_off(reason)
        return None

    def _go_to(self, target: str) -> str | None:
        flow = self._flow
        if flow is not None and target in flow.names:
            return flow.names[target]
        self.start(target)
        return None

    def _call(self, target: str, at: str) -> str | None:
        run = self.chat.run
        flow = self._ruleset.flow_of(target, run.version) if run else None
        if run is None or flow is None or is_too_deep(run):
            deep = f"stopped: more than {MOST_CALLS} flows called each other"
            self.note("flow", deep if flow else f"`{target}` is not live any more")
            self._end()
            return None
        self.chat = replace(self.chat, run=called(run, target, at))
        return flow.first

    def _come_back(self) -> str | None:
        """Go on after the step that called this flow; the run ends if none did."""
        run = self.chat.run
        if run is None or not run.stack:
            self._end()
            return None
        at, back = run.stack[-1].at, returned(run)
        self.chat = replace(self.chat, run=back)
        self.note("flow", f"`{run.flow}` is done: back to `{back.flow}`")
        flow = self._flow
        return self._follow(flow.nodes[at].next) if flow else None

    def _follow(self, jump: Jump | None) -> str | None:
        if jump is None:
            return self._come_back()
        if jump.waiting and node_at(self.chat) != jump.at:
            return jump.at  # it waited for something else meanwhile, so the question is asked once more
        if jump.waiting and self.chat.run is not None:
            self.chat = replace(self.chat, run=replace(self.chat.run, at=jump.at, waiting=True, for_answer=True))
            return None
        return jump.at

    def _wait(self, at: str, wait: Wait, place: str) -> None:
        run = self.chat.run
        if run is None:
            return
        self.chat = replace(self.chat, run=waiting(run, at, wait, self.facts["text"]))
        self.do(*while_waiting(self.chat, wait, asked=self._asked or self.message is not None, step=place))

    def _end(self) -> None:
        following, values = self.chat.queued_flow, self.chat.queued_values
        self.chat = replace(self.chat, run=None, queued_flow=None, queued_values={})
        self.note("flow", "the run ends")
        if following is not None and following in self._ruleset.flows and self._budget > 0:
            self.start(following, values)

    def _say(self, effects: Iterable[Effect], node: Node) -> None:
        fallback, asked = self._ruleset.business.fallback_of(self.chat.contact), self._asked or self.message is not None
        self.do(*(as_said(effect, fallback=fallback, asked=asked, step=node.place) for effect in effects))

    def _here_again(self) -> Turn:
        return self._turn(node_at(self.chat), waiting=True)

    def _turn(self, at: str, *, waiting: bool = False) -> Turn:
        return turn_at(at, self._scene, event=self._event_id, waiting=waiting)

    def _spend(self) -> bool:
        self._budget -= 1
        if self._budget == 0:
            self.note("flow", f"stopped after {STEPS_PER_EVENT} steps without a wait")
        return self._budget > 0
