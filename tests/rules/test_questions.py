"""Which answer of the FAQ fits what somebody wrote, and which messages fit none."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.questions import Match, Question, Questions
from rules.spelling import is_nearly
from rules.stems import stem
from rules.words import words

ASKED = {
    "hours": ("When do you open?", "opening hours", "Que horas abre?", "¿A qué hora abren?", "Jam buka toko?"),
    "sunday": ("Are you open on Sunday?", "Vocês abrem no domingo?"),
    "cake": ("price of a cake", "Quanto custa um bolo?"),
    "pets": ("Do you take pets?", "Can I bring my dog?"),
    "wifi": ("Do you have Wi-Fi?", "Tem Wi-Fi?"),
    "password": ("What is the Wi-Fi password?", "Qual a senha do Wi-Fi?"),
    "sizes": ("Do you have size 42?",),
    "lost": ("I can't find my order", "Não recebi meu pedido"),
    "received": ("I received my order",),
    "delivery": ("Do you deliver?", "Vocês entregam?", "Apakah bisa antar?"),
    "thanks": ("Thank you!",),
    "thai": ("ร้านเปิดกี่โมง",),
    "chinese": ("你们几点开门",),
    "hindi": ("दुकान कब खुलती है?",),
    "arabic": ("متى تفتحون المحل؟",),
    "nothing": ("?!",),
}
LANGUAGES = ("en", "pt_BR", "es", "id", "hi", "ar", "th", "zh")
QUESTIONS = [Question(answer, phrase) for answer, phrases in ASKED.items() for phrase in phrases]
SHOP = Questions(QUESTIONS, LANGUAGES)

FOUND = {
    "the same words": ("price of a cake", "cake"),
    "case, accents and marks": (" QUE HORAS ABRE!!", "hours"),
    "manners around": ("hi there, good morning! when do you open please? thanks 🙏", "hours"),
    "manners in another language": ("boa tarde, gostaria de saber que horas abre", "hours"),
    "only manners, as they are written": ("thank you", "thanks"),
    "another order": ("the hours of opening", "hours"),
    "forms of words": ("do you take a pet", "pets"),
    "a letter wrong": ("openning hours", "hours"),
    "letters that changed places": ("what is the price of a caek", "cake"),
    "drawn out": ("openinggggg hours", "hours"),
    "shortened": ("qto custa um bolo", "cake"),
    "a word in two": ("do you have wi fi", "wifi"),
    "two words in one": ("whats the wifi password", "password"),
    "words of two questions": ("do you take dogs", "pets"),
    "the most specific": ("are you open on sunday", "sunday"),
    "a no that only asks": ("bisa antar gak kak", "delivery"),
    "a no that is asked": ("eu não recebi o meu pedido!", "lost"),
    "a number that agrees": ("do you have it in size 42?", "sizes"),
    "digits of another script": ("size ٤٢", "sizes"),
    "in Devanagari": ("आपकी दुकान कब खुलता है", "hindi"),
    "in Arabic, with a joined article": ("متى تفتحون محل", "arabic"),
    "written without spaces": ("ร้านเปิดกี่โมงครับ", "thai"),
    "written without spaces, in Chinese": ("你们几点开门啊", "chinese"),
}
NOT_FOUND = {
    "nothing": "",
    "no words": "?!",
    "another thing": "price of a taxi",
    "little words in common": "where do you have to go on a day like this",
    "a question inside of much else": "my brother works near the station, and asked the price of a cake yesterday",
    "one telling word of several": "the price",
    "it says no": "I don't want to know the price of a cake",
    "it does not say no": "I can find my order",
    "another number": "do you have size 44?",
    "a number that nobody asked about": "price of 3 cakes for table 12",
    "no number": "do you have my size?",
    "a short word that is close to another": "do you have a wife",
    "only manners": "good morning, thank you very much",
    "pictures": "🎂🎂🎂",
}


@pytest.mark.parametrize(("text", "answer"), FOUND.values(), ids=FOUND)
def test_what_is_asked_in_other_words_is_answered(text, answer):
    """People write in a hurry, politely, and as they please."""
    found = SHOP.best(text)

    assert found is not None
    assert found.answer == answer


@pytest.mark.parametrize("text", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_asks_something_else_is_not(text):
    """A wrong answer is worse than none."""
    assert SHOP.best(text) is None


@pytest.mark.parametrize("question", [each for each in QUESTIONS if words(each.phrase)], ids=lambda each: each.phrase)
def test_every_question_finds_its_own_answer(question):
    """With the highest score there is."""
    assert SHOP.best(question.phrase) == Match(
        answer=question.answer,
        phrase=question.phrase,
        score=1.0,
        why=f"the same words as the question “{question.phrase}”",
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("price of a cake!", "the same words as the question “price of a cake”"),
        ("hi! qto custa um bolo pls", "the same words as “Quanto custa um bolo?”, as people chat"),
        ("hours of opening", "`hours of opening` fits “opening hours” by 1.00: it asks the same"),
        ("openning hours", "`openning hours` fits “opening hours” by 0.98: `openning` read as `opening`"),
        ("the pirce of a cake", "`the pirce of a cake` fits “price of a cake” by 0.90: `pirce` read as `price`"),
        (
            "do you take dogs",
            "`do you take dogs` fits “Do you take pets?” by 0.97: `dogs` read as `dog`; `pets` is not said",
        ),
        (
            "price of a chocolate cake",
            "`price of a chocolate cake` fits “price of a cake” by 0.85: `chocolate` is not asked there",
        ),
    ],
)
def test_a_match_says_why(text, why):
    """Which words were read as others, which are not asked about, and which of the question are missing."""
    found = SHOP.best(text)

    assert found is not None
    assert found.why == why


def test_a_long_message_is_shown_short():
    """A trace is no place for a novel."""
    found = SHOP.best(" please" * 30 + " how about the hours of opening")

    assert found is not None
    assert found.why.startswith("`please please")
    assert "… ` fits" not in found.why
    assert "…` fits “opening hours”" in found.why


def test_each_question_has_its_own_threshold():
    """What is too little for one document may do for another."""
    strict = Questions([Question("cake", "price of a cake", 0.9), Question("pie", "price of a pie", 0.5)], ["en"])

    assert strict.best("price of a chocolate cake") is None
    found = strict.best("price of a chocolate pie")
    assert found is not None
    assert found.answer == "pie"


def test_the_nearest_are_told_though_they_do_not_fit():
    """An author wants to know how far a message was from being answered."""
    near = SHOP.nearest("price of a taxi", 2)

    assert [(each.answer, each.score) for each in near] == [("cake", 0.527)]
    assert near[0].why.endswith("by 0.53: `taxi` is not asked there; `cake` is not said")
    assert SHOP.nearest("") == []


def test_of_equals_the_first_counts():
    """By file order, whether the words are the same or only the matter."""
    twice = Questions(
        [Question("a", "cake price"), Question("b", "price of cake"), Question("c", "cake price")], ["en"]
    )

    assert [found.answer for text in ("cake price", "the cake's price, please") if (found := twice.best(text))] == [
        "a",
        "a",
    ]


def test_wordings_of_one_answer_are_one():
    """An answer with many questions does not weigh less than one with few."""
    near = SHOP.nearest("open sunday hours")

    assert len({each.answer for each in near}) == len(near)


def test_a_business_without_questions_answers_nothing():
    """Most messages go elsewhere."""
    assert Questions([]).best("price of a cake") is None
    assert Questions([], ["en"]).nearest("price of a cake") == []


def test_a_language_without_word_lists_works_by_rarity():
    """Nothing is known of Dutch but its stemmer: whatever stands in many questions tells little."""
    things = ("taart", "brood", "koekje", "broodje", "soep", "koffie", "thee", "melk")
    shop = Questions([Question(each, f"Hoeveel kost een {each}?") for each in things], ["nl"])

    found = shop.best("hoeveel kosten taarten")

    assert found is not None
    assert found.answer == "taart"
    assert shop.best("hoeveel kost een fiets") is None


@pytest.mark.parametrize(
    "text", ["cake " * 800, "abcdefgh" * 512, "opne " * 800, "ร" * 4096, "me da " * 600, "1" * 4096]
)
def test_a_hostile_text_finds_nothing(text):
    """Nobody asks one question in so many words."""
    assert SHOP.best(text) is None
    assert SHOP.nearest(text) == []


@given(st.text(max_size=200))
def test_any_text_can_be_looked_up(text):
    """Whatever a contact sends, there is an answer or none."""
    found = SHOP.best(text)

    assert found is None or found.score >= 0.8


WORD = st.text("abcdeilmnoprstuvz", min_size=1, max_size=10)
PHRASES = st.lists(st.lists(WORD, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=8, unique=True)


@given(PHRASES)
def test_an_exact_question_finds_its_answer_whatever_else_is_asked(phrases):
    """With words of no language, and whatever they have in common."""
    made = Questions([Question(each, each) for each in phrases], ["en", "pt"])

    assert [made.best(each) for each in phrases] == [
        Match(each, each, 1.0, f"the same words as the question “{each}”") for each in phrases
    ]


@given(PHRASES, st.lists(WORD, min_size=1, max_size=5).map(" ".join))
def test_the_order_of_questions_only_decides_ties(phrases, text):
    """The best score is the best, wherever it is written."""
    made = [Question(each, each) for each in phrases]

    scores = {
        max((each.score for each in Questions(order, ["en"]).nearest(text, 99)), default=None)
        for order in ([*made], made[::-1], made[1:] + made[:1])
    }

    assert len(scores) == 1


LONG = st.lists(st.sampled_from("abcdeilmnoprstuvz"), min_size=8, max_size=12, unique=True).map("".join)
MISTAKES = {
    "a wrong letter": lambda word, at: word[:at] + "x" + word[at + 1 :],
    "a letter too many": lambda word, at: word[:at] + "x" + word[at:],
    "a letter too few": lambda word, at: word[:at] + word[at + 1 :],
    "two that changed places": lambda word, at: word[:at] + word[at + 1] + word[at] + word[at + 2 :],
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
@given(phrases=PHRASES, word=LONG, at=st.integers(0, 6))
def test_a_mistake_in_a_long_word_is_forgiven(mistake, phrases, word, at):
    """Unless another question is as near: it has the mistaken word, a form of it, or one that this may be."""
    said, others = mistake(word, at), {each for phrase in phrases for each in words(phrase)}
    assume(not any(is_nearly(said, each) or stem(said, "en") == stem(each, "en") for each in others))
    made = Questions([Question(word, word), *(Question(each, each) for each in phrases if word not in each)], ["en"])

    found = made.best(said)

    assert found is not None
    assert found.answer == word
