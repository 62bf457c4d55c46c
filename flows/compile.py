"""How does a checked folder become what the engine runs?"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from engine.approval import TemplateState, key
from engine.chat import Number
from engine.content import Template
from engine.ruleset import (
    NOBODY_CAME,
    OPT_IN,
    OPT_OUT,
    OTHERWISE,
    Business,
    Digression,
    Flow,
    Handoff,
    Ruleset,
    Words,
    otherwise_of,
)
from engine.triggers import Trigger, Triggers
from flows.attachments import Attached
from flows.business import BusinessDocument, Wishes
from flows.campaign import CampaignDocument, campaign_of
from flows.digression import Digression as Written
from flows.faq import FaqDocument, questions_of
from flows.flow import FlowDocument
from flows.folder import Folder
from flows.graph import Graph
from flows.packing import decode, encode
from flows.people import without_people
from flows.step import Steps
from flows.steps.send import Send
from flows.templates import Templates
from flows.text import Text
from flows.values import languages_of_countries
from rules.words import words

SCHEMA = 3
ANOTHER = "The published version was made by another Baton; publish the folder again."


class Published(Struct, frozen=True, kw_only=True):
    """What of a folder is kept in the store: everything that is needed to answer, nothing that is code."""

    schema: int = SCHEMA
    business: BusinessDocument
    flows: tuple[FlowDocument, ...]
    faqs: tuple[FaqDocument, ...]
    templates: tuple[Templates, ...]
    campaigns: tuple[CampaignDocument, ...]
    digests: dict[str, str]


def version_of(files: Mapping[str, str], attached: Mapping[str, Attached] | None = None) -> str:
    """Name a version after what is in its files: the same under the same names has the same version.

    `attached` are the files that its messages hold. Who stands in a list is no part of it.
    """
    digest = hashlib.sha256()
    digests = {name: each.sha256 for name, each in (attached or {}).items()}
    for name, text in (*sorted(without_people(files).items()), *sorted(digests.items())):
        for part in (name.encode(), text.encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]


def pack(folder: Folder) -> bytes:
    """Write a checked folder as MessagePack, without its transcripts."""
    published = Published(
        business=folder.business,
        flows=folder.flows,
        faqs=folder.faqs,
        templates=folder.templates,
        campaigns=folder.campaigns,
        digests={document.flow: digest_of(document) for document in folder.flows},
    )
    return msgspec.msgpack.encode(published, enc_hook=encode)


def unpack(packed: bytes) -> Folder:
    """Read what `pack` wrote, without parsing anything; raise `ValueError` when it is not of this schema."""
    try:
        published = msgspec.msgpack.decode(packed, type=Published, dec_hook=decode)
    except (msgspec.DecodeError, KeyError) as error:
        raise ValueError(ANOTHER) from error
    if published.schema != SCHEMA:
        raise ValueError(ANOTHER)
    return Folder(
        business=published.business,
        flows=published.flows,
        faqs=published.faqs,
        templates=published.templates,
        campaigns=published.campaigns,
        digests=published.digests,
    )


def digest_of(document: FlowDocument) -> str:
    """Name what a flow does, wherever in the files it stands."""
    plain = _without_places(msgspec.to_builtins(document, enc_hook=encode))
    return hashlib.blake2b(msgspec.msgpack.encode(plain, order="sorted"), digest_size=8).hexdigest()


def ruleset(folder: Folder, version: str) -> Ruleset:
    """Make a ruleset of a checked folder."""
    answers = [answer for faq in folder.faqs for answer in faq.named()]
    return Ruleset(
        version=version,
        business=business_of(folder.business, folder.templates),
        flows=flows_of(folder, version),
        triggers=Triggers(_triggers(folder)),
        asides={name: _aside(name, steps, version) for name, steps in _asides(folder)},
        questions=questions_of(folder.faqs, (folder.business.language, *folder.business.languages)),
        answers={name: ("flow", answer.run) if answer.run else ("aside", name) for name, answer in answers},
        digressions=_digressions(folder.business.digressions, version),
        campaigns={each.campaign: campaign_of(each, folder.business.numbers[0].id) for each in folder.campaigns},
        templates={
            (name, language): item
            for name, languages in folder.known_templates().items()
            for language, item in languages.items()
        },
    )


def flows_of(folder: Folder, version: str) -> dict[str, Flow]:
    """Make the flows of a folder, under a version."""
    return {document.flow: _flow(document, version, folder.digests.get(document.flow, "")) for document in folder.flows}


def business_of(document: BusinessDocument, locks: tuple[Templates, ...] = ()) -> Business:
    """Make what the engine knows of a business, its numbers with what the locks say of their templates."""
    return Business(
        id=document.id,
        name=document.business,
        zone=document.zone,
        language=document.language,
        languages=languages_of_countries(document.languages),
        numbers={
            each.id: Number(
                id=each.id,
                business=document.id,
                phone=each.digits,
                waba=each.waba,
                coexistence=each.coexistence,
                throughput=each.per_second,
                locked=_states(locks, each.waba),
            )
            for each in document.numbers
        },
        hours=document.hours,
        handoff=_handoff(document),
        opt_out=_words(document.opt_out, OPT_OUT),
        opt_in=_words(document.opt_in, OPT_IN),
        fallback=_fallback(document),
        answer_within=document.answer_within,
        gather=document.gather,
        handoff_after=document.otherwise.handoff_after if document.otherwise else None,
    )


def _handoff(document: BusinessDocument) -> Handoff:
    sharing = document.handoff
    return Handoff(
        pause=sharing.pause,
        asked=sharing.asked,
        nobody_came=sharing.nobody_came.after if sharing.nobody_came else None,
        stop=sharing.words.stop,
        resume=sharing.words.resume,
        ignore=sharing.ignore,
        after=sharing.resume,
        yields=sharing.yield_,
    )


def _words(wishes: Wishes | None, aside: str) -> Words:
    if wishes is None:
        return Words()
    return Words(words=wishes.words, reply=aside if wishes.reply else None)


def _states(locks: tuple[Templates, ...], waba: str) -> dict[str, TemplateState]:
    items = (item for lock in locks if lock.templates == waba for item in lock.list_)
    return {
        key(item.name, item.language): TemplateState(
            item.status, item.category, item.quality or None, len(item.parameters)
        )
        for item in items
    }


def _fallback(document: BusinessDocument) -> dict[str, Template]:
    if document.fallback is None:
        return {}
    return {
        item.language: Template(name=item.name, language=item.language, category=item.category)
        for item in document.fallback.items
    }


def _without_places(plain: Any) -> Any:
    """Leave out where in the files something stands."""
    match plain:
        case dict():
            return {
                key: _without_places(value)
                for key, value in plain.items()
                if not (key == "place" and isinstance(value, str))
            }
        case list() | tuple():
            return [_without_places(each) for each in plain]
        case _:
            return plain


def _flow(document: FlowDocument, version: str, digest: str) -> Flow:
    graph = Graph(document.steps, document.sorry)
    return Flow(
        id=document.flow,
        version=version,
        nodes=graph.nodes,
        first=graph.first,
        names=graph.names,
        overlap=document.overlap,
        digressions=_digressions(document.digressions, version),
        on_publish=document.on_publish,
        digest=digest,
    )


def _digressions(written: Mapping[str, Written | None], version: str) -> dict[str, Digression | None]:
    return {name: _digression(name, each, version) if each else None for name, each in written.items()}


def _digression(name: str, written: Written, version: str) -> Digression:
    return Digression(
        name=name,
        words=frozenset(words(each) for each in written.words),
        when=written.when.compiled if written.when else None,
        run=written.run,
        aside=_aside(name, written.steps, version) if written.steps else None,
        language=written.language,
    )


def _triggers(folder: Folder) -> Iterator[Trigger]:
    """Order what starts flows: highest priority first, then by file and place, which is the order they are in."""
    for document in folder.in_order():
        for start in document.start:
            when = start.when.compiled if start.when else None
            text = start.when.condition.text if start.when else f"ad: {start.ad}"
            yield Trigger(document.flow, when, start.ad, text, start.place)


def _asides(folder: Folder) -> Iterator[tuple[str, Steps]]:
    business = folder.business
    if business.otherwise and business.otherwise.steps:
        yield OTHERWISE, business.otherwise.steps
    if business.handoff.nobody_came:
        yield NOBODY_CAME, business.handoff.nobody_came.steps
    for name, wishes in ((OPT_OUT, business.opt_out), (OPT_IN, business.opt_in)):
        if wishes and wishes.reply:
            yield name, _saying(wishes.reply, business.place)
    for document in folder.flows:
        if document.otherwise:
            yield otherwise_of(document.flow), document.otherwise.steps
    for faq in folder.faqs:
        for name, answer in faq.named():
            if answer.answer:
                yield name, _saying(answer.answer, faq.place)


def _saying(text: Text, place: str) -> Steps:
    return Steps((Send(text, place=place),))


def _aside(name: str, steps: Steps, version: str) -> Flow:
    graph = Graph(steps)
    return Flow(id=name, version=version, nodes=graph.nodes, first=graph.first, names=graph.names)
