"""Do the scripts about files do what a small model of them says: those that came, and those that are published?

Bytes that came are kept once, by their digest, as often as they are held; the oldest make room. A version is live only
with all its files, and files that no version needs go.
"""

from typing import Any, Final

from redis.exceptions import ResponseError

from adapters.store import FilesGoneError, NumberTakenError
from adapters.store.received import ReceivedFile
from adapters.store.scripts import load
from adapters.store.versions import KEPT
from tests.dump import Dump
from tests.simulator.model import BUSINESS, NUMBER, OTHER, Model, step

CHATS: Final = (f"{NUMBER}/of-1", f"{NUMBER}/of-2")
FILES: Final = {"d1": b"1" * 10, "d2": b"2" * 20, "d3": b"3" * 30}
MOST_BYTES: Final = 45
DIGESTS: Final = ("f1", "f2", "f3")
NUMBERS: Final = {NUMBER: 20, OTHER: 20}
KEEP: Final = load("keep_file")
QUARANTINED_MOST: Final = 1_000


class Files(Model):
    """Files that came and went, and versions with theirs; also what nobody could read."""

    steps = 120

    def __init__(self, *given: Any) -> None:
        """Nothing came."""
        super().__init__(*given)
        self.got: dict[tuple[str, str], str] = {}
        self.order: list[tuple[int, str, tuple[str, str]]] = []
        self.files: set[str] = set()
        self.versions: list[str] = ["v1"]
        self.held: dict[str, list[str]] = {"v1": []}
        self.live, self.in_use, self.gone = "v1", "v1", set[str]()
        self.rival: set[str] = set()
        self.claimed = [set(NUMBERS), {"7"}]
        self.lists = "lists-0"
        self.unread: list[str] = []

    def publish(self) -> None:
        """Make a version live, and let both chats be there."""
        super().publish()
        for subject in CHATS:
            self.do("HSET", f":s:{subject}", "ver", 0)
            self.do("HSET", f":c:{subject.partition('/')[2]}", "chats", subject)

    @step(4)
    def pass_time(self) -> None:
        """Time goes by."""
        self.loop.now += self.one((0.1, 5, 60))

    @step(14)
    def keep(self) -> None:
        """A file is kept once for its message, and the oldest make room."""
        subject, row, digest = self.one(CHATS), f"row{self.chance.randint(1, 6)}", self.one(set(FILES))
        file = ReceivedFile(row, digest, b"blob")
        kept = self.ask(lambda: self.store.keep_file(BUSINESS, subject, file, FILES[digest], MOST_BYTES), repeats=True)
        assert kept
        self.kept(subject, row, digest)

    @step(6)
    def keep_at_once(self) -> None:
        """Two processes bring the same file: the bytes of the second are not kept, those of the first not asked for."""
        subject, row, digest = self.one(CHATS), f"row{self.chance.randint(1, 6)}", self.one(set(FILES))
        is_there = self.odds(0.5)
        if is_there:
            self.do("HSET", ":half:x", 0, FILES[digest])
        arguments = (subject, row, digest, len(FILES[digest]), MOST_BYTES, b"blob", "x")
        answer = self.ask(lambda: self.store.call(KEEP, f"{{{BUSINESS}}}", *arguments))
        known = digest in self.got.values() or (subject, row) in self.got
        assert answer == (b"kept" if known or is_there else b"bytes")
        if answer == b"kept":
            self.kept(subject, row, digest)

    def kept(self, subject: str, row: str, digest: str) -> None:
        """Do in the model what keeping a file does."""
        assert not self.client.keys("*:half:*")
        if (subject, row) in self.got:
            return
        if digest not in self.got.values():
            while self.size() + len(FILES[digest]) > MOST_BYTES:
                self.let_go(self.order[0][2])
        self.got[subject, row] = digest
        self.order = sorted([*self.order, (self.asked_ms, f"{subject} {row}", (subject, row))])

    def size(self) -> int:
        """Return how many bytes are kept."""
        return sum(len(FILES[digest]) for digest in set(self.got.values()))

    def let_go(self, place: tuple[str, str]) -> None:
        """Do in the model what letting go of a file does."""
        del self.got[place]
        self.order = [each for each in self.order if each[2] != place]

    @step(2)
    def lose_one(self) -> None:
        """A file stands among the oldest, and its chat does not know it any more; it is let go all the same."""
        self.do("ZADD", ":got", 1, f"{CHATS[0]} gone")
        self.ask(lambda: self.store.let_go_files(BUSINESS, 10**11))

    @step(5)
    def let_old_go(self) -> None:
        """What is older than it may be goes."""
        ms = self.one((30_000, 100_000))
        gone = self.ask(lambda: self.store.let_go_files(BUSINESS, ms))
        old = [place for at, _, place in self.order if at <= self.asked_ms - ms]
        assert gone == len(old)
        for place in old:
            self.let_go(place)

    @step(2)
    def keep_for_nobody(self) -> None:
        """A chat that was erased keeps no file, and a store in which nothing is published no body."""
        self.do("HSET", ":half:x", 0, b"bytes")
        arguments = (f"{NUMBER}/nobody", "row1", "d4", 5, MOST_BYTES, b"blob", "x")
        assert self.ask(lambda: self.store.call(KEEP, f"{{{BUSINESS}}}", *arguments)) == b"erased"
        refused = ""
        try:
            self.ask(lambda: self.store.quarantine([("a reason", "a field", b"lost")], "nobody"))
        except ResponseError as error:
            refused = str(error)
        assert refused.startswith("NOTLIVE")

    @step(2)
    def erase(self) -> None:
        """All files of a chat go."""
        subject = self.one(CHATS)
        gone = self.ask(lambda: self.store.erase_files(BUSINESS, subject))
        mine = [place for place in self.got if place[0] == subject]
        assert gone == len(mine)
        for place in mine:
            self.let_go(place)

    @step(6)
    def put(self) -> None:
        """A file that messages hold is put into the store."""
        digest = self.one(DIGESTS)
        self.ask(lambda: self.store.put_file(BUSINESS, digest, digest.encode()))
        self.files.add(digest)

    @step(3)
    def rival_publishes(self) -> None:
        """Another business has some numbers."""
        self.rival = {"2001", "2002"} - self.claimed[0] if self.odds(0.5) else set()
        self.rival |= {"8"} - self.claimed[1] if self.odds(0.5) else set()
        numbers, wabas = dict.fromkeys(sorted(self.rival - {"8"}), 20), sorted(self.rival & {"8"})
        self.ask(
            lambda: self.store.publish("rival", "r", files=b"f", typed=b"t", numbers=numbers, wabas=wabas, by="it")
        )

    @step(20)
    def publish_anew(self) -> None:
        """A version goes live with its numbers and files, or nothing changes."""
        self.loop.now += 0.01  # no two at one moment
        version, digests = self.one((self.name("v"), self.versions[0])), [each for each in DIGESTS if self.odds(0.25)]
        numbers, wabas = (
            self.some((NUMBER, OTHER, *["2001"] * self.odds(0.2))),
            self.some(("7", *["8"] * self.odds(0.2))),
        )
        self.in_use = next((each for each in self.versions if self.held[each]), "v1")  # people are in the middle of it
        lists, is_known = self.one(("", "lists-1", "lists-2")), self.odds(0.9)
        error: Exception | None = None
        try:
            self.ask(
                lambda: self.store.publish(
                    BUSINESS,
                    version,
                    files=b"f",
                    typed=b"t",
                    numbers=dict.fromkeys(numbers, 20),
                    wabas=wabas,
                    by="me",
                    lists=lists,
                    digests=digests,
                    in_use=[self.in_use] if is_known else None,
                )
            )
        except (FilesGoneError, NumberTakenError) as raised:
            error = raised
        taken = self.rival & {*numbers, *wabas}
        assert isinstance(error, FilesGoneError) is bool(set(digests) - self.files)
        assert isinstance(error, NumberTakenError) is bool(taken and not set(digests) - self.files)
        if error is None:
            self.went_live(version, digests, is_known=is_known)
            self.gone = (self.gone | self.claimed[0]) - set(numbers)
            self.claimed, self.lists = [set(numbers), set(wabas)], lists or self.lists

    @step(2)
    def publish_often(self) -> None:
        """So many versions go live that the earliest is one too many."""
        for _ in range(2 * KEPT):
            self.publish_anew()

    def went_live(self, version: str, digests: list[str], *, is_known: bool) -> None:
        """Do in the model what publishing does."""
        self.live, self.held[version] = version, digests
        self.versions = [each for each in self.versions if each != version] + [version]
        needed = {*self.versions[-KEPT:], self.in_use}
        self.versions = [each for each in self.versions if each in needed or not is_known]
        self.files &= {digest for each in self.versions for digest in self.held[each]}

    @step(5)
    def quarantine(self) -> None:
        """What nobody could read is kept once, the newest thousand."""
        bodies = [f"body {self.chance.randint(1, 9)}"]
        if self.odds(0.1):
            bodies += [self.name("body") for _ in range(QUARANTINED_MOST + 1)]
        self.ask(lambda: self.store.quarantine([("a reason", "a field", body.encode()) for body in bodies], BUSINESS))
        self.unread = [*dict.fromkeys([*self.unread, *bodies])]
        kept = self.ask(lambda: self.store.quarantined(BUSINESS, QUARANTINED_MOST * 2))
        assert [each.raw.decode() for each in kept] == self.unread[::-1][:QUARANTINED_MOST]

    def compare(self, dump: Dump) -> None:
        """Compare files, versions and claims with what the model says."""
        kept = {name.removeprefix("got:"): fields for name, fields in dump.hashes.items() if name.startswith("got:")}
        found = {(chat, row): entry[:2].decode() for chat, fields in kept.items() for row, entry in fields.items()}
        assert found == self.got
        assert {name for name in dump.hashes if name.startswith("f:")} == {f"f:{digest}" for digest in self.files}
        assert (dump.strings["live"], dump.strings["lists"]) == (self.live, self.lists)
        assert dump.sets.get("numbers", set()) == self.claimed[0]
        assert dump.sets.get("gone", set()) == self.gone
        assert list(dump.sorted["versions"]) == self.versions
        assert {name for name in dump.hashes if name.startswith("v:")} == {f"v:{each}" for each in self.versions}
        for index, mine in zip(("numbers", "wabas"), self.claimed, strict=True):
            holders: Any = self.client.hgetall(f"baton:{index}")
            assert {each.decode() for each, business in holders.items() if business == BUSINESS.encode()} == mine
