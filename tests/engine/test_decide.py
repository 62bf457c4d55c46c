"""Does the engine decide what the design promises, event by event? The flows are written as authors write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from engine.chat import Chat, Contact, OwnSend
from engine.content import Buttons, Form, FormRequest, Media, Reaction, Tap, Text, Unsupported
from engine.decide import Decision, decide
from engine.effects import Alert, DropQueued, Report, Send, SetTimer, Speaker
from engine.events import (
    AdClick,
    EchoReceived,
    IdentityChanged,
    MessageChanged,
    MessageReceived,
    MessageUnreadable,
    OtherSenderWrote,
    PreferenceChanged,
    ReactionReceived,
    Referral,
    StatusReceived,
    TimerFired,
)
from engine.identity import Ids
from engine.ruleset import Ruleset
from flows.compile import ruleset
from flows.load import load_files
from rules.policy.consent import Consent
from rules.policy.handoff import Holder, Holding, holder_at

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NUMBER = "106540352242922"
ANA = Ids(phones=("5511987650001",), bsuids=("BR.10000000000000000001",))
FILES = {
    "business.yaml": """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers:
  - {id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398", coexistence: true}
handoff:
  pause: 30m
  asked: 12h
  nobody_came: {after: 15m, steps: [{send: "Sorry, everyone is busy."}]}
  ignore: ["Thanks for writing!"]
opt_out: {words: [stop], reply: "No more offers."}
opt_in: {words: [start], reply: "Welcome back."}
otherwise:
  steps:
    - send: "Sorry?"
  handoff_after: 3
""",
    "flows.yaml": """
flow: order
start:
  - when: text has "order"
  - ad: any
steps:
  - ask: "How many?"
    save: qty
    expect: number
    no_reply:
      after: 30m
      steps:
        - send: "Still there?"
  - send: "{{ qty }} it is."
  - report: LeadSubmitted
---
flow: menu
start:
  - when: text has "menu"
steps:
  - choose: "What would you like?"
    options:
      Prices:
        - send: "Cakes start at R$ 40."
      Talk to us:
        - handoff: "Wants to talk"
---
flow: later
start:
  - when: text has "later"
steps:
  - wait: 20h
  - send: "Here I am."
""",
    "faq.yaml": """
faq: shop
answers:
  - id: hours
    questions: ["When do you open?"]
    answer: "We open at nine."
""",
}


@pytest.fixture(scope="module")
def rules() -> Ruleset:
    """Give the flows above, compiled."""
    loaded = load_files(FILES)
    assert loaded.folder is not None, loaded.problems
    return ruleset(loaded.folder, "v1")


def a_chat(**changes: Any) -> Chat:
    """Return a chat with Ana."""
    return Chat(number=NUMBER, contact=Contact(id="ana", ids=ANA, name="Ana"), **changes)


def ana_writes(text: str, at: datetime = NOON, **changes: Any) -> MessageReceived:
    """Return a message of Ana's."""
    return MessageReceived(id=f"wamid.{text}{at}", at=at, arrived_at=at, content=Text(text), ids=ANA, **changes)


def owner_writes(text: str, at: datetime = NOON) -> EchoReceived:
    """Return a message of the owner's."""
    return EchoReceived(id=f"wamid.echo{text}{at}", at=at, arrived_at=at, content=Text(text), ids=ANA)


def said(decision: Decision) -> list[str]:
    """Return the words of what is sent."""
    return [getattr(each.content, "body", "?") for each in decision.effects if isinstance(each, Send)]


def taps(decision: Decision, place: int) -> MessageReceived:
    """Return the tap on a button of the question just asked."""
    (question,) = [each.content for each in decision.effects if isinstance(each, Send)]
    assert isinstance(question, Buttons)
    button = question.buttons[place]
    return replace(ana_writes("tap"), content=Tap(button.id, button.title, "button"))


def holder(decision: Decision, now: datetime = NOON) -> Holder:
    """Return who holds the chat."""
    return holder_at(decision.chat.holding, now)


def after(rules: Ruleset, chat: Chat, *texts: str) -> Chat:
    """Return the chat after Ana wrote some texts."""
    for text in texts:
        chat = decide(chat, ana_writes(text), rules, NOON).chat
    return chat


def test_a_message_starts_a_flow_and_its_answer_goes_on(rules):
    """The run waits at the question, takes the answer and ends."""
    first = decide(a_chat(), ana_writes("I want to order"), rules, NOON)

    second = decide(first.chat, ana_writes("3"), rules, NOON)

    assert (said(first), said(second)) == (["How many?"], ["3 it is."])
    assert [each.event for each in second.effects if isinstance(each, Report)] == ["LeadSubmitted"]
    assert second.chat.run is None


def test_the_same_question_twice_gives_the_same_decision(rules):
    """The core is pure: same chat, event and moment, same decision."""
    chat = after(rules, a_chat(), "order")

    assert decide(chat, ana_writes("3"), rules, NOON) == decide(chat, ana_writes("3"), rules, NOON)


def test_an_echo_silences_the_bot(rules):
    """The owner wrote: the chat is theirs, what is queued is dropped, the next message is not answered."""
    chat = after(rules, a_chat(), "order")

    taken = decide(chat, owner_writes("I'll take this one"), rules, NOON)
    next_one = decide(taken.chat, ana_writes("menu"), rules, NOON)

    assert holder(taken) is Holder.OWNER
    assert taken.effects == (DropQueued("owner_replied"),)
    assert taken.chat.epoch == chat.epoch + 1
    assert next_one.effects == ()


def test_each_owner_message_extends_the_pause(rules):
    """Thirty minutes count from the owner's latest message."""
    first = decide(a_chat(), owner_writes("one"), rules, NOON).chat
    later = NOON + timedelta(minutes=20)

    second = decide(first, owner_writes("two", later), rules, later)

    assert holder(second, NOON + timedelta(minutes=49)) is Holder.OWNER
    assert holder(second, NOON + timedelta(minutes=50)) is Holder.BOT


def test_the_run_goes_on_when_the_pause_ran_out(rules):
    """After the owner's pause the contact's message answers the question that was open."""
    chat = after(rules, a_chat(), "order")
    chat = decide(chat, owner_writes("Hello"), rules, NOON).chat
    later = NOON + timedelta(minutes=31)

    decision = decide(chat, ana_writes("4", later), rules, later)

    assert said(decision) == ["4 it is."]


def test_a_wait_counts_as_over_after_the_owner_stepped_in(rules):
    """A run that stood at a `wait` goes on when the contact writes to the bot again."""
    chat = after(rules, a_chat(), "later")
    chat = decide(chat, owner_writes("Hello"), rules, NOON).chat
    later = NOON + timedelta(minutes=31)

    assert said(decide(chat, ana_writes("hi", later), rules, later)) == ["Here I am."]


def test_a_wait_that_ends_after_the_owners_pause_goes_on_by_itself(rules):
    """The bot holds the chat again: the follow-up is sent; while the owner holds it, it is not."""
    waiting = decide(a_chat(), ana_writes("later"), rules, NOON)
    (timer,) = [each for each in waiting.effects if isinstance(each, SetTimer)]
    fired = TimerFired(id="t", at=timer.at, arrived_at=timer.at, name=timer.name, run=timer.run, wait=timer.wait)
    early = decide(waiting.chat, owner_writes("Hello"), rules, NOON).chat
    late = decide(early, owner_writes("Me again", timer.at), rules, timer.at).chat

    assert said(decide(early, fired, rules, timer.at)) == ["Here I am."]
    assert decide(late, fired, rules, timer.at).effects == ()


@pytest.mark.parametrize(
    ("words", "hours", "said_then", "said_later"),
    [
        ("later", 12, ["Here I am."], ["Sorry?"]),
        ("later", 13, [], ["Here I am."]),
        ("order", 12, ["Still there?"], ["3 it is."]),
        ("order", 13, [], ["3 it is."]),
    ],
)
def test_a_timer_that_comes_hours_late_says_nothing(rules, words, hours, said_then, said_later):
    """After an outage; the run goes on when the contact writes, and an open question stays open."""
    waiting = decide(a_chat(), ana_writes(words), rules, NOON)
    (timer,) = [each for each in waiting.effects if isinstance(each, SetTimer)]
    fired = TimerFired(id="t", at=timer.at, arrived_at=timer.at, name=timer.name, run=timer.run, wait=timer.wait)
    now = timer.at + timedelta(hours=hours)

    late = decide(waiting.chat, fired, rules, now)
    answered = decide(late.chat, ana_writes("3", now), rules, now)

    assert said(late) == said_then
    assert said(answered) == said_later


@pytest.mark.parametrize(("word", "expected"), [("#stop", None), ("#STOP ", None), ("#bot", Holder.BOT)])
def test_words_from_the_phone(rules, word, expected):
    """`#stop` silences for good, `#bot` hands back; neither is case-sensitive."""
    chat = decide(a_chat(), owner_writes("Hello"), rules, NOON).chat

    decision = decide(chat, owner_writes(word), rules, NOON)

    assert holder(decision, NOON + timedelta(days=300)) is (expected or Holder.OWNER)
    assert said(decision) == []


@pytest.mark.parametrize(
    "own",
    [
        OwnSend("r1", "wamid.echoHello2026-03-02 15:00:00+00:00", "sent", "Hello"),
        OwnSend("r1", None, "doubt", "Hello"),
    ],
)
def test_our_own_message_coming_back_never_silences(rules, own):
    """By its id, or by the words of the one message whose answer was lost."""
    chat = a_chat(own=(own,))

    decision = decide(chat, owner_writes("Hello"), rules, NOON)

    assert (decision.chat, decision.effects) == (chat, ())


def test_words_alone_never_make_an_echo_ours(rules):
    """The owner may say what the bot said a minute ago: that is the owner."""
    chat = a_chat(own=(OwnSend("r1", "wamid.other", "sent", "Hello"),))

    assert holder(decide(chat, owner_writes("Hello"), rules, NOON)) is Holder.OWNER


def test_the_apps_own_greeting_is_ignored(rules):
    """A text the business declared as the app's own hands nothing over."""
    decision = decide(a_chat(), owner_writes("thanks for  writing!"), rules, NOON)

    assert (holder(decision), decision.effects) == (Holder.BOT, ())


def test_an_echo_without_content_still_hands_over(rules):
    """The app does not tell what the owner sent, but that they did."""
    event = replace(owner_writes("x"), content=Unsupported(None, 131060))

    assert holder(decide(a_chat(), event, rules, NOON)) is Holder.OWNER


def test_a_late_echo_silences_only_until_its_own_time_and_pause(rules):
    """Three hours late: the bot stays, and a run that began since goes on."""
    chat = after(rules, a_chat(), "order")
    late = replace(owner_writes("Hello", NOON - timedelta(hours=3)), arrived_at=NOON)

    decision = decide(chat, late, rules, NOON)

    assert (holder(decision), decision.effects) == (Holder.BOT, ())
    assert decision.chat == replace(chat, owner_at=NOON - timedelta(hours=3), holding=decision.chat.holding)


def test_an_echo_that_came_in_time_and_is_decided_late_drops_what_was_queued(rules):
    """It may have waited for the id of a message that was being sent, until the pause had run out."""
    chat = after(rules, a_chat(), "order")

    decision = decide(chat, owner_writes("Hello"), rules, NOON + timedelta(hours=3))

    assert holder_at(decision.chat.holding, NOON + timedelta(hours=3)) is Holder.BOT
    assert decision.effects == (DropQueued("owner_replied"),)


@pytest.mark.parametrize(
    "event",
    [
        MessageChanged(id="e", at=NOON, arrived_at=NOON, by="owner", original_id="w"),
        MessageChanged(id="e", at=NOON, arrived_at=NOON, by="contact", original_id="w", content=Text("menu")),
        OtherSenderWrote(id="o", at=NOON, arrived_at=NOON, content=Text("menu")),
        ReactionReceived(id="r", at=NOON, arrived_at=NOON, message_id="w", emoji="👍", ids=ANA),
    ],
)
def test_what_changes_nothing(rules, event):
    """Edits, deletions, reactions and other senders neither hand over nor open the window nor are answered."""
    chat = a_chat()

    decision = decide(chat, event, rules, NOON)

    assert (decision.chat, decision.effects) == (chat, ())


def test_a_handoff_ends_the_run_and_calls_the_owner(rules):
    """Tapping `Talk to us` gives the chat away, and somebody is expected within fifteen minutes."""
    asked = decide(a_chat(), ana_writes("menu"), rules, NOON)
    tap = taps(asked, 1)

    decision = decide(asked.chat, tap, rules, NOON)

    assert (holder(decision), decision.chat.run) == (Holder.OWNER, None)
    assert [each.at for each in decision.effects if isinstance(each, SetTimer)] == [NOON + timedelta(minutes=15)]


def test_nobody_came(rules):
    """Without an owner's message the bot takes the chat back and says so; with one it does not."""
    asked = decide(a_chat(), ana_writes("menu"), rules, NOON).chat
    handed = decide(asked, ana_writes("talk to us"), rules, NOON)
    (timer,) = [each for each in handed.effects if isinstance(each, SetTimer)]
    fired = TimerFired(id="t", at=timer.at, arrived_at=timer.at, name=timer.name, run=timer.run, wait=timer.wait)
    owner_came = decide(handed.chat, owner_writes("Hi"), rules, NOON).chat

    assert said(decide(handed.chat, fired, rules, timer.at)) == ["Sorry, everyone is busy."]
    late = decide(handed.chat, fired, rules, timer.at + timedelta(hours=13))
    assert (said(late), holder(late, timer.at + timedelta(hours=13))) == ([], Holder.BOT)
    assert decide(owner_came, fired, rules, timer.at).effects == ()


def test_a_timer_of_an_earlier_wait_is_dropped(rules):
    """The answer came before the reminder: the reminder is void."""
    waiting = decide(a_chat(), ana_writes("order"), rules, NOON)
    (timer,) = [each for each in waiting.effects if isinstance(each, SetTimer)]
    fired = TimerFired(id="t", at=timer.at, arrived_at=timer.at, name=timer.name, run=timer.run, wait=timer.wait)
    answered = after(rules, waiting.chat, "3", "another order")

    reminder = decide(waiting.chat, fired, rules, timer.at)

    assert said(reminder) == ["Still there?"]
    assert [each.asked for each in reminder.effects if isinstance(each, Send)] == [False]
    assert said(decide(reminder.chat, ana_writes("3"), rules, NOON)) == ["3 it is."]
    assert decide(answered, fired, rules, timer.at).effects == ()


def test_a_button_of_an_earlier_question_is_dropped(rules):
    """A tap carries run and wait; one that is late starts nothing."""
    first = decide(a_chat(), ana_writes("menu"), rules, NOON)
    tap = taps(first, 0)
    done = decide(first.chat, tap, rules, NOON)

    assert said(done) == ["Cakes start at R$ 40."]
    assert decide(done.chat, tap, rules, NOON).effects == ()


FORM = """
flow: book
start:
  - when: text has "book" or message.type = "form"
steps:
  - {form: "When?", flow: "1240983377120456", button: "Book", save: {people: number}}
  - send: "{{ people }} it is."
"""


def test_a_form_of_an_earlier_question_is_dropped():
    """A form carries run and wait, as a button does; and what it says starts nothing else."""
    loaded = load_files({"business.yaml": FILES["business.yaml"], "form.yaml": FORM})
    assert loaded.folder is not None, loaded.problems
    rules = ruleset(loaded.folder, "v1")
    first = decide(a_chat(), ana_writes("book"), rules, NOON)
    (asked,) = [each.content for each in first.effects if isinstance(each, Send)]
    assert isinstance(asked, FormRequest)
    form = replace(ana_writes("form"), content=Form("flow", '{"people": "4"}', asked.token))
    done = decide(first.chat, form, rules, NOON)

    late = decide(done.chat, replace(form, id="again"), rules, NOON)

    assert said(done) == ["4 it is."]
    assert late.effects == ()
    assert "an earlier question: dropped" in late.trace.lines[-1].words


def test_opting_out_is_heard_even_while_the_owner_holds(rules):
    """The words are a notice, which the owner's holding does not stop."""
    held = decide(a_chat(), owner_writes("Hi"), rules, NOON).chat

    decision = decide(held, ana_writes(" STOP! "), rules, NOON)

    assert decision.chat.contact.marketing is Consent.REFUSED
    assert [each.speaker for each in decision.effects if isinstance(each, Send)] == [Speaker.NOTICE]


def test_a_question_of_the_faq_is_answered_and_the_open_question_asked_again(rules):
    """The FAQ comes before `sorry`, and the run still waits."""
    chat = after(rules, a_chat(), "order")

    decision = decide(chat, ana_writes("when do you OPEN"), rules, NOON)

    assert said(decision) == ["We open at nine.", "How many?"]
    assert said(decide(decision.chat, ana_writes("2"), rules, NOON)) == ["2 it is."]


def test_three_times_not_understood_hands_off(rules):
    """`handoff_after` counts what matched nothing."""
    chat = after(rules, a_chat(), "qwe", "rty")

    decision = decide(chat, ana_writes("uio"), rules, NOON)

    assert (said(decision), holder(decision)) == ([], Holder.OWNER)


def test_an_ad_click_is_kept_and_starts_its_flow(rules):
    """First and last touch stay; a later plain message clears neither."""
    ads = [Referral("ad", "1", "clid-1"), Referral("ad", "2", "clid-2")]
    first = decide(a_chat(), ana_writes("Hello!", referral=ads[0]), rules, NOON)
    second = decide(first.chat, ana_writes("Again!", referral=ads[1]), rules, NOON).chat

    chat = after(rules, second, "5")

    assert said(first) == ["How many?"]
    assert (chat.first_ad, chat.last_ad) == (AdClick(NOON, ads[0]), AdClick(NOON, ads[1]))


def test_an_old_message_is_kept_but_not_answered(rules):
    """Older than `answer_within`: the owner is told instead."""
    decision = decide(a_chat(), ana_writes("order", NOON - timedelta(days=3)), rules, NOON)

    assert [type(each) for each in decision.effects] == [Alert]
    assert decision.chat.heard_at == NOON - timedelta(days=3)


def test_a_contact_of_a_restricted_country_is_stored_and_never_answered(rules):
    """One restricted identity is enough; the owner is told."""
    event = replace(ana_writes("order"), ids=Ids(phones=("5351234567",)))

    decision = decide(a_chat(), event, rules, NOON)

    assert [type(each) for each in decision.effects] == [Alert]


def test_a_message_only_the_app_can_show_is_for_the_owner(rules):
    """131060 opens no window, starts no flow, and is told."""
    event = MessageUnreadable(id="u", at=NOON, arrived_at=NOON, ids=ANA)

    decision = decide(a_chat(), event, rules, NOON)

    assert [each.code for each in decision.effects if isinstance(each, Alert)] == ["unreadable"]
    assert decision.chat.heard_at is None


def test_another_bot_on_the_other_side_is_not_answered_for_ever(rules):
    """Twenty answers in five minutes are enough; the owner is told once."""
    chat = a_chat(answers_at=tuple(NOON - timedelta(seconds=each) for each in range(20)))

    first = decide(chat, ana_writes("menu"), rules, NOON)
    second = decide(first.chat, ana_writes("menu again"), rules, NOON)

    assert [getattr(each, "code", None) for each in first.effects] == ["loop_guard"]
    assert second.effects == ()


def test_a_status_of_131047_closes_the_window_until_the_contact_writes(rules):
    """Meta knows better than our clock."""
    chat = after(rules, a_chat(), "order")
    status = StatusReceived(id="s", at=NOON, arrived_at=NOON, message_id="w", status="failed", code=131047)

    assert decide(chat, status, rules, NOON).chat.window_shut_at == NOON


def test_what_meta_says_of_a_contact_is_kept(rules):
    """Preferences, opt-outs by error, unreachability and a new number."""
    stop = PreferenceChanged(id="p", at=NOON, arrived_at=NOON, marketing=False)
    moved = IdentityChanged(id="i", at=NOON, arrived_at=NOON, ids=Ids(phones=("5511900000002",)), old=Ids(ANA.phones))
    gone = StatusReceived(id="s", at=NOON, arrived_at=NOON, message_id="w", status="failed", code=131026)

    assert decide(a_chat(), stop, rules, NOON).chat.contact.marketing is Consent.REFUSED
    assert decide(a_chat(), moved, rules, NOON).chat.contact.ids == Ids(("5511900000002",), ANA.bsuids)
    assert decide(a_chat(), gone, rules, NOON).chat.contact.unreachable_until == NOON + timedelta(days=1)


def test_a_voice_note_nobody_handles_gets_the_otherwise(rules):
    """Not understood, said so."""
    event = replace(ana_writes("x"), content=Media("audio", id="1", voice=True))

    assert said(decide(a_chat(), event, rules, NOON)) == ["Sorry?"]


def test_an_unknown_holding_is_the_bots():
    """A new chat belongs to the bot."""
    assert holder_at(Holding(), NOON) is Holder.BOT


def test_a_reaction_is_no_answer():
    """It counts neither as the bot's word nor for the loop guard, and no template stands in for it."""
    flow = {"flow.yaml": 'flow: a\nstart: {when: text has "hi"}\nsteps: [{react: "👍"}]\n'}
    fallback = FILES["business.yaml"] + "fallback: {template: back}\n"
    lock = {
        "t.yaml": 'templates: "1"\nlist: [{name: back, language: en, category: UTILITY, status: APPROVED, body: Hi}]\n'
    }
    loaded = load_files({"business.yaml": fallback} | flow | lock)
    assert loaded.folder is not None, loaded.problems

    decision = decide(a_chat(), ana_writes("hi"), ruleset(loaded.folder, "v1"), NOON)

    (effect,) = decision.effects
    assert isinstance(effect, Send)
    assert effect.content == Reaction(ana_writes("hi").id, "👍")
    assert effect.fallback is None
    assert decision.chat.bot_at is None
    assert decision.chat.answers_at == ()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("offers", "Yes"), Consent.GIVEN),
        (("offers", "No"), Consent.REFUSED),
        (("offers", "stop", "Yes"), Consent.REFUSED),
        (("stop", "offers", "Yes"), Consent.REFUSED),
        (("offers", "No", "start"), Consent.GIVEN),
    ],
)
def test_consent_is_the_contacts_own(texts, expected):
    """An answer counts, an opt-out stays, and only an opt-in word takes it back."""
    flow = 'flow: a\nstart: {when: text has "offers"}\nsteps: [{consent: "Offers?", yes: "Yes", no: "No"}]\n'
    loaded = load_files({"business.yaml": FILES["business.yaml"], "flow.yaml": flow})
    assert loaded.folder is not None, loaded.problems

    chat = after(ruleset(loaded.folder, "v1"), a_chat(), *texts)

    assert chat.contact.marketing is expected
