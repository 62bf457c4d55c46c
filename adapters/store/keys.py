"""What are the keys called?

Everything of a business carries its tag in braces. Inside a business a *subject* is a chat,
`<number>/<contact id>`, or a number. Of a business, behind its tag:

| key | holds |
| --- | --- |
| `c:<cid>` | contact: `ver state chats`; `into` is whom they go on as, `joined` who goes on as them |
| `alias` | alias -> contact id |
| `s:<subject>` | chat or number: `ver epoch state hold seq flight pos commit pair_tat pair_rest` and, while leased, |
| | `lease lease_until tries` |
| `in:<subject>` | inbox of entries: meta, a zero byte, blob; meta is `e`, or `j<cid>` where the chat goes on as `cid` |
| `out:<subject>` | rows that have not ended, by position; those of campaigns behind all others |
| `own:<subject>` | the last 50 rows that began to leave, newest first; gone with the last of them |
| `log:<subject>` | what was said in the last 100 turns, newest last |
| `r:<row>` | row: `state subject number kind blob position speaker epoch words not_before attempt until slot` |
| | and, later, `campaign`, `message_id code reason delivery settled added_at ended_at` |
| `todo:<kind>` | rows that are no messages and have not ended, by the moment they are due |
| `ready:<number>` | chats with something to send, by the moment they may |
| `open:<number>` | messages that have not ended, by the moment they were added |
| `recent` | chats in which something was said or done, by the moment it was decided |
| `waiting` | subjects with undecided events, by age |
| `timers`, `timer` | when; subject, a zero byte, blob |
| `sending`, `doubt` | rows being sent by deadline; rows of unknown outcome by the end of the wait |
| `parked` | rows a person has to look at, by the moment they were parked |
| `seen:<bucket>` | keys of events that were appended |
| `p:<number>`, `paced:<number>` | pace: `most due slow_until slow_us`; what counted within the last second, by moment |
| `f:<digest>`, `files` | a file that messages hold, in pieces, and its `size`; the digests of all |
| `media:<number>:<digest>` | the id under which Meta keeps that file for the number, as long as it is good |
| `got:<subject>`, `got` | files of messages that came: row -> digest, a zero byte, blob; all, by the moment they came |
| `m:<digest>`, `got_bytes` | the bytes of one in pieces, its `size`, and how many messages hold it (`uses`); of all |
| `half:<name>` | bytes that are still coming; gone after ten minutes |
| `numbers`, `versions`, `v:<version>`, `live`, `lists` | what is published |
| `gone` | numbers that were taken out of what is live, until they come back |
| `campaigns` | the campaigns that were ever begun |
| `campaign:<name>`, `tally:<name>` | `state reason since run begun progress`; how its rows ended |
| `people:<name>`, `bulk:<name>` | a list's people; rows that have not ended |
| `erasing` | contacts who are being erased: a name, and a note of what is theirs |
| `refused`, `refused_key` | marks of those who want no offers and were erased; what the marks are made with |
| `reached` | contacts whom the business wrote to first, by moment, of the last 24 hours |
| `alerts`, `alert` | what people are told, by the moment it was last; its count, first moment, kind and blob |
| `quarantine`, `count` | bodies nobody could read; counters |
| `imports`, `import:<name>` | what phones told of their past and nobody took over yet, oldest first; `body by tries` |
| `importer`, `sync` | who takes it over; how far the past of each number has come |
| `came` | when something of each kind came last: kind, a space, number |
| `set_back` | for which setting back of the store's clock all was made good |
| `left` | answers that left: how many within which bound of ms since what they answer came, and the sum of `ms` |

What is only for a while ends by itself: rows nine days after their end, `own` with them, `seen` after ten days,
`reached` after one, `media` when Meta forgets the file, `paced` and leases within seconds. Of what is for people the
newest are kept: 100 turns of a `log`, 1,000 `alerts` (of the kind that has most the oldest go), as many `recent` chats
and as many bodies in `quarantine`. What waits ends when it is done; `parked` and the `people` of a paused campaign wait
for a person. Of the `versions` the latest ten stay, and those that somebody is in the middle of. The rest grows with
contacts. What a phone told of its past is kept as what was heard live: contacts, and the newest turns of logs.

Global: `baton:numbers`, `baton:wabas`, `baton:businesses`, `baton:due`, `baton:shift:<B>:<number>`, `baton:shifts`,
`baton:wake:<shift>`, `baton:bell`, `baton:tick`, `baton:store`, `baton:quarantine`,
`baton:seen:quarantine`, `baton:count`; for what is no message `baton:work` (businesses by the moment they rang),
`baton:working`, `baton:work_bell`; `baton:import`, `baton:importing`, `baton:import_bell` for what is to be imported.

Moments are those of the store's clock. What was written while it ran ahead would not be due before that moment comes
again, so `baton:store` has the `clock` of the last look, and counts how often it was `set_back`. The next sweep of each
business makes good what it can find (`parts/set_back.lua`); leases, locks and pairs are held by whoever reads them to
the longest they can last. Timers, and what retries wait for, keep their moment.
"""

import re
from functools import cache

GLOBAL = "baton"
_BUSINESS = re.compile(r"[A-Za-z0-9_-]{1,64}")


@cache
def tag(business: str) -> str:
    """Return what the keys of a business begin with."""
    if not _BUSINESS.fullmatch(business):
        raise ValueError(f"A business id is made of letters, digits, `-` and `_`, at most 64; not {business!r}.")
    return f"{{{business}}}"


def owner(business: str | None) -> str:
    """Return what keys of a business begin with, or those of what belongs to none."""
    return GLOBAL if business is None else tag(business)


def key(business: str, *names: str) -> str:
    """Return a key of a business."""
    return ":".join((tag(business), *names))


def number_of(subject: str) -> str:
    """Return the number of a chat, or the number itself."""
    return subject.partition("/")[0]
