"""Whom does the fake Graph server know, who wrote when, and how fast may a number send now?

Moments are Unix seconds, or those of a clock that never jumps where only distances matter.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from adapters.whatsapp.meta import Person

_SECOND = 1.0
_AD_ANSWER = 24 * 3600.0


class Chat(Struct):
    """What Meta keeps about one contact on one number."""

    wrote_at: float | None = None
    ad_at: float | None = None
    free_until: float = 0
    pair_at: float = 0

    def is_open(self, now: float, window: float) -> bool:
        """Say whether the customer service window is open."""
        return self.wrote_at is not None and now < self.wrote_at + window

    def heard(self, moment: float, *, from_ad: bool) -> None:
        """Note that the contact wrote; what is older than the last time changes nothing."""
        self.wrote_at = max(moment, self.wrote_at or moment)
        self.ad_at = moment if from_ad else self.ad_at

    def answered(self, now: float, free_entry: float) -> None:
        """Start the free entry window with the first answer to an ad, if that came within a day."""
        if self.ad_at is not None and now < self.ad_at + _AD_ANSWER:
            self.free_until = now + free_entry
        self.ad_at = None

    def pair_admits(self, at: float, burst: int, interval: float) -> bool:
        """Take one message of the pair limit, unless too many have gone to this contact."""
        earliest = max(self.pair_at, at)
        if earliest - at > (burst - 1) * interval:
            return False
        self.pair_at = earliest + interval
        return True


class Member(Struct):
    """Someone with WhatsApp, under all the addresses that lead to them."""

    person: Person
    known: bool = False
    reachable: bool = True
    chats: dict[str, Chat] = field(default_factory=dict)

    def chat(self, number_id: str) -> Chat:
        """Find or begin the chat with one number."""
        return self.chats.setdefault(number_id, Chat())


class People:
    """Everyone the server has heard of; spellings, user ids and phone numbers of one person lead to one member."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def register(self, person: Person, aliases: Iterable[str] = (), *, reachable: bool = True) -> Member:
        """Make a person known under their phone, their user id and other spellings."""
        addresses = [address(each) for each in (person.phone, person.bsuid, *aliases) if each]
        met = next((self._members[each] for each in addresses if each in self._members), None)
        member = met or Member(person)
        member.person, member.known, member.reachable = person, True, reachable
        self._members.update(dict.fromkeys(addresses, member))
        return member

    def find(self, recipient: str) -> Member:
        """Find who an address leads to; a stranger is met for the first time."""
        key = address(recipient)
        if key not in self._members:
            person = Person(bsuid=key) if is_user_id(key) else Person(phone=key)
            self._members[key] = Member(person)
        return self._members[key]


class Traffic:
    """The POSTs of one number: when each arrived, and which of them counted."""

    def __init__(self) -> None:
        self.arrivals: list[float] = []
        self._counted: deque[float] = deque()

    def admits(self, at: float, most: int) -> bool:
        """Take one message of the throughput, unless the sliding second before it is full."""
        self._forget(at)
        if len(self._counted) >= most:
            return False
        self._counted.append(at)
        return True

    def count(self, at: float) -> None:
        """Count a message that nobody may refuse: one from a contact."""
        self._forget(at)
        self._counted.append(at)

    def _forget(self, at: float) -> None:
        while self._counted and self._counted[0] <= at - _SECOND:
            self._counted.popleft()


def busiest_second(moments: Sequence[float]) -> int:
    """Count the most moments, given in order, that fall into any one second."""
    return max((bisect_left(moments, at + _SECOND) - place for place, at in enumerate(moments)), default=0)


def is_user_id(recipient: str) -> bool:
    """Say whether an address is a business-scoped user id and not a phone number."""
    return "." in recipient


def address(recipient: str) -> str:
    """Reduce an address to what tells people apart: a user id as it is, a phone number to its digits."""
    return recipient if is_user_id(recipient) else "".join(each for each in recipient if each in "0123456789")
