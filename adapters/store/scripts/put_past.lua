#!lua
-- Write what a phone told of a contact: who they are, and the log of a chat with what was said earlier. Nothing else of
-- the chat changes. 0 if what this was made from has changed meanwhile: read and make it again.
--
-- KEYS[1] {B}
-- ARGV    contact id, contact ver, contact state ('' = unchanged), aliases that were looked up, whom each led to
--         ('' = nobody), own aliases, subject ('' = no chat), length of its log, last turn, turns ('' = unchanged)
--
-- {B}:alias    hash alias -> contact id    {B}:c:<cid>  ver, state, chats
-- {B}:s:<subject>  ver                     {B}:log:<subject>  list, newest last
-- with arguments, enrol
local b = KEYS[1]
local cid, ver, state, aliases, leads, own = take(), take(), take(), take_list(), take_list(), take_list()
local subject, length, last, turns = take(), tonumber(take()), take(), take_list()
local contact, log = b .. ':c:' .. cid, b .. ':log:' .. subject

for i, found in ipairs(redis.call('HMGET', b .. ':alias', unpack(aliases))) do
  if (found or '') ~= leads[i] then return 0 end
end
if (redis.call('HGET', contact, 'ver') or '0') ~= ver or redis.call('HEXISTS', contact, 'into') == 1 then return 0 end
if #turns > 0 then
  if redis.call('LLEN', log) ~= length or (redis.call('LINDEX', log, -1) or '') ~= last then return 0 end
end

-- What is known live is newer: no alias is taken from anybody.
for _, alias in ipairs(own) do redis.call('HSETNX', b .. ':alias', alias, cid) end
if state ~= '' then
  redis.call('HSET', contact, 'state', state)
  redis.call('HINCRBY', contact, 'ver', 1)
  -- The gate reads the contact too: what was judged for their chats must be judged again.
  for chat in (redis.call('HGET', contact, 'chats') or ''):gmatch('%S+') do
    if redis.call('EXISTS', b .. ':s:' .. chat) == 1 then redis.call('HINCRBY', b .. ':s:' .. chat, 'ver', 1) end
  end
end
if #turns > 0 then
  enrol(b, cid, subject)
  redis.call('DEL', log)
  redis.call('RPUSH', log, unpack(turns))
end
return 1
