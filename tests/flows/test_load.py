"""What is told about a folder, all of it and in order?"""

import pytest

from flows.kinds import kinds
from flows.load import load, load_files
from flows.problems import show

BUSINESS = """business: Sunrise Bakery
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
"""
CASES = {
    "nothing at all": (
        {},
        ["business.yaml:1:1 no-business: No file begins with `business:`"],
    ),
    "two businesses": (
        {"business.yaml": BUSINESS, "z.yaml": BUSINESS},
        ["z.yaml:1:1 second-business: A folder has one `business:`, and `business.yaml` has it already"],
    ),
    "a business without its fields": (
        {"business.yaml": "business: x\n"},
        [
            "business.yaml:1:1 missing-field: `business` needs `timezone`",
            "business.yaml:1:1 missing-field: `business` needs `language`",
        ],
    ),
    "a business with wrong values": (
        {
            "business.yaml": """business: x
timezone: America/Sao_Paolo
language: xx
numbers:
  - {id: x, phone: "12", waba: "2"}
gather: soon
answer_within: 0s
handoff: {pause: sometimes, resume: go on}
"""
        },
        [
            "business.yaml:2:11 timezone: No time zone is called `America/Sao_Paolo`",
            "business.yaml:3:11 language: No language has the code `xx`",
            "business.yaml:5:10 number-id: Meta's ids are digits only, not `x`",
            "business.yaml:5:21 phone: A phone number has its country code and digits, not `12`",
            "business.yaml:6:9 span: This takes a span of time such as `90s`, `30m`, `2h` or `1d`, not `soon`",
            "business.yaml:7:16 span: A span must be longer than nothing, not `0s`",
            "business.yaml:8:18 span: This takes a span of time such as `90s`, `30m`, `2h` or `1d`, not `sometimes`",
            "business.yaml:8:37 unknown-word: `resume` is one of `continue`, `restart`, `end`, not `go on`",
        ],
    ),
    "a business that waits for too long, with a number that may not be used": (
        {"business.yaml": BUSINESS.replace("+55 11 91234-5678", "+234 802 123 4567") + "gather: 1h\n"},
        [
            "business.yaml:4:28 business-restricted-country: The business number cannot be used. ",
            "business.yaml:5:9 put-off: `gather` is at most 5 minutes, since the contact waits meanwhile",
        ],
    ),
    "steps that wait where nothing waits for them": (
        {"business.yaml": BUSINESS + "otherwise: {steps: [{ask: What?}, {goto: nowhere}]}\n"},
        [
            "business.yaml:5:22 waits-aside: `ask` waits, and `otherwise` is said while nothing waits for it",
            "business.yaml:5:36 unknown-target: `nowhere` is neither a step of this flow nor a flow",
        ],
    ),
    "a kind of document that is not known": (
        {"business.yaml": BUSINESS, "a.yaml": "flwo: a\n"},
        [
            (
                "a.yaml:1:1 unknown-kind: A document begins with one of `business`, `flow`, `faq`, `templates`, "
                "`translations`, `test`, `campaign`, `blueprint`, not `flwo`"
            )
        ],
    ),
    "two flows of one name in two files": (
        {"business.yaml": BUSINESS, "a.yaml": "flow: x\nsteps: [end]\n", "b.yaml": "flow: x\nsteps: [end]\n"},
        ["b.yaml:1:1 duplicate-name: Two documents are called `flow: x`: this one in `b.yaml`, and `a.yaml` line 1"],
    ),
    "two flows of one name, each with names of its own": (
        {
            "business.yaml": BUSINESS,
            "a.yaml": 'flow: x\nsteps:\n  - {ask: How many?, save: qty, expect: number}\n  - send: "{{ qty + 1 }}"\n',
            "b.yaml": "flow: x\nsteps: [end]\n",
        },
        ["b.yaml:1:1 duplicate-name: Two documents are called `flow: x`: this one in `b.yaml`, and `a.yaml` line 1"],
    ),
    "a flow with wrong fields": (
        {
            "business.yaml": BUSINESS,
            "a.yaml": "flow: my flow\nstart: [{when: text, ad: any}, {}]\npriority: high\noverlap: no\nstesp: [end]\n",
        },
        [
            "a.yaml:1:7 name: The name of a flow is made of letters, digits, `_` and `-`, not `my flow`",
            "a.yaml:2:16 not-a-condition: A condition is true or false; `text` is text",
            "a.yaml:2:32 start: A start is either `when: CONDITION` or `ad: any`",
            "a.yaml:3:11 number: `priority` takes a whole number such as 3, not `high`",
            "a.yaml:4:10 unknown-word: `overlap` is one of `ignore`, `restart`, `queue`, not `no`",
            (
                "a.yaml:5:1 unknown-field: `stesp` is not a field of `flow`. Its fields are `flow`, `priority`, "
                "`start`, `overlap`, `on_publish`, `sorry`, `digressions`, `otherwise`, `steps`"
            ),
        ],
    ),
    "a circle through two flows": (
        {
            "business.yaml": BUSINESS,
            "a.yaml": "flow: a\nsteps: [{goto: b}]\n",
            "b.yaml": "flow: b\nsteps:\n  - if: hours.open\n    then: [{goto: a}]\n",
        },
        ["b.yaml:4:13 endless-loop: The steps go round in a circle from here, without ever waiting for the contact"],
    ),
    "a circle that waits": (
        {"business.yaml": BUSINESS, "a.yaml": "flow: a\nsteps:\n  - id: x\n    ask: Q\n  - goto: x\n"},
        [],
    ),
    "a name that two steps have": (
        {"business.yaml": BUSINESS, "a.yaml": "flow: a\nsteps:\n  - {send: x, id: s}\n  - {send: y, id: s}\n"},
        ["a.yaml:4:6 duplicate-id: The step on line 3 has the `id` `s`, too"],
    ),
    "a FAQ with mistakes": (
        {
            "business.yaml": BUSINESS,
            "faq.yaml": """faq: x
threshold: 2
answers:
  - {id: a, questions: ["When?"], answer: Now}
  - {id: a, questions: ["when", "!!"], run: nowhere}
  - {questions: []}
""",
        },
        ["faq.yaml:5:45 unknown-target: No flow is called `nowhere`"],
    ),
    "a FAQ whose answers do not fit": (
        {
            "business.yaml": BUSINESS,
            "faq.yaml": """faq: x
threshold: 2
answers:
  - {id: a, questions: ["When?"], answer: Now}
  - {id: a, questions: ["when", "!!"], answer: Later}
  - {questions: []}
""",
        },
        [
            "faq.yaml:2:12 threshold: `threshold` is a number above 0, and at most 1",
            "faq.yaml:5:10 duplicate-id: Another answer has the id `a`",
            "faq.yaml:5:33 question: A question needs at least one word",
            "faq.yaml:6:5 answer: An item of the FAQ needs either an `answer` or a flow to `run`",
            "faq.yaml:6:6 questions: `questions` is empty, so nothing leads to this answer",
        ],
    ),
    "templates that Meta does not write so": (
        {
            "business.yaml": BUSINESS + "fallback: {template: hi}\n",
            "t.yaml": 'templates: "2"\nlist:\n  - {name: hi, language: en, category: NEWS, status: OK}\n',
        },
        [
            "business.yaml:5:22 unknown-template: No template is called `hi`",
            "t.yaml:3:40 unknown-word: `category` is one of `MARKETING`, `UTILITY`, `AUTHENTICATION`, not `NEWS`",
            (
                "t.yaml:3:54 unknown-word: `status` is one of `APPROVED`, `ARCHIVED`, `DELETED`, `DISABLED`, "
                "`FLAGGED`, `IN_APPEAL`, `LIMIT_EXCEEDED`, `LOCKED`, `PAUSED`, `PENDING`, `PENDING_DELETION`, "
                "`REJECTED`, `UNKNOWN`, not `OK`"
            ),
        ],
    ),
    "a fallback that has nothing to fill in": (
        {
            "business.yaml": BUSINESS + "fallback: {template: hi}\n",
            "t.yaml": 'templates: "2"\nlist:\n'
            '  - {name: hi, language: en, category: UTILITY, status: APPROVED, body: "Hi {{1}}"}\n'
            "  - {name: hi, language: en, category: UTILITY, status: APPROVED}\n",
        },
        [
            "business.yaml:5:22 template-params: `hi` in `en` needs values, and a `fallback` has none to give",
            "t.yaml:4:5 duplicate-template: `hi` in `en` is listed twice",
        ],
    ),
    "one broken file does not make others look wrong": (
        {
            "business.yaml": BUSINESS,
            "a.yaml": "flow: a\nsteps:\n  - goto: b\n",
            "b.yaml": "flow: b\nsteps:\n  - send: @home\n",
        },
        ["b.yaml:3:11 needs-quotes: YAML reads `@` at the beginning of a value as a reserved sign, not as text"],
    ),
    "a name kept with the contact is known in every flow": (
        {
            "business.yaml": BUSINESS,
            "a.yaml": "flow: a\nsteps:\n  - {if: contact.orders > 3, then: [end]}\n  - {if: qty > 3, then: [end]}\n",
            "b.yaml": "flow: b\nsteps:\n  - {ask: Q, save: contact.orders, expect: number}\n"
            "  - {ask: Q, save: qty, expect: number}\n",
        },
        ["a.yaml:4:10 unknown-name: Nothing is called `qty`"],
    ),
}


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES)
def test_every_problem_of_a_folder_is_told(files, expected):
    """The whole list, in the order of files and places."""
    problems = load_files(files).problems

    told = [f"{each.file}:{each.line}:{each.column} {each.code}: {each.message}" for each in problems]
    assert len(told) == len(expected)
    assert all(found.startswith(wanted) for found, wanted in zip(told, expected, strict=True)), told


def test_an_unknown_kind_of_step_looks_like_in_the_manual():
    """File, place, sentence, line, caret and the nearest word."""
    text = "flow: a\nsteps:\n  - aks: Navn?\n"
    (problem,) = load_files({"business.yaml": BUSINESS, "flows/hours.yaml": text}).problems

    shown = show(problem, text.split("\n")[problem.line - 1]).split("\n")

    assert shown == [
        f"flows/hours.yaml:3:5: A step needs exactly one of: {', '.join(kinds())}",
        "  |   - aks: Navn?",
        "  |     ^",
        "  Did you mean `ask`?",
    ]


def test_a_folder_is_read_from_disk(tmp_path):
    """Every YAML file below it, hidden ones and others left out; a file that is no text is a problem."""
    (tmp_path / "flows").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "business.yaml").write_text(BUSINESS, "utf-8")
    (tmp_path / "flows" / "a.yml").write_text("flow: a\nsteps: [end]\n", "utf-8")
    (tmp_path / "notes.txt").write_text("flow: no", "utf-8")
    (tmp_path / ".hidden" / "b.yaml").write_text("nonsense", "utf-8")

    loaded = load(tmp_path)
    (tmp_path / "c.yaml").write_bytes(b"flow: \xff\n")
    broken = load(tmp_path)

    assert loaded.problems == ()
    assert loaded.folder is not None
    assert list(loaded.folder.files) == ["business.yaml", "flows/a.yml"]
    assert broken.folder is None
    assert [each.message for each in broken.problems] == ["The file cannot be read: it is not UTF-8"]


def test_a_missing_folder_is_not_an_empty_one(tmp_path):
    """Somebody mistyped its name."""
    with pytest.raises(NotADirectoryError):
        load(tmp_path / "nowhere")


def test_transcripts_are_collected_as_they_are_written():
    """Their own module reads them."""
    loaded = load_files({"business.yaml": BUSINESS, "t.yaml": "---\ntest: one\nchat: []\n---\ntest: two\n"})

    assert loaded.folder is not None
    assert [(each.file, each.line, list(each.root.items)) for each in loaded.tests] == [
        ("t.yaml", 2, ["test", "chat"]),
        ("t.yaml", 5, ["test"]),
    ]


def test_ten_thousand_steps_are_refused_by_a_limit_and_two_thousand_load():
    """A flow of any length ends in an answer, not in a crash."""
    short, long = ("flow: a\nsteps:\n" + "  - {send: x, id: s%d}\n" * count for count in (2_000, 13_000))

    loaded = load_files({"business.yaml": BUSINESS, "a.yaml": short % tuple(range(2_000))})
    refused = load_files({"business.yaml": BUSINESS, "a.yaml": long % tuple(range(13_000))})

    assert loaded.problems == ()
    assert [each.code for each in refused.problems] == ["too-large"]
