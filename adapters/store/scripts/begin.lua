#!lua
-- The last word before a POST: nothing that was judged has changed since, and the row is now being sent, in a slot of its
-- own. Otherwise the chat is ready again at once, to be judged anew; only for a slot that is too far ahead it waits.
-- What is no message needs neither a slot nor its chat's turn.
--
-- KEYS[1] {B}
-- ARGV    row, attempt, subject, ver, number ver, digest of the lists, valid until, ms to send,
--         needs an empty inbox (0|1), writes to the contact first (0|1)
--
-- {B}:r:<row>         state, attempt, subject, until, slot        {B}:s:<number>   ver, hold
-- {B}:s:<subject>     ver, hold, flight, pair_tat, pair_rest      {B}:lists        string
-- {B}:out:<subject>   zset row -> position                        {B}:sending      zset row -> deadline ms
-- {B}:ready:<number>  zset subject -> ms                          {B}:own:<subject> list of rows, newest first
-- {B}:p:<number>, {B}:paced:<number>  the pace                   {B}:todo:<kind>  zset row -> ms when it is due
-- {B}:campaign:<name> state    {B}:bulk:<name> set of rows        baton:store      held
-- {B}:reached         zset contact -> ms, of the last 24 hours
-- with clock, ready, pace, campaign_rests, reach
local b, now = KEYS[1], clock()
local id, attempt, subject, ver, number_ver, lists = unpack(ARGV, 1, 6)
local valid_until, ms = tonumber(ARGV[7]), tonumber(ARGV[8])
local record, key = b .. ':s:' .. subject, b .. ':r:' .. id
local number = subject:match('^[^/]+')

local row = redis.call('HMGET', key, 'state', 'attempt', 'subject', 'until', 'slot', 'kind', 'campaign')
local is_message = row[6] == 'send'
local chat = redis.call('HMGET', record, 'ver', 'hold', 'flight', 'pair_tat', 'pair_rest')
local business = redis.call('HMGET', b .. ':s:' .. number, 'ver', 'hold')
if row[1] == 'sending' and row[2] == attempt then return {1, '', now, tonumber(row[4]), tonumber(row[5] or 0)} end

local pair = math.max(tonumber(chat[4] or 0), now)
local function refusal()
  if row[1] ~= 'queued' or row[3] ~= subject then return 'state' end
  if redis.call('HEXISTS', 'baton:store', 'held') == 1 then return 'held' end
  if chat[2] or business[2] then return 'hold' end
  if (chat[1] or '0') ~= ver or (business[1] or '0') ~= number_ver then return 'changed' end
  if is_message and (chat[3] or redis.call('ZRANGE', b .. ':out:' .. subject, 0, 0)[1] ~= id) then return 'order' end
  if redis.call('GET', b .. ':lists') ~= lists then return 'lists' end
  if now >= valid_until then return 'late' end
  if campaign_rests(b, id, row[7]) then return 'campaign' end
  if ARGV[9] == '1' and redis.call('LLEN', b .. ':in:' .. subject) > 0 then return 'inbox' end
  if is_message and (pair - now > 44 * 6000 or tonumber(chat[5] or 0) > now) then return 'pair' end
end
local why = refusal()
if why then
  -- What only somebody else can change is not asked about in each slot; what is late by this clock may not be by ours.
  local others = why == 'inbox' or why == 'lists' or why == 'held' or why == 'late' or why == 'campaign'
  ready(b, subject, others and now + 500 or now)
  return {0, why, now, 0, 0}
end
if not is_message then
  redis.call('HSET', key, 'state', 'sending', 'attempt', attempt, 'until', now + ms)
  redis.call('ZREM', b .. ':todo:' .. row[6], id)
  redis.call('ZADD', b .. ':sending', now + ms, id)
  return {1, '', now, now + ms, 0}
end
local slot, taken = take_slot(b, number, attempt, now)
if not taken then
  -- Whoever asked waits for the slot and asks again.
  redis.call('ZADD', b .. ':ready:' .. number, slot + 2000, subject)
  return {0, 'pace', now, 0, slot}
end

redis.call('HSET', key, 'state', 'sending', 'attempt', attempt, 'until', now + ms, 'slot', slot)
redis.call('HSET', record, 'flight', id, 'pair_tat', pair + 6000)
redis.call('ZADD', b .. ':sending', now + ms, id)
redis.call('ZADD', b .. ':ready:' .. number, now + ms + 1000, subject)
redis.call('LREM', b .. ':own:' .. subject, 0, id)
redis.call('LPUSH', b .. ':own:' .. subject, id)
redis.call('LTRIM', b .. ':own:' .. subject, 0, 49)
redis.call('EXPIRE', b .. ':own:' .. subject, 777600)
if ARGV[10] == '1' then reach(b, subject:match('/(.+)$'), now) end
return {1, '', now, now + ms, slot}
