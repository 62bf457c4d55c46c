"""Two answers of the FAQ that one question fits.

Whoever asks it in other words may find either: the one whose questions explain more of the message.
A pair is told once, at the later answer if a question of that fits the earlier.

Bad:

    faq: bakery
    answers:
      - {id: cake, questions: ["price of a cake"], answer: "Forty."}
      - {id: pie, questions: ["price of a pie", "the prices of your cakes"], answer: "Thirty."}

Good:

    faq: bakery
    answers:
      - {id: cake, questions: ["price of a cake", "the prices of your cakes"], answer: "Forty."}
      - {id: pie, questions: ["price of a pie"], answer: "Thirty."}
"""

from collections.abc import Iterator

from flows.faq import questions_of
from flows.folder import Folder
from flows.problems import of_spot
from rules.source import Problem, Severity
from rules.words import words

RIVALS = 4  # answers that are looked at: the question's own, and the next


def find(folder: Folder) -> Iterator[Problem]:
    """Find a question for each pair."""
    business = folder.business
    found = questions_of(folder.faqs, (business.language, *business.languages))
    answers = {name: (answer, float(faq.threshold)) for faq in folder.faqs for name, answer in faq.named()}
    lowest = min((threshold for _, threshold in answers.values()), default=1.0)
    told: set[frozenset[str]] = set()
    for name, phrase in reversed([each for faq in folder.faqs for each in faq.phrases()]):
        for rival in found.nearest(phrase.text, RIVALS, lowest):
            answer, threshold = answers[rival.answer]
            pair = frozenset((name, rival.answer))
            is_other = rival.answer != name and words(rival.phrase) != words(phrase.text)
            if is_other and rival.score >= threshold and pair not in told:
                told.add(pair)
                through = f"by {rival.score:.2f} through “{rival.phrase}”"
                message = f"`{phrase.text}` fits the answer `{answer.title}`, too, {through}"
                hint = "Say in both what sets them apart, or make them one"
                yield of_spot(phrase.place, "overlapping-questions", message, hint, Severity.WARNING)
