#!lua
-- Choose the row that leaves in the next slot of a number: the first of the chat that is ready longest, those of
-- campaigns after all others. A campaign has no more than 160 rows queued, so those are looked past.
-- The chat is put 2 s ahead, so that a crash gives it back. Says when that slot is, too.
--
-- KEYS[1] {B}
-- ARGV    number
--
-- {B}:ready:<number>  zset subject -> ms        {B}:s:<subject>  hold, flight, pair_tat, pair_rest, ver, state
-- {B}:out:<subject>   zset row -> position      {B}:r:<row>      hash of a row
-- {B}:sending         zset row -> deadline ms   {B}:c:<cid>      state    {B}:live  version
-- {B}:p:<number>, {B}:paced:<number>  the pace   {B}:campaign:<name>  state
-- {B}:bulk:<name>     set of rows                {B}:gone       set of numbers
-- with clock, pace, campaign_rests
local PAIR_MOST, REST_MOST = 45 * 6000, 1024 * 1000
local b, now, number = KEYS[1], clock(), ARGV[1]
local pile = b .. ':ready:' .. number
-- Where a number is not live any more, all that waits is to be dropped.
local is_gone = redis.call('SISMEMBER', b .. ':gone', number) == 1

-- What is further ahead than it can ever be was written before the clock was set back: the burst is used up, a rest
-- begins anew.
local function set_right(subject, chat)
  local record = b .. ':s:' .. subject
  if tonumber(chat[3] or 0) > now + PAIR_MOST then
    chat[3] = now + PAIR_MOST - 6000
    redis.call('HSET', record, 'pair_tat', chat[3])
  end
  if tonumber(chat[4] or 0) > now + REST_MOST then
    chat[4] = now + REST_MOST
    redis.call('HSET', record, 'pair_rest', chat[4])
  end
end

-- When this chat may send, looking at everything but its first row.
local function opens(chat)
  if chat[1] then return now + 50 end
  if chat[2] then return tonumber(redis.call('ZSCORE', b .. ':sending', chat[2]) or now) + 1000 end
  -- A burst of 45, then one message in 6 s to the same contact.
  return math.max(tonumber(chat[3] or 0) - 44 * 6000, tonumber(chat[4] or 0))
end

local function first_row(subject)
  local id = redis.call('ZRANGE', b .. ':out:' .. subject, 0, 0)[1]
  if not id then return nil end
  return id, redis.call('HMGET', b .. ':r:' .. id, 'state', 'not_before', 'blob', 'campaign')
end

-- What a chat could send now; nothing, and the chat put off, if that is nothing.
local function look(subject)
  local chat = redis.call('HMGET', b .. ':s:' .. subject, 'hold', 'flight', 'pair_tat', 'pair_rest', 'ver', 'state')
  local id, row = first_row(subject)
  if not id then
    redis.call('ZREM', pile, subject)
    return nil
  end
  set_right(subject, chat)
  local at = math.max(opens(chat), tonumber(row[2] or 0))
  if at <= now and row[1] ~= 'queued' then at = now + 1000 end
  if at <= now and not is_gone and campaign_rests(b, id, row[4]) then at = now + 1000 end
  if at > now then
    redis.call('ZADD', pile, at, subject)
    return nil
  end
  return {subject = subject, chat = chat, id = id, row = row}
end

local function choose(found, business)
  local subject, chat, id, row = found.subject, found.chat, found.id, found.row
  redis.call('ZADD', pile, now + 2000, subject)
  local cid = subject:match('/(.+)$')
  return {now, subject, chat[5], chat[6], cid, redis.call('HGET', b .. ':c:' .. cid, 'state'), business[1],
    business[2], id, row[3], redis.call('GET', b .. ':live'), (next_slot(b, number, now))}
end

local business = redis.call('HMGET', b .. ':s:' .. number, 'ver', 'state', 'hold')
if business[3] then return {now, now + 50} end
local bulk
-- What belongs to campaigns stands behind all else of its chat: its place tells, without a look at chat and row.
local function is_bulk(subject)
  return tonumber(redis.call('ZRANGE', b .. ':out:' .. subject, 0, 0, 'WITHSCORES')[2] or 0) > 2 ^ 39
end

local function first_of(from, most)
  for _, subject in ipairs(redis.call('ZRANGEBYSCORE', pile, '-inf', now, 'LIMIT', from, most)) do
    local found = not (bulk and is_bulk(subject)) and look(subject)
    if found and not found.row[4] then return found end
    bulk = bulk or found
  end
end
local found = first_of(0, 20)
if not found and bulk then found = first_of(20, 200) end
found = found or bulk
if found then return choose(found, business) end
local soonest = redis.call('ZRANGE', pile, 0, 0, 'WITHSCORES')[2]
return {now, soonest and tonumber(soonest) or false}
