#!lua
-- Write what became of a row, whatever the evidence: the answer, a status, a deadline, a person. Which moves are
-- legal is said by `engine/outbox.py`; a row that stays where it is may still learn its message id and delivery.
--
-- KEYS[1] {B}
-- ARGV    row, attempt, new state, reason, message id, code, delivery, again at, rest of the pair in ms, slow (0|1),
--         the beginning it speaks of ('' = whatever), blob ('' = unchanged), blob for the chat, blob for the number,
--         ms from the arrival of what it answers to its leaving ('' = does not count), the bound above that,
--         states it may come from, deliveries in the order in which one beats the other, replacement (0 or 1 rows)
--
-- {B}:r:<row>         the row                            {B}:s:<subject>  flight, pair_rest
-- {B}:out:<subject>   zset row -> position               {B}:sending, {B}:doubt  zset row -> ms
-- {B}:ready:<number>  zset subject -> ms                 {B}:in:<subject> list of entries, {B}:waiting
-- {B}:p:<number>      the pace                           {B}:count        hash
-- {B}:todo:<kind>     zset row -> ms when it is due    {B}:open:<number>, {B}:parked  zset row -> ms
-- {B}:left            hash
-- with clock, arguments, append, rows, ready, pace
local b, now = KEYS[1], clock()
local id, attempt, state, reason, message_id, code, delivery = take(), take(), take(), take(), take(), take(), take()
local again_at, rest, slow, begun = tonumber(take()), tonumber(take()), take() == '1', take()
local blob, tell_chat, tell_number = take(), take(), take()
local left_after, left_bound = take(), take()
local from, rank = {}, {}
for _, each in ipairs(take_list()) do from[each] = true end
for place, each in ipairs(take_list()) do rank[each] = place end
if state == 'doubt' and again_at == 0 then again_at = now + 180000 end
local replacement = tonumber(take()) == 1 and take_row()

local key = b .. ':r:' .. id
local row = redis.call('HMGET', key, 'state', 'subject', 'number', 'settled', 'delivery', 'position', 'message_id',
  'attempt', 'slot', 'kind', 'campaign')
local old, subject, number = row[1], row[2], row[3]
if not old then return {0, false, 0, 0, now} end
local record = b .. ':s:' .. subject

local function settled(ok, is)
  return {ok, is, redis.call('ZCARD', b .. ':out:' .. subject), redis.call('LLEN', b .. ':in:' .. subject), now}
end

local function note()
  local rises = (rank[delivery] or 0) > (rank[row[5]] or 0)
  local fields = {settled = attempt, blob = blob, code = code, message_id = not row[7] and message_id or '',
    delivery = rises and delivery or ''}
  for name, value in pairs(fields) do
    if value ~= '' then redis.call('HSET', key, name, value) end
  end
end

local function move()
  if state == 'queued' then
    redis.call('HSET', key, 'state', 'queued', 'not_before', again_at, 'reason', reason)
    redis.call('ZREM', b .. ':sending', id)
    redis.call('ZREM', b .. ':doubt', id)
    redis.call('ZREM', b .. ':parked', id)
    line_up(b, subject, id, row[10], row[6], row[11], again_at, now)
  elseif state == 'doubt' then
    redis.call('HSET', key, 'state', 'doubt', 'not_before', again_at, 'reason', reason)
    redis.call('ZREM', b .. ':sending', id)
    redis.call('ZADD', b .. ':doubt', again_at, id)
    redis.call('HINCRBY', b .. ':count', 'row.doubt', 1)
  else
    finish(b, subject, id, state, reason, now)
  end
  if redis.call('HGET', record, 'flight') == id then redis.call('HDEL', record, 'flight') end
end

if row[4] == attempt then return settled(1, old) end
if not from[old] or (begun ~= '' and row[8] ~= begun) then return settled(0, old) end

local moves = state ~= old or (state == 'queued' and again_at > 0) -- one that could not begin may have to wait, too
note()
if moves then move() end
if state == 'sent' and left_after ~= '' then
  redis.call('HINCRBY', b .. ':left', left_bound, 1)
  redis.call('HINCRBY', b .. ':left', 'ms', left_after)
end
if replacement then add_row(b, subject, replacement, row[6], now) end
if tell_chat ~= '' then append(b, subject, 'e\0' .. tell_chat, true, now) end
if tell_number ~= '' then append(b, number, 'e\0' .. tell_number, true, now) end
if rest > 0 then redis.call('HSET', record, 'pair_rest', now + rest) end
if slow then slow_down(b, number, tonumber(row[9] or 0), now) end
if moves then ready(b, subject, now) end
if redis.call('EXISTS', b .. ':in:' .. subject) == 1 then redis.call('ZADD', b .. ':waiting', now, subject) end
return settled(1, state)
