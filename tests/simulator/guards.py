"""Which guards are in the scripts of the store, and which model finds out when one of them is gone?

A guard is a condition that refuses or ignores something. Each is switched off by another text of its script, alone,
also where in the whole system another one stands behind it: a model asks for just that one.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from tests.simulator.model import Model
from tests.simulator.model_chats import Chats, Crowd
from tests.simulator.model_contacts import Contacts
from tests.simulator.model_files import Files
from tests.simulator.model_pace import Pace, Watched
from tests.simulator.model_shifts import Shifts
from tests.simulator.stored import Patch


class Guard(Struct, frozen=True):
    """A guard that is gone: what its script says then, and the model that finds it out."""

    patch: Patch
    model: type[Model]


CHATS: Final[Mapping[str, tuple[Patch, ...]]] = {
    "an append": (
        ("append", "redis.call('HINCRBY', record, 'ver', 1)", ""),
        ("append", "redis.call('HSET', record, 'hold', seq)", ""),
        ("append", "if hold then", "do"),
        ("append", "'ZADD', b .. ':waiting', 'NX', now", "'ZADD', b .. ':waiting', now"),
    ),
    "what is appended": (
        (
            "ingest",
            "if redis.call('SISMEMBER', seen, item.key) == 1 then return {subject, 0, 'dup'} end",
            "",
        ),
        ("ingest", "if row[2] == item.number then return row[1] end", "return row[1]"),
        ("ingest", "item.kind == 'status' and chat_of_row(item)", "false"),
        ("ingest", "if subject then return subject, {} end", ""),
        ("ingest", "item.kind == 'echo', now)", "false, now)"),
    ),
    "a lease": (
        ("lease", "if held[1] and held[1] ~= owner and is_leased(held[2], now) then return false end", ""),
        ("lease", "held[1] and held[1] ~= owner and is_leased", "held[1] and is_leased"),
        ("lease", "held[1] == owner and 0 or 1", "1"),
        ("lease", "held[1] == owner and 0 or 1", "0"),
        ("lease", "if row[2] then", "do"),
        ("leased", "left > 0 and left <= 10000", "left > 0"),
        ("leased", "left > 0 and left <= 10000", "left <= 10000"),
        ("release", "if redis.call('HGET', record, 'lease') ~= ARGV[2] then return 0 end", ""),
    ),
    "a commit": (
        ("commit", "if chat[1] == attempt then return committed() end", ""),
        ("commit", "if chat[2] ~= owner then return {0, 'lease'} end", ""),
        ("commit", "if (chat[3] or '0') ~= ver then return {0, 'version'} end", ""),
        (
            "commit",
            "if contact and (redis.call('HGET', contact, 'ver') or '0') ~= contact_ver then return {0, 'contact'} end",
            "",
        ),
        ("commit", "if remaining < 0 then return {0, 'inbox'} end", ""),
        ("commit", "redis.call('HDEL', record, 'tries')", ""),
        ("commit", "if epoch ~= '' then", "do"),
        ("commit", "redis.call('HINCRBY', record, 'ver', 1)", ""),
        ("commit", "if contact_state ~= '' then", "if contact then"),
        ("commit", "redis.call('HINCRBY', contact, 'ver', 1)", ""),
        ("commit", "if other ~= subject then", "do"),
        ("commit", "if other ~= subject then redis.call('HINCRBY', b .. ':s:' .. other, 'ver', 1) end", ""),
        ("commit", "and tonumber(chat[4]) <= tonumber(chat[5]) - remaining then", "then"),
        ("commit", "redis.call('HDEL', record, 'hold') end", "end"),
        ("commit", "if decided > 0 then redis.call('LTRIM', inbox, decided, -1) end", ""),
        ("commit", "if remaining > 0 then", "if false then"),
        ("commit", "if remaining > 0 then", "do redis.call('ZADD', b .. ':waiting', now, subject) end if true then"),
        ("commit", "if row[1] == 'queued' and speakers[row[2]] then", "if speakers[row[2]] then"),
        ("commit", "if row[1] == 'queued' and speakers[row[2]] then", "if row[1] == 'queued' then"),
        ("commit", "if next(speakers) then", "if false then"),
        ("commit", "if #rows > 0 then redis.call('HSET', record, 'pos', position + #rows) end", ""),
        ("commit", "if #log > 0 then", "if false then"),
        ("tell", "if redis.call('ZCARD', b .. ':alerts') > TOLD_MOST then", "if false then"),
        ("commit", "if keep > 0 then", "if true then"),
        ("commit", "if keep > 0 then", "if false then"),
        (
            "commit",
            "{1, redis.call('LLEN', inbox), now, ready(b, subject, now)}",
            "{1, redis.call('LLEN', inbox), now, now}",
        ),
    ),
    "what a decision adds": (
        ("rows", "if redis.call('EXISTS', key) == 1 then return end", ""),
        ("rows", "if row.campaign ~= '' then", "if false then"),
        ("rows", "if row.campaign ~= '' then", "do"),
        ("rows", "behind and 2 ^ 40 - position or position", "position"),
        ("rows", "campaign and campaign ~= ''", "true"),
        ("rows", "if kind == 'send' then", "if true then"),
        ("rows", "campaign and redis.call('SREM', b .. ':bulk:' .. campaign, id) == 1", "campaign"),
        ("rows", "(reason == '' and state or state .. '.' .. reason)", "state"),
        ("rows", "(reason == '' and state or state .. '.' .. reason)", "state .. '.' .. reason"),
        ("rows", "if kind == 'report' then", "do"),
        ("rows", "if state == 'dropped' or state == 'failed' then", "if false then"),
        ("rows", "if state == 'parked' then", "if false then"),
        ("rows", "if state == 'parked' then", "if true then"),
        ("enrol", "elseif not (' ' .. chats .. ' '):find(' ' .. subject .. ' ', 1, true) then", "else"),
        ("enrol", "if not chats then", "if true then"),
    ),
    "a chat that is ready": (
        ("ready", "if not first then", "if false then"),
        ("ready", "if redis.call('HGET', b .. ':s:' .. subject, 'flight') then return false end", ""),
        ("ready", "tonumber(redis.call('HGET', b .. ':r:' .. first, 'not_before') or 0)", "0"),
    ),
    "the next row": (
        ("next_row", "if chat[1] then return now + 50 end", ""),
        (
            "next_row",
            "if chat[2] then return tonumber(redis.call('ZSCORE', b .. ':sending', chat[2]) or now) + 1000 end",
            "",
        ),
        ("next_row", "math.max(tonumber(chat[3] or 0) - 44 * 6000, tonumber(chat[4] or 0))", "tonumber(chat[4] or 0)"),
        (
            "next_row",
            "math.max(tonumber(chat[3] or 0) - 44 * 6000, tonumber(chat[4] or 0))",
            "tonumber(chat[3] or 0) - 44 * 6000",
        ),
        ("next_row", "if tonumber(chat[3] or 0) > now + PAIR_MOST then", "if false then"),
        ("next_row", "if tonumber(chat[4] or 0) > now + REST_MOST then", "if false then"),
        ("next_row", "math.max(opens(chat), tonumber(row[2] or 0))", "opens(chat)"),
        ("next_row", "if at <= now and row[1] ~= 'queued' then at = now + 1000 end", ""),
        ("next_row", "if at <= now and not is_gone and campaign_rests(b, id, row[4]) then at = now + 1000 end", ""),
        ("next_row", "if at > now then", "if false then"),
        ("next_row", "if business[3] then return {now, now + 50} end", ""),
        ("next_row", "if found and not found.row[4] then", "if found then"),
        ("next_row", "found = found or bulk", ""),
        ("next_row", "bulk = bulk or found", "bulk = found"),
        ("next_row", "not (bulk and is_bulk(subject)) and look(subject)", "not is_bulk(subject) and look(subject)"),
        ("next_row", "or 0) > 2 ^ 39", "or 0) > 0"),
        ("next_row", "if found then return choose(found, business) end", ""),
        ("next_row", "redis.call('ZADD', pile, now + 2000, subject)", ""),
        ("due_rows", "redis.call('ZADD', pile, now + 2000, id)", ""),
        ("due_rows", "'-inf', now, 'LIMIT'", "'-inf', '+inf', 'LIMIT'"),
    ),
    "a beginning": (
        ("begin", "if row[1] == 'sending' and row[2] == attempt then", "if false then"),
        ("begin", "row[1] == 'sending' and row[2] == attempt", "row[1] == 'sending'"),
        ("begin", "if row[1] ~= 'queued' or row[3] ~= subject then", "if row[3] ~= subject then"),
        ("begin", "if row[1] ~= 'queued' or row[3] ~= subject then", "if row[1] ~= 'queued' then"),
        ("begin", "if redis.call('HEXISTS', 'baton:store', 'held') == 1 then return 'held' end", ""),
        ("begin", "if chat[2] or business[2] then", "if chat[2] then"),
        ("begin", "if chat[2] or business[2] then", "if business[2] then"),
        ("begin", "(chat[1] or '0') ~= ver or (business[1] or '0') ~= number_ver", "(chat[1] or '0') ~= ver"),
        (
            "begin",
            "(chat[1] or '0') ~= ver or (business[1] or '0') ~= number_ver",
            "(business[1] or '0') ~= number_ver",
        ),
        ("begin", "if is_message and (chat[3] or redis", "if is_message and (redis"),
        (
            "begin",
            "if is_message and (chat[3] or redis.call('ZRANGE', b .. ':out:' .. subject, 0, 0)[1] ~= id) then",
            "if is_message and chat[3] then",
        ),
        ("begin", "if redis.call('GET', b .. ':lists') ~= lists then return 'lists' end", ""),
        ("begin", "if now >= valid_until then return 'late' end", ""),
        ("begin", "if campaign_rests(b, id, row[7]) then return 'campaign' end", ""),
        (
            "begin",
            "if ARGV[9] == '1' and redis.call('LLEN', b .. ':in:' .. subject) > 0 then return 'inbox' end",
            "",
        ),
        ("begin", "ARGV[9] == '1' and ", ""),
        ("begin", "(pair - now > 44 * 6000 or tonumber(chat[5] or 0) > now)", "tonumber(chat[5] or 0) > now"),
        ("begin", "(pair - now > 44 * 6000 or tonumber(chat[5] or 0) > now)", "pair - now > 44 * 6000"),
        ("begin", "if is_message and (pair", "if (pair"),
        ("begin", "if is_message and (chat[3]", "if (chat[3]"),
        ("begin", "if why then", "if false then"),
        ("begin", "if ARGV[10] == '1' then", "do"),
        ("begin", "if not is_message then", "if false then"),
        ("begin", "if not taken then", "if false then"),
        ("begin", "redis.call('LREM', b .. ':own:' .. subject, 0, id)", ""),
        ("begin", "redis.call('ZREM', b .. ':todo:' .. row[6], id)", ""),
        ("campaign_rests", "redis.call('HGET', b .. ':campaign:' .. campaign, 'state') ~= 'running'", "false"),
        ("campaign_rests", "redis.call('HGET', b .. ':campaign:' .. campaign, 'state') ~= 'running'", "true"),
        ("campaign_rests", "redis.call('SISMEMBER', b .. ':bulk:' .. campaign, id) == 1", "true"),
    ),
    "an end": (
        ("settle", "if row[4] == attempt then return settled(1, old) end", ""),
        ("settle", "if not old then return {0, false, 0, 0, now} end", ""),
        ("settle", "if not from[old] or (begun", "if (begun"),
        ("settle", "(begun ~= '' and row[8] ~= begun)", "false"),
        ("settle", "begun ~= '' and row[8] ~= begun", "row[8] ~= begun"),
        ("settle", "message_id = not row[7] and message_id or ''", "message_id = message_id"),
        ("settle", "delivery = rises and delivery or ''", "delivery = delivery"),
        ("settle", "if value ~= '' then redis", "do redis"),
        ("settle", "state ~= old or (state == 'queued' and again_at > 0)", "true"),
        ("settle", "state ~= old or (state == 'queued' and again_at > 0)", "state ~= old"),
        ("settle", "(state == 'queued' and again_at > 0)", "state == 'queued'"),
        ("settle", "if moves then move() end", "move()"),
        ("settle", "if state == 'queued' then", "if false then"),
        ("settle", "elseif state == 'doubt' then", "elseif false then"),
        ("settle", "if state == 'doubt' and again_at == 0 then again_at = now + 180000 end", ""),
        ("settle", "if state == 'doubt' and again_at == 0 then", "if state == 'doubt' then"),
        ("settle", "if redis.call('HGET', record, 'flight') == id then", "do"),
        (
            "settle",
            "if redis.call('HGET', record, 'flight') == id then redis.call('HDEL', record, 'flight') end",
            "",
        ),
        ("settle", "if state == 'sent' and left_after ~= '' then", "if left_after ~= '' then"),
        ("settle", "if state == 'sent' and left_after ~= '' then", "if state == 'sent' then"),
        ("settle", "if replacement then", "if false then"),
        ("settle", "if tell_chat ~= '' then", "do"),
        ("settle", "if tell_number ~= '' then", "do"),
        ("settle", "'e\\0' .. tell_chat, true, now", "'e\\0' .. tell_chat, false, now"),
        ("settle", "'e\\0' .. tell_number, true, now", "'e\\0' .. tell_number, false, now"),
        ("settle", "if rest > 0 then", "do"),
        ("settle", "if moves then ready(b, subject, now) end", ""),
        ("settle", "if redis.call('EXISTS', b .. ':in:' .. subject) == 1 then", "do"),
    ),
    "what is swept": (
        ("sweep", "due('timers', now)", "due('timers', '+inf')"),
        ("sweep", "redis.call('ZREM', b .. ':timers', id)", ""),
        ("sweep", "if not is_leased(record[1], now) then", "do"),
        ("sweep", "due('waiting', now - ARGV[1])", "due('waiting', now)"),
        ("sweep", "tries[subject] > 0 and suspects or undecided", "undecided"),
        ("sweep", "table.sort(suspects, function(one, other) return tries[one] < tries[other] end)", ""),
        ("sweep", "redis.call('ZADD', b .. ':waiting', now, subject)", ""),
        ("sweep", "due('sending', now)", "due('sending', '+inf')"),
        ("sweep", "due('sending', now)", "{}"),
        ("sweep", "due('doubt', now)", "due('doubt', '+inf')"),
        ("sweep", "due('doubt', now)", "{}"),
        ("sweep", "':ready:' .. number, '-inf', now) > 0", "':ready:' .. number, '-inf', '+inf') > 0"),
        ("sweep", "':ready:' .. number, '-inf', now) > 0", "':ready:' .. number, '-inf', now) > 99"),
        ("sweep", "(state == 'stopped' or state == 'done') and", ""),
        ("sweep", "redis.call('SCARD', b .. ':bulk:' .. name) > 0", "true"),
        ("sweep", "if state == 'running' or left then", "if left then"),
        ("sweep", "if state == 'running' or left then", "if state == 'running' then"),
    ),
    "a campaign": (
        ("move_campaign", "if not again and not from[old[1] or ''] then return {0, old[1] or ''} end", ""),
        ("move_campaign", "if not again and not from", "if not from"),
        ("move_campaign", "old[1] == state and (run == '' or old[2] == run)", "old[1] == state"),
        ("move_campaign", "if not again then", "do"),
        ("move_campaign", "if begun ~= '' then", "do"),
        ("move_campaign", "redis.call('HDEL', key, 'progress')", ""),
        ("move_campaign", "redis.call('DEL', b .. ':tally:' .. name)", ""),
        ("move_campaign", "if ended[state] then", "if false then"),
        ("move_campaign", "if row[1] == 'queued' then", "do"),
        ("fed_campaign", "if redis.call('HGET', key, 'run') ~= run then return 0 end", ""),
    ),
}

CROWD: Final[Mapping[str, tuple[Patch, ...]]] = {
    "the next row": (("next_row", "if not found and bulk then found = first_of(20, 200) end", ""),),
}

SHIFTS: Final[Mapping[str, tuple[Patch, ...]]] = {
    "a ring": (
        ("ring", "if shift then", "if false then"),
        ("ring", "redis.call('ZADD', 'baton:due', 'LT', now, member)", "redis.call('ZADD', 'baton:due', now, member)"),
        ("ring", "if newest then wake(newest) end", ""),
        ("ring", "'+inf', now - 5000", "'+inf', '-inf'"),
        ("ring", "'1', 'NX', 'PX'", "'1', 'PX'"),
        ("ring_work", "if redis.call('EXISTS', kind .. 'ing') == 1 then return 0 end", ""),
        ("ring_work", "'1', 'NX', 'PX'", "'1', 'PX'"),
        ("ring_work", "'ZADD', kind, 'NX', clock()", "'ZADD', kind, clock()"),
    ),
    "a shift": (
        ("take_numbers", "if holder then", "if false then"),
        ("take_numbers", "if holder ~= shift and held[holder] > share then", "if held[holder] > share then"),
        ("take_numbers", "if holder ~= shift and held[holder] > share then", "if holder ~= shift then"),
        ("take_numbers", "if not holder and", "if"),
        ("take_numbers", "tonumber(redis.call('ZSCORE', 'baton:due', member)) <= now", "true"),
        ("take_numbers", "math.min(#free, most, share - (held[shift] or 0))", "math.min(#free, most)"),
        ("take_numbers", "math.min(#free, most, share - (held[shift] or 0))", "math.min(#free, most, share)"),
        (
            "take_numbers",
            "math.min(#free, most, share - (held[shift] or 0))",
            "math.min(#free, share - (held[shift] or 0))",
        ),
        ("renew", "if not holder or holder == shift then", "do"),
        ("renew", "if not holder or holder == shift then", "if holder == shift then"),
        ("renew", "if not holder or holder == shift then", "if not holder then"),
        ("give_back", "if redis.call('GET', lease_of(member)) == shift then", "do"),
        ("give_back", "if soonest then", "if false then"),
        ("give_back", "if tonumber(soonest) <= now then owed", "do owed"),
        ("share", "redis.call('ZREMRANGEBYSCORE', 'baton:shifts', '-inf', now - 5000)", ""),
    ),
    "a lock": (
        ("lead", "if holder and holder ~= ARGV[1] and redis", "if holder and redis"),
        ("lead", "and holder ~= ARGV[1] and redis.call('PTTL', KEYS[1]) <= tonumber(ARGV[2]) then", "and false then"),
        ("lead", "and redis.call('PTTL', KEYS[1]) <= tonumber(ARGV[2])", ""),
    ),
}

FILES: Final[Mapping[str, tuple[Patch, ...]]] = {
    "a file that came": (
        ("keep_file", "if redis.call('EXISTS', b .. ':s:' .. subject) == 0 then", "if false then"),
        ("keep_file", "if redis.call('HEXISTS', mine, id) == 1 then", "if false then"),
        ("keep_file", "redis.call('UNLINK', half)", ""),
        ("keep_file", "if is_new and redis.call('EXISTS', half) == 0 then return 'bytes' end", ""),
        ("keep_file", "if is_new and redis.call('EXISTS', half)", "if redis.call('EXISTS', half)"),
        ("keep_file", "if is_new then", "if true then"),
        ("keep_file", "if is_new then", "if false then"),
        (
            "keep_file",
            "while tonumber(redis.call('GET', b .. ':got_bytes') or 0) + size > tonumber(most) do",
            "while false do",
        ),
        ("keep_file", "redis.call('PERSIST', bytes)", ""),
        ("files", "if not kept then return end", ""),
        ("files", "if redis.call('HINCRBY', bytes, 'uses', -1) <= 0 then", "do"),
        ("files", "if redis.call('HINCRBY', bytes, 'uses', -1) <= 0 then", "if false then"),
        ("let_go_files", "if subject == '' then", "if true then"),
        ("let_go_files", "'-inf', now - ARGV[2]", "'-inf', now"),
    ),
    "a version": (
        ("publish", "if redis.call('HEXISTS', b .. ':f:' .. digest, 'size') == 0 then return", "if false then return"),
        ("publish", "if holder and holder ~= business then", "if false then"),
        ("publish", "if holder and holder ~= business then", "if holder then"),
        ("publish", "if known[i + 1] == business then", "do"),
        ("publish", "if known[i + 1] == business then", "if false then"),
        ("publish", "if not kept[digest] then", "do"),
        ("publish", "if not kept[digest] then", "if false then"),
        ("publish", "for _, each in ipairs(in_use) do needed[each] = true end", ""),
        ("publish", "if not needed[each] then", "do"),
        ("publish", "if not needed[each] then", "if false then"),
        ("publish", "if is_known then let_versions_go() end", "let_versions_go()"),
        ("publish", "if #before > 0 then", "if false then"),
        ("publish", "  redis.call('SREM', b .. ':gone', number)", ""),
        ("publish", "redis.call('HGET', b .. ':v:' .. each, 'digests') or ''", "''"),
        ("publish", "if lists ~= '' then", "do"),
    ),
    "what nobody could read": (
        ("quarantine", "if redis.call('EXISTS', published) == 0 then", "if false then"),
        ("quarantine", "if redis.call('SADD', seen, redis.sha1hex(body)) == 1 then", "do"),
        ("quarantine", "redis.call('LTRIM', list, 0, 999)", ""),
    ),
}

CONTACTS: Final[Mapping[str, tuple[Patch, ...]]] = {
    "whose an event is": (
        ("ingest", "if redis.call('EXISTS', b .. ':live') == 0 then", "if false then"),
        ("ingest", "if into then return root(into) end", ""),
        ("ingest", "if #aliases == 0 then return found end", ""),
        ("ingest", "cid = cid and root(cid)", "cid = cid"),
        ("ingest", "item.kind ~= 'status' and item.new", "item.new"),
        ("ingest", "if item.kind == 'import' then return '', {} end", ""),
        ("ingest", "if item.kind == 'number' then return item.number, {} end", ""),
        ("ingest", "if not subject then return {false, 0, 'unknown'} end", ""),
        ("ingest", "if item.kind == 'import' then\n", "if false then\n"),
    ),
    "who is who": (
        ("ingest", "if cid and item.kind ~= 'status' then", "if cid then"),
        ("ingest", "if cid then enrol(b, cid, subject) end", ""),
        ("ingest", "if item.joined ~= '' then", "do"),
        ("ingest", "if item.joined ~= '' then", "if false then"),
        ("ingest", "if holder and root(holder) == cid then", "if holder then"),
        ("ingest", "if holder and root(holder) == cid then", "if holder == cid then"),
        ("ingest", "if holder and root(holder) == cid then", "if false then"),
        ("ingest", "'j' .. cid .. '\\0' .. blob, true, now", "'j' .. cid .. '\\0' .. blob, false, now"),
    ),
    "what counts": (
        ("ingest", "if item.inbound == '1' then", "do"),
        ("ingest", "if answers[i][2] == 1 then came", "do came"),
        ("ingest", "answers[i][2] == 1 and item.kind or answers[i][3]", "item.kind"),
        ("pace", "if name:sub(1, 1) == 'i' then", "do"),
        ("pace", "if inbound < math.floor(pace_of(b, number, now) / 2) then", "do"),
        ("pace", "if inbound < math.floor(pace_of(b, number, now) / 2) then", "if false then"),
    ),
}

PACE: Final[Mapping[str, tuple[Patch, ...]]] = {
    "a slot": (
        ("pace", "till > now and tonumber(kept[4]) or", ""),
        ("pace", "till > now and tonumber(kept[4]) or", "till > 0 and tonumber(kept[4]) or"),
        ("pace", "first and tonumber(first) + WINDOW or 0", "0"),
        ("pace", "math.ceil(due / 1000), first", "first"),
        ("pace", "math.max(due, (at - FORGIVEN) * 1000) + gap", "due + gap"),
        ("pace", "if at > now + AHEAD then return at, false end", ""),
        ("pace", "redis.call('ZREMRANGEBYSCORE', key, '-inf', now - WINDOW)", ""),
        ("begin", "if not taken then", "if false then"),
    ),
    "a number that slows down": (
        ("settle", "if slow then", "if false then"),
        ("settle", "if slow then", "do"),
        ("pace", "if slot < till - SLOW + REST then return end", ""),
        ("pace", "math.max(due or 0, (now + REST) * 1000)", "due or 0"),
        ("pace", "math.max(due or 0, (now + REST) * 1000)", "(now + REST) * 1000"),
        ("pace", "math.min(gap * 2, SLOWEST_US)", "gap * 2"),
    ),
}
WATCHED: Final[Mapping[str, tuple[Patch, ...]]] = {
    "a look": (
        ("watch", "if id and expected ~= '' and id ~= expected then", "if false then"),
        ("watch", "if not id then", "if true then"),
        ("watch", "id = expected ~= '' and expected or ARGV[3]", "id = ARGV[3]"),
        ("watch", "found = expected ~= '' and 'emptied'", "found = 'emptied'"),
        ("watch", "found = expected ~= '' and 'emptied'", "found = false"),
        ("watch", "if tonumber(mark or 0) < seen then", "if false then"),
        ("watch", "found = found or 'rolled_back'", "found = 'rolled_back'"),
        ("watch", "if now < tonumber(clock_before or 0) - 1000 then", "if false then"),
        ("watch", "if now < tonumber(clock_before or 0) - 1000 then", "do"),
        ("watch", "if now < tonumber(clock_before or 0) - 1000 then", "if now < tonumber(clock_before or 0) then"),
        ("watch", "local fresh = found and not held", "local fresh = found"),
        ("watch", "if fresh then", "if false then"),
    ),
    "what is made good": (
        ("set_back", "if not times or times == redis.call('GET', b .. ':set_back') then", "if not times then"),
        ("set_back", "if not times or times == redis.call", "if times == redis.call"),
        ("set_back", "if tonumber(redis.call('HGET', pace, 'slow_until') or 0) > now then", "do"),
        ("set_back", "if redis.call('PTTL', key) > ms then", "do"),
        ("set_back", "tonumber(redis.call('HGET', b .. ':r:' .. id, 'not_before') or 0)", "0"),
    ),
}

UNMODELLED: Final = frozenset(
    ("end_import", "erase", "erase_rows", "order", "put_import", "put_past", "take_import", "tell")
)
"""Scripts that no model calls: `tests/adapters/store` asks them, and nothing is taken away from them here."""

NO_GUARDS: Final[Mapping[str, tuple[str, ...]]] = {
    "It fills in what is not there yet, or names what is there": (
        "begin: local pair = math.max(tonumber(chat[4] or 0), now)",
        "commit: local contact = cid and b .. ':c:' .. cid",
        "commit: local position = tonumber(chat[6] or 0)",
        "ingest: return cid and item.number .. '/' .. cid, found, cid",
        "ingest: for subject in (redis.call('HGET', contact, 'chats') or ''):gmatch('%S+') do",
        "ingest: counts[name] = (counts[name] or 0) + 1",
        "lease: local contact = cid ~= '' and redis.call('HMGET', b .. ':c:' .. cid, 'ver', 'state') or {false, false}",
        "lease: chat[5] and redis.call('HGETALL', b .. ':r:' .. chat[5]) or {}, own,",
        "next_row: return {now, soonest and tonumber(soonest) or false}",
        "files: redis.call('DECRBY', b .. ':got_bytes', redis.call('HGET', bytes, 'size') or 0)",
        "leased: local left = tonumber(lease_until or 0) - now",
        "pace: local most, till = tonumber(kept[1] or COEXISTENCE), tonumber(kept[3] or 0)",
        "pace: return most, kept[2] and tonumber(kept[2]), gap, till",
        "pace: due = due or now * 1000",
        "settle: local replacement = tonumber(take()) == 1 and take_row()",
        "settle: local rises = (rank[delivery] or 0) > (rank[row[5]] or 0)",
        "sweep: local subject, blob = (redis.call('HGET', b .. ':timer', id) or ''):match('^(%Z+)%z(.*)$')",
        "sweep: tries[subject] = tonumber(record[2] or 0)",
        "ingest: redis.call('HSET', b .. ':c:' .. cid, 'joined', joined and joined .. ' ' .. other or other)",
        "publish: local last = tonumber(redis.call('ZRANGE', b .. ':versions', -1, -1, 'WITHSCORES')[2] or 0)",
        "quarantine: local published = KEYS[1] == 'baton' and 'baton:businesses' or KEYS[1] .. ':live'",
        "take_numbers: held[holder] = (held[holder] or 0) + 1",
        "watch: return {id, redis.call('HINCRBY', key, 'mark', 1), held or '', fresh and 1 or 0, now}",
    ),
    "Whoever is named twice would be joined to themselves, and the script would never end": (
        "ingest: if cid and not seen[cid] then",
    ),
    "It says how soon somebody looks again, which costs time and nothing else": (
        "begin: local others = why == 'inbox' or why == 'lists' or why == 'held' or why == 'late' or why == 'campaign'",
        "begin: ready(b, subject, others and now + 500 or now)",
    ),
    "It is met only where records contradict each other, which `tests/dump.py` tells": (
        "due_rows: if row[1] then",
        "next_row: if not id then return nil end",
        "next_row: if not id then",
        "sweep: if subject then",
    ),
    "The answer is the same without it, and comes later": (
        "due_rows: if #found < most then choose(b .. ':todo:' .. ARGV[place]) end",
        "ingest: if item.row == '' then return nil end",
        "keep_file: if not oldest or gone == 100 then return 'room' end -- asked again, so that no call is a long one",
        "let_go_files: if place <= most then found[place] = subject .. ' ' .. id end",
    ),
    "A contact knows a chat since its first event; this is for one that another chat passed something to": (
        "commit: if contact then enrol(b, cid, subject) end",
    ),
}
"""Conditions of the scripts that refuse and ignore nothing, by the reason for which none is taken away."""

MODELS: Final = {
    Chats: CHATS,
    Crowd: CROWD,
    Shifts: SHIFTS,
    Files: FILES,
    Contacts: CONTACTS,
    Pace: PACE,
    Watched: WATCHED,
}
MOST: Final = 200
"""So many seeds at most find each of them."""
GUARDS: Final[Mapping[str, Guard]] = {
    f"{patch[0]}: `{patch[1]}`" + (f" is `{patch[2]}`" if patch[2] else " is gone"): Guard(patch, model)
    for model, found in MODELS.items()
    for words, patches in found.items()
    for patch in patches
}
