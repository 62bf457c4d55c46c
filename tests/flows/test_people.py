"""Is a list of people read as spreadsheets write it, and is each line told that cannot be used?"""

import pytest

from flows.load import load_files, read_folder
from flows.people import Person, columns, people, without_people
from rules.source import Mistake, Mistakes

ANA, BEA = "5511912345678", "5511912345679"


def read(text: str, phone: str = "phone", agreed: str | None = None) -> tuple[list[Person], list[str]]:
    """Return the people of a list, and what is told of the others."""
    mistakes: list[Mistake] = []
    found = list(people(text, columns(text, phone, agreed), mistakes))
    return found, [f"{each.line} {each.code}: {each.message}" for each in mistakes]


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a mark"])
@pytest.mark.parametrize("divider", [",", ";", "\t"])
def test_the_ways_of_spreadsheets(divider: str, mark: str, ends: str):
    """Whatever divides the values, begins the file and ends its lines."""
    lines = (("Phone", "Nome da Cidade", ""), ("+55 11 91234-5678", '"São, Paulo; SP"', "x"), ("", "", ""))
    text = mark + ends.join(divider.join(cells) for cells in lines) + ends

    found, told = read(text)

    assert found == [Person(2, ANA, {"phone": "+55 11 91234-5678", "nome_da_cidade": "São, Paulo; SP"})]
    assert told == []


@pytest.mark.parametrize(
    "written",
    [
        "+55 11 91234-5678",
        "5511912345678",
        "005511912345678",
        "tel:+5511912345678",
        "whatsapp:+55 11 91234 5678",
        "+۵۵ ۱۱ ۹۱۲۳۴-۵۶۷۸",
        "+५५ ११ ९१२३४ ५६७८",
        '"=""+5511912345678"""',
        "\u202a+55 11 91234-5678\u202c",
        "551112345678",
    ],
)
def test_spellings_of_a_number(written: str):
    """Other digits, links, marks nobody sees, and how a spreadsheet keeps a plus; also without Brazil's ninth digit."""
    found, told = read(f"phone,city\n{written},Rio\n")

    assert [each.phone for each in found] in ([ANA], ["551112345678"])
    assert told == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("11 91234-5678,Rio", "2 list-phone: This is no phone number of any country; the line is left out"),
        ("none,Rio", "2 list-phone: This is no phone number of any country; the line is left out"),
        (",Rio", "2 list-phone: There is no phone number here; the line is left out"),
        ("5.51199E+12,Rio", "2 list-phone: The spreadsheet has rounded this phone number; the line is left out"),
        ("+5511912345678,Rio,x", "2 list-line: This line has 3 values, and the list has 2 columns; it is left out"),
        (
            '+5511912345678,"=HYPERLINK(""http://x"")"',
            "2 list-formula: `city` looks like a formula, and would be said as it stands; the line is left out",
        ),
        (
            "+5511912345678,@SUM(A1)",
            "2 list-formula: `city` looks like a formula, and would be said as it stands; the line is left out",
        ),
        ('+5511912345678,"Rio', "2 list-line: The quotes of this line do not fit, and no line after it can be read"),
    ],
)
def test_a_line_that_cannot_be_used(line: str, said: str):
    """It is left out, and told."""
    assert read(f"phone,city\n{line}\n") == ([], [said])


def test_whoever_stands_there_twice_comes_once():
    """Also in another spelling."""
    found, told = read("phone\n+5511912345678\ntel:005511912345678\n+5511912345679\n")

    assert [each.phone for each in found] == [ANA, BEA]
    assert told == ["3 list-twice: This number stands on line 2 already; it gets one message"]


def test_what_is_missing_at_the_end_of_a_line_is_empty():
    """Spreadsheets leave out what is empty; the column of the opt-in is read, too."""
    found, _ = read("phone,city,agreed on\n+5511912345678\n+5511912345679,Rio,2026-01-02\n", agreed="Agreed on")

    assert [(each.values["city"], each.agreed) for each in found] == [("", ""), ("Rio", "2026-01-02")]


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("Fone,city\n1,2", "The list has no column `phone`", "Did you mean `fone`?"),
        ("a,b\n1,2", "The list has no column `phone`", "Its columns are `a`, `b`"),
        ("", "The list has no column `phone`", "Its first line names the columns"),
        ("phone,City,city\n", "Two columns of the list are called `city`", "Give one another title"),
        ("phone,S\ufffdo\n", "The list is not UTF-8", "Save it in the spreadsheet as `CSV UTF-8`"),
        ("phone" + "," * 100, "A list has at most 100 columns, and this one has 101", None),
    ],
)
def test_a_list_that_cannot_be_used(text: str, said: str, hint: str | None):
    """What is wrong with its first line is said once."""
    with pytest.raises(Mistakes) as wrong:
        columns(text, "phone", None)

    assert [(each.message, each.hint) for each in wrong.value.mistakes] == [(said, hint)]


def test_a_folder_tells_of_its_lists(tmp_path):
    """With the file and the line; a list that is not UTF-8 matters where a campaign names it."""
    (tmp_path / "business.yaml").write_text(
        'business: x\ntimezone: UTC\nlanguage: en\nnumbers: [{id: "1", phone: "+1 202 555 0100", waba: "2"}]\n'
        'opt_in: {words: start}\n---\ntemplates: "2"\nlist: [{name: t, language: en, category: UTILITY, '
        "status: APPROVED, body: x}]\n---\ncampaign: a\naudience: {file: people.csv}\ntemplate: t\n"
    )
    (tmp_path / "people.csv").write_text("phone\n+5511912345678\n12\n")
    (tmp_path / "other.csv").write_bytes("São Paulo".encode("latin-1"))

    files, unread = read_folder(tmp_path)
    found = load_files(files)

    assert unread == ()
    assert [(each.file, each.line, each.code) for each in found.problems] == [("people.csv", 3, "list-phone")]
    assert found.folder is not None


def test_a_wrong_column_is_not_told_for_every_line():
    """Twenty are enough to see what is wrong; a list of ten megabytes is looked through quickly."""
    files = {
        "business.yaml": 'business: x\ntimezone: UTC\nlanguage: en\nnumbers: [{id: "1", phone: "+1 202 555 0100", '
        'waba: "2"}]\n---\ntemplates: "2"\nlist: [{name: t, language: en, category: UTILITY, status: APPROVED, '
        "body: x}]\n---\ncampaign: a\naudience: {file: people.csv}\ntemplate: t\n",
        "people.csv": "phone,note\n" + f"12,{'x' * 96}\n" * 100_000,
    }

    found = load_files(files).problems

    assert len(found) == 22
    assert found[-1].message == "From here on 1979 more of the first 2,000 lines cannot be used as they are"
    assert (found[0].code, found[0].message) == ("empty-list", "Nobody stands in `people.csv`")


def test_nobody_is_published():
    """Of a list its first line stays, of other files everything."""
    files = {"a.yaml": "flow: a\n", "b.csv": "\ufeffphone;city\r\n+5511912345678;Rio\r\n", "c.csv": ""}

    assert without_people(files) == {"a.yaml": "flow: a\n", "b.csv": "phone;city\n", "c.csv": ""}
