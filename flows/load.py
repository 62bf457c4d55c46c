"""What do the files of a folder say, and what is wrong with them?"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from engine.facts import NAMES
from flows.attachments import Attachments, FolderFiles, Look, nowhere
from flows.beforehand import language_of, languages_of, zone_of
from flows.blueprint_file import BlueprintDocument
from flows.business import BusinessDocument
from flows.campaign import CampaignDocument, names_for
from flows.checks import check_folder
from flows.digression import off_for_nothing
from flows.document import CHARACTERS_OF_LISTS, Parsed, parse
from flows.faq import FaqDocument
from flows.flow import FlowDocument
from flows.folder import Folder, Loaded, TestDocument
from flows.kinds import kinds
from flows.nodes import Map, Scalar, place_in
from flows.people import SUFFIX as LIST
from flows.reader import Reader, UnreadableError, listed, nearest
from flows.same_words import of_business, of_flow
from flows.saved import saved_names
from flows.step import Fault
from flows.templates import Templates, check_templates, known_templates
from flows.translations import Translations, TranslationsDocument
from rules.conditions import Scope, Type
from rules.policy.restrictions import DEFAULT, Refusal, Restrictions, clear
from rules.policy.restrictions import Path as On
from rules.source import Mistake, Problem, Severity

SUFFIXES = (".yaml", ".yml")
BUSINESS_FILE = "business.yaml"
BUSINESS, FLOW, FAQ, TEMPLATES, TEST = "business", "flow", "faq", "templates", "test"
TRANSLATIONS, CAMPAIGN, BLUEPRINT = "translations", "campaign", "blueprint"
KINDS = (BUSINESS, FLOW, FAQ, TEMPLATES, TRANSLATIONS, TEST, CAMPAIGN, BLUEPRINT)


class Written(Struct, frozen=True):
    """A document with the file it stands in."""

    file: str
    kind: str
    root: Map


def load(folder: Path, lists: Restrictions = DEFAULT) -> Loaded:
    """Read every YAML file below a folder; raise `NotADirectoryError` when there is no such folder.

    A number that the country lists refuse is a problem, too.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"There is no folder `{folder}`.")
    files, problems = read_folder(folder)
    loaded = load_files(files, lists, FolderFiles(folder))
    if not problems:
        return loaded
    return replace(loaded, folder=None, problems=in_order((*problems, *loaded.problems)))


def read_folder(folder: Path) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Read the texts of a folder's YAML files and lists, by their paths below it; what cannot be read is a problem."""
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for name, path in files_in(folder):
        try:
            files[name] = _text(path)
        except (OSError, UnicodeDecodeError, ValueError) as error:
            problems.append(_unread(name, error))
    return files, tuple(problems)


def files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Find a folder's YAML files and lists, with their paths below it; what is hidden is no business of ours."""
    for path in sorted(each for each in folder.rglob("*") if each.suffix in (*SUFFIXES, LIST)):
        name = path.relative_to(folder).as_posix()
        if not any(part.startswith(".") for part in Path(name).parts):
            yield name, path


def _text(path: Path) -> str:
    if path.stat().st_size > 4 * CHARACTERS_OF_LISTS:
        raise ValueError("it is too large")
    # A list that is not UTF-8 matters only if a campaign names it, and is told there.
    return path.read_bytes().decode("utf-8", "replace" if path.suffix == LIST else "strict")


def _unread(name: str, error: Exception) -> Problem:
    why = {UnicodeDecodeError: "it is not UTF-8", ValueError: "it is too large"}.get(type(error), "the system refuses")
    return Problem(name, 1, 1, Severity.ERROR, "unreadable-file", f"The file cannot be read: {why}", None)


def load_files(files: Mapping[str, str], lists: Restrictions = DEFAULT, look: Look = nowhere) -> Loaded:
    """Read the texts of YAML files and lists, by their paths; `look` tells of the files that messages may hold."""
    people = {name: text for name, text in sorted(files.items()) if name.endswith(LIST)}
    parsed = {name: parse(text) for name, text in sorted(files.items()) if name not in people}
    held = Attachments(look)
    loaded = _Loading(parsed, lists, people, held).result()
    readable = replace(loaded.readable, files=dict(files), attached=held.taken) if loaded.readable else None
    return replace(loaded, folder=readable if loaded.folder else None, readable=readable)


def in_order(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Sort problems by file and place, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda each: (each.file, each.line, each.column)))


class _Loading:
    """Reads documents in the order in which they need each other."""

    def __init__(
        self, parsed: Mapping[str, Parsed], lists: Restrictions, people: dict[str, str], held: Attachments
    ) -> None:
        self._lists = lists
        self._people = people
        self._attachments = held
        self.problems: list[Problem] = []
        self.written: list[Written] = []
        self._whole = all(each.whole for each in parsed.values())
        for file, each in parsed.items():
            self.problems += [_problem(file, mistake) for mistake in each.mistakes]
            self.written += [Written(file, document.kind, document.root) for document in each.documents]

    def result(self) -> Loaded:
        """Read everything."""
        self._check_kinds()
        business = self._one_business()
        self._check_names()
        self._language = language_of(business.root) if business else "en"
        self._zone = zone_of(business.root) if business else "UTC"
        self._has_hours = business is not None and "hours" in business.root.items
        self._flows = frozenset(_name(each) for each in self._of(FLOW))
        self._scopes = saved_names(self._of(FLOW), NAMES_IN_SCOPE, self.problems)
        self._languages = languages_of(business.root) if business else ()
        self._translations = Translations()
        self._all_translated = self._whole
        self._business: BusinessDocument | None = None
        folder = self._folder(business)
        everything = in_order(tuple(self.problems))
        return Loaded(None if self._failed() else folder, everything, folder, self._tests(), self._zone)

    def _folder(self, business: Written | None) -> Folder | None:
        for each in self._of(TRANSLATIONS):
            self._translate(each)
        locks = tuple(self._read_all(TEMPLATES, Templates))
        self._known = known_templates(locks)
        document = self._read(business, BusinessDocument) if business else None
        flows = tuple(self._read_all(FLOW, FlowDocument))
        faqs = tuple(self._read_all(FAQ, FaqDocument))
        campaigns = tuple(self._read_all(CAMPAIGN, CampaignDocument))
        for each in self._of(BLUEPRINT):
            self._read(each, BlueprintDocument)
        if business is None or document is None:
            return None
        folder = Folder(business=document, flows=flows, faqs=faqs, templates=locks, campaigns=campaigns)
        if self._whole:
            self.problems += check_folder(folder, self._flows)
            if not self._failed():  # what could not be read may say the text
                self._translations.tell_unused(self._reader(business.file, self._scopes[None]))
        return folder

    def _failed(self) -> bool:
        return any(each.severity is Severity.ERROR for each in self.problems)

    def _tests(self) -> tuple[TestDocument, ...]:
        return tuple(TestDocument(each.file, each.root.place.line, each.root) for each in self._of(TEST))

    def _of(self, kind: str) -> list[Written]:
        return [each for each in self.written if each.kind == kind]

    def _read_all(self, kind: str, wanted: type[Struct]) -> Iterator[Any]:
        for each in self._of(kind):
            found = self._read(each, wanted)
            if found is not None:
                yield found

    def _translate(self, written: Written) -> None:
        reader = self._reader(written.file, self._scopes[None])
        try:
            document = reader.fields(written.root, TranslationsDocument, written.kind)
        except UnreadableError:
            self._all_translated = False
        else:
            self._translations.add(reader, document, (*self._languages, self._language))

    def _reader(self, file: str, scope: Scope) -> Reader:
        return Reader(
            file,
            self.problems,
            scope=scope,
            language=self._language,
            templates=getattr(self, "_known", {}),
            has_hours=self._has_hours,
            zone=self._zone,
            flows=self._flows if self._whole else None,
            languages=self._languages if self._all_translated else (),  # no text is missing that could not be read
            translated=self._translations.of,
            lists=self._people,
            attachments=self._attachments,
        )

    def _read(self, written: Written, wanted: type[Struct]) -> Any:
        scope = self._scopes.get((written.file, written.root.start), self._scopes[None])
        if wanted is CampaignDocument:
            scope = names_for(written.root, scope, self._people)
        reader = self._reader(written.file, scope)
        try:
            found = reader.fields(written.root, wanted, written.kind)
        except UnreadableError:
            return None
        if isinstance(found, Templates):
            check_templates(reader, found, written.root)
            return found
        if isinstance(found, BusinessDocument):
            found = replace(found, id=found.slug)
        for each in (*found.faults(), *self._refused(found), *self._same_words(found)):
            reader.tell(place_in(written.root, each.path), each.code, each.message, each.hint, each.severity)
        return replace(found, place=f"{written.file}:{written.root.place.line}")

    def _same_words(self, found: Any) -> Iterator[Fault]:
        """Ask what does not go with the words of the business, which is read before its flows."""
        if isinstance(found, BusinessDocument):
            self._business = found
            yield from of_business(found)
        elif isinstance(found, FlowDocument) and self._business:
            yield from of_flow(found, self._business)
            yield from off_for_nothing(found.digressions, self._business.digressions)

    def _refused(self, found: Any) -> Iterator[Fault]:
        """Ask the country lists about the numbers of a business."""
        for at, each in enumerate(found.numbers if isinstance(found, BusinessDocument) else ()):
            answer = clear(
                On.ONBOARDING,
                business_phone=each.digits,
                coexistence=each.coexistence,
                phones=(),
                bsuids=(),
                lists=self._lists,
            )
            if isinstance(answer, Refusal):
                code, message = answer.reason.replace("_", "-"), answer.words.removesuffix(".")
                yield Fault(("numbers", at, "phone"), code, message, "Use a number of another country")

    def _tell(self, written: Written, key: str, code: str, message: str, hint: str | None = None) -> None:
        place = written.root.place_of(key)
        self.problems.append(Problem(written.file, place.line, place.column, Severity.ERROR, code, message, hint))

    def _check_kinds(self) -> None:
        for each in self.written:
            if each.kind not in KINDS:
                message = f"A document begins with one of {listed(KINDS)}, not `{each.kind}`"
                self._tell(each, each.kind, "unknown-kind", message, _kind_meant(each))

    def _one_business(self) -> Written | None:
        found = self._of(BUSINESS)
        for each in found[1:]:
            message = f"A folder has one `{BUSINESS}:`, and `{found[0].file}` has it already"
            self._tell(each, BUSINESS, "second-business", message, "Put it into a folder of its own")
        if not found and self._whole:
            message = f"No file begins with `{BUSINESS}:`"
            hint = f"Write `{BUSINESS_FILE}` with name, zone, language and numbers, or let `baton new` make a folder"
            self.problems.append(Problem(BUSINESS_FILE, 1, 1, Severity.ERROR, "no-business", message, hint))
        return found[0] if found else None

    def _check_names(self) -> None:
        seen: dict[tuple[str, str], Written] = {}
        for each in self.written:
            name = _name(each)
            if each.kind not in (FLOW, FAQ, TEMPLATES, CAMPAIGN) or not name:
                continue
            first = seen.setdefault((each.kind, name), each)
            if first is not each:
                where = f"`{first.file}` line {first.root.place_of(each.kind).line}"
                message = f"Two documents are called `{each.kind}: {name}`: this one in `{each.file}`, and {where}"
                self._tell(each, each.kind, "duplicate-name", message, "Give one of them another name")


def _name(written: Written) -> str:
    node = written.root.items.get(written.kind)
    return (node.text or "") if isinstance(node, Scalar) else ""


def _kind_meant(written: Written) -> str | None:
    later = next((key for key in written.root.items if key in KINDS), None)
    if later:
        return f"Put `{later}: …` first"
    if written.kind in kinds():
        return f"`{written.kind}` is a step: write `flow: NAME` above, then `steps:`, and the steps below it"
    return nearest(written.kind, KINDS)


def _problem(file: str, mistake: Mistake) -> Problem:
    return Problem(file, mistake.line, mistake.column, mistake.severity, mistake.code, mistake.message, mistake.hint)


NAMES_IN_SCOPE: dict[str, Type] = {name: kind for name, (kind, _) in NAMES.items()}
