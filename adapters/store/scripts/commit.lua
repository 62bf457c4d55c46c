#!lua
-- Write what was decided, all of it or nothing: state, outbox, timers, log; the decided events leave the inbox.
--
-- KEYS[1] {B}
-- ARGV    subject, owner token, attempt, ver, contact ver, decided, epoch ('' = unchanged), keep lease for ms,
--         state, contact state ('' = unchanged), reason of a drop, its speakers, rows, timers (id, at, blob), log,
--         alerts (kind, blob), passes (subject, blob)
--
-- {B}:s:<subject>     the chat                   {B}:c:<cid>      ver, state, chats
-- {B}:in:<subject>    list of entries            {B}:waiting      zset subject -> ms
-- {B}:out:<subject>   zset row -> position       {B}:r:<row>      hash of a row
-- {B}:open:<number>   zset row -> ms
-- {B}:ready:<number>  zset subject -> ms         {B}:timers       zset id -> ms    {B}:timer  hash id -> subject\0blob
-- {B}:log:<subject>   list, newest last          {B}:alerts       zset id -> ms    {B}:alert  hash
-- {B}:recent          zset subject -> ms
-- with clock, arguments, append, enrol, rows, ready, tell
local b, now = KEYS[1], clock()
local subject, owner, attempt, ver, contact_ver = take(), take(), take(), take(), take()
local decided, epoch, keep, state, contact_state = tonumber(take()), take(), tonumber(take()), take(), take()
local reason, speakers, rows, timers = take(), {}, {}, {}
for _, speaker in ipairs(take_list()) do speakers[speaker] = true end
for i = 1, tonumber(take()) do rows[i] = take_row() end
for i = 1, tonumber(take()) do timers[i] = {id = take(), at = take(), blob = take()} end
local log, alerts, passes = take_list(), take_list(), take_list()

local record, inbox, outbox = b .. ':s:' .. subject, b .. ':in:' .. subject, b .. ':out:' .. subject
local cid = subject:match('/(.+)$')
local contact = cid and b .. ':c:' .. cid

local function committed()
  return {1, redis.call('LLEN', inbox), now, ready(b, subject, now)}
end

local chat = redis.call('HMGET', record, 'commit', 'lease', 'ver', 'hold', 'seq', 'pos')
if chat[1] == attempt then return committed() end
if chat[2] ~= owner then return {0, 'lease'} end
redis.call('HDEL', record, 'tries')
if (chat[3] or '0') ~= ver then return {0, 'version'} end
if contact and (redis.call('HGET', contact, 'ver') or '0') ~= contact_ver then return {0, 'contact'} end
local remaining = redis.call('LLEN', inbox) - decided
if remaining < 0 then return {0, 'inbox'} end

redis.call('HSET', record, 'state', state, 'commit', attempt)
if epoch ~= '' then redis.call('HSET', record, 'epoch', epoch) end
redis.call('HINCRBY', record, 'ver', 1)
if contact then enrol(b, cid, subject) end
if contact_state ~= '' then
  redis.call('HSET', contact, 'state', contact_state)
  redis.call('HINCRBY', contact, 'ver', 1)
  -- The gate reads the contact too: what was judged for their other chats must be judged again.
  for other in redis.call('HGET', contact, 'chats'):gmatch('%S+') do
    if other ~= subject then redis.call('HINCRBY', b .. ':s:' .. other, 'ver', 1) end
  end
end

if decided > 0 then redis.call('LTRIM', inbox, decided, -1) end
if chat[4] and tonumber(chat[4]) <= tonumber(chat[5]) - remaining then redis.call('HDEL', record, 'hold') end
if remaining > 0 then
  redis.call('ZADD', b .. ':waiting', now, subject)
else
  redis.call('ZREM', b .. ':waiting', subject)
end

if next(speakers) then
  for _, id in ipairs(redis.call('ZRANGE', outbox, 0, -1)) do
    local row = redis.call('HMGET', b .. ':r:' .. id, 'state', 'speaker')
    if row[1] == 'queued' and speakers[row[2]] then finish(b, subject, id, 'dropped', reason, now) end
  end
end
local position = tonumber(chat[6] or 0)
for i, row in ipairs(rows) do add_row(b, subject, row, position + i, now) end
if #rows > 0 then redis.call('HSET', record, 'pos', position + #rows) end
for _, timer in ipairs(timers) do
  redis.call('ZADD', b .. ':timers', timer.at, timer.id)
  redis.call('HSET', b .. ':timer', timer.id, subject .. '\0' .. timer.blob)
end
for _, line in ipairs(log) do redis.call('RPUSH', b .. ':log:' .. subject, line) end
if #log > 0 then
  redis.call('LTRIM', b .. ':log:' .. subject, -100, -1)
  redis.call('ZADD', b .. ':recent', now, subject)
  redis.call('ZREMRANGEBYRANK', b .. ':recent', 0, -1001)
end
for i = 1, #alerts, 2 do tell(b, alerts[i], alerts[i + 1], now) end
for i = 1, #passes, 2 do append(b, passes[i], 'e\0' .. passes[i + 1], false, now) end

if keep > 0 then
  redis.call('HSET', record, 'lease_until', now + keep)
else
  redis.call('HDEL', record, 'lease', 'lease_until')
end
return committed()
