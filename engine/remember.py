"""What does a step's outcome leave with the contact and the run?"""

from msgspec.structs import replace

from engine.ads import with_claims
from engine.chat import Chat
from engine.effects import Report
from engine.kept import keep
from engine.step import Outcome
from rules.policy.consent import answered

OF_CONTACT = "contact."


def with_outcome(chat: Chat, outcome: Outcome) -> Chat:
    """Return the chat with what an outcome leaves; a value under a name of the contact's stays after the run."""
    if outcome.marketing is not None:
        wish = answered(chat.contact.marketing, outcome.marketing)
        chat = replace(chat, contact=replace(chat.contact, marketing=wish))
    if claims := [effect.claim for effect in outcome.effects if isinstance(effect, Report)]:
        chat = with_claims(chat, claims)
    if not outcome.save and not outcome.tag and not outcome.untag:
        return chat
    kept = {name: keep(value) for name, value in outcome.save.items()}
    own = {name.removeprefix(OF_CONTACT): value for name, value in kept.items() if name.startswith(OF_CONTACT)}
    rest = {name: value for name, value in kept.items() if not name.startswith(OF_CONTACT)}
    tags = tuple(sorted({*chat.contact.tags, *outcome.tag} - set(outcome.untag)))
    if own or tags != chat.contact.tags:
        attributes = {**chat.contact.attributes, **own}
        chat = replace(chat, contact=replace(chat.contact, attributes=attributes, tags=tags))
    if rest and chat.run:
        chat = replace(chat, run=replace(chat.run, variables={**chat.run.variables, **rest}))
    return chat
