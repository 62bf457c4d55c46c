#!lua flags=allow-oom
-- Erase a contact with all their chats, unless anything happened there since it was looked at, or a row of theirs is
-- still being sent. What is queued is dropped in any case, so that nothing more begins. Whatever else is theirs is found
-- by the note that is left behind. Returns what came of it, and how many rows, turns of logs and events were erased.
--
-- KEYS[1] {B}
-- ARGV    name of the note, note, contacts (the one they are now first), chats, marks of these (`ver seq`), aliases,
--         rows that are in no chat's line and have not ended
--
-- {B}:c:<cid>         chats, into, joined      {B}:s:<subject>   ver, seq          {B}:alias    hash alias -> contact id
-- {B}:in:<subject>, {B}:own:<subject>, {B}:log:<subject>  lists                    {B}:erasing  hash name -> note
-- {B}:out:<subject>   zset row -> position     {B}:r:<row>       state, subject, until
-- {B}:ready:<number>, {B}:waiting, {B}:recent  zset subject -> ms
-- with clock, arguments, rows
local b, now = KEYS[1], clock()
local name, note = take(), take()
local contacts, chats, marks, aliases, rows = take_list(), take_list(), take_list(), take_list(), take_list()
local mine = {}
for _, each in ipairs(contacts) do mine[each] = true end
for _, each in ipairs(chats) do mine[each] = true end

local function all_mine(words)
  for each in (words or ''):gmatch('%S+') do
    if not mine[each] then return false end
  end
  return true
end

local function has_changed()
  if redis.call('HEXISTS', b .. ':c:' .. contacts[1], 'into') == 1 then return true end
  for _, cid in ipairs(contacts) do
    local contact = redis.call('HMGET', b .. ':c:' .. cid, 'chats', 'joined')
    if not all_mine(contact[1]) or not all_mine(contact[2]) then return true end
  end
  for i, subject in ipairs(chats) do
    local record = redis.call('HMGET', b .. ':s:' .. subject, 'ver', 'seq')
    if (record[1] or '0') .. ' ' .. (record[2] or '0') ~= marks[i] then return true end
  end
end

-- What is past its time to be sent has no sender any more.
local function is_under_way(id)
  local row = redis.call('HMGET', b .. ':r:' .. id, 'state', 'subject', 'until')
  if row[1] == 'queued' and mine[row[2]] then finish(b, row[2], id, 'dropped', 'erased', now) end
  return row[1] == 'sending' and tonumber(row[3]) > now
end

local function erase_row(id)
  local row = redis.call('HMGET', b .. ':r:' .. id, 'state', 'subject')
  if not mine[row[2]] then return end
  if row[1] ~= 'dropped' then finish(b, row[2], id, 'dropped', 'erased', now) end
  redis.call('UNLINK', b .. ':r:' .. id)
  return true
end

if has_changed() then return {'changed', 0, 0, 0} end
for _, subject in ipairs(chats) do
  for _, id in ipairs(redis.call('ZRANGE', b .. ':out:' .. subject, 0, -1)) do rows[#rows + 1] = id end
end
local waits = false
for _, id in ipairs(rows) do waits = is_under_way(id) or waits end
if waits then return {'sending', 0, 0, 0} end

redis.call('HSET', b .. ':erasing', name, note)
local erased, turns, events = 0, 0, 0
for _, id in ipairs(rows) do erased = erased + (erase_row(id) and 1 or 0) end
for _, subject in ipairs(chats) do
  turns, events = turns + redis.call('LLEN', b .. ':log:' .. subject), events + redis.call('LLEN', b .. ':in:' .. subject)
  for _, kind in ipairs({'s', 'in', 'out', 'own', 'log'}) do redis.call('UNLINK', b .. ':' .. kind .. ':' .. subject) end
  redis.call('ZREM', b .. ':waiting', subject)
  redis.call('ZREM', b .. ':recent', subject)
  redis.call('ZREM', b .. ':ready:' .. subject:match('^[^/]+'), subject)
end
for _, alias in ipairs(aliases) do
  if mine[redis.call('HGET', b .. ':alias', alias)] then redis.call('HDEL', b .. ':alias', alias) end
end
for _, cid in ipairs(contacts) do redis.call('UNLINK', b .. ':c:' .. cid) end
return {'erased', erased, turns, events}
