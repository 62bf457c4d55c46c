#!lua
-- Choose rows that are no messages and are due, each with all that the gate reads. They are put 2 s ahead, so that a
-- crash gives them back.
--
-- KEYS[1] {B}
-- ARGV    most, kinds, the one before the other
--
-- {B}:todo:<kind>   zset row -> ms when it is due    {B}:r:<row>  hash of a row
-- {B}:s:<subject>   ver, state                       {B}:c:<cid>  state    {B}:live  version
-- with clock
local b, now, most = KEYS[1], clock(), tonumber(ARGV[1])
local found, live = {}, redis.call('GET', b .. ':live')

local function choose(pile)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', pile, '-inf', now, 'LIMIT', 0, most - #found)) do
    local row = redis.call('HMGET', b .. ':r:' .. id, 'blob', 'subject')
    if row[1] then
      local number, cid = row[2]:match('^([^/]+)/?(.*)$')
      local chat = redis.call('HMGET', b .. ':s:' .. row[2], 'ver', 'state')
      local business = redis.call('HMGET', b .. ':s:' .. number, 'ver', 'state')
      redis.call('ZADD', pile, now + 2000, id)
      found[#found + 1] = {id, row[1], row[2], chat[1], chat[2], cid, redis.call('HGET', b .. ':c:' .. cid, 'state'),
        business[1], business[2], live}
    else
      redis.call('ZREM', pile, id)
    end
  end
end

for place = 2, #ARGV do
  if #found < most then choose(b .. ':todo:' .. ARGV[place]) end
end
return found
