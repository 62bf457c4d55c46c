"""On which path is an event or an effect, and do the restriction lists let it pass?"""

from engine.chat import Number
from engine.content import Template
from engine.effects import Fetch, Http, Leaving, Report, Send, Speaker
from engine.events import (
    CampaignReached,
    ChatEvent,
    EchoReceived,
    HttpAnswered,
    MessageReceived,
    RowEnded,
    StatusReceived,
    TimerFired,
)
from engine.identity import Ids
from rules.policy.restrictions import Clearance, Path, Refusal, Restrictions, clear


def path_in(event: ChatEvent) -> Path | None:
    """Return the path on which an event comes in; nothing for what can lead to nothing."""
    match event:
        case MessageReceived():
            return Path.INBOUND
        case EchoReceived():
            return Path.ECHO
        case TimerFired():
            return Path.TIMER
        case HttpAnswered():
            return Path.HTTP
        case StatusReceived() | RowEnded():
            return Path.STATUS
        case CampaignReached():
            return Path.CAMPAIGN
        case _:
            return None


def path_out(effect: Leaving, event: ChatEvent) -> Path:
    """Return the path on which an effect goes out."""
    match effect:
        case Report():
            return Path.REPORT
        case Http():
            return Path.HTTP
        case Fetch(by=by):
            return Path.ECHO if by == "owner" else Path.INBOUND
        case Send(bulk=bulk) if bulk is not None:
            return Path.CAMPAIGN
        case _ if isinstance(event, TimerFired):
            return Path.TIMER
        case Send(speaker=Speaker.NOTICE):
            return Path.NOTICE
        case Send(content=Template()):
            return Path.TEMPLATE
        case _:
            return Path.FLOW


def check(path: Path, ids: Ids, number: Number, lists: Restrictions) -> Clearance | Refusal:
    """Ask the lists about a number and every known identity of a contact."""
    return clear(
        path,
        business_phone=number.phone,
        coexistence=number.coexistence,
        phones=ids.phones,
        bsuids=ids.bsuids,
        lists=lists,
    )
