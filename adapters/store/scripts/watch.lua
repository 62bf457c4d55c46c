#!lua
-- Look whether this is the store it was, and leave a mark in it. What lost its last marks, or all, sends nothing until
-- somebody says so; a store that is another one is left alone. A clock that was set back is counted: each business then
-- makes good what was written while it ran ahead.
--
-- KEYS[1] baton
-- ARGV    the id it should have ('' = whatever), the last mark that was seen in it, an id for a store without one
--
-- baton:store  hash  id, mark, held (why nothing is sent), clock (when somebody looked last), set_back (how often)
-- with clock
local key, now = KEYS[1] .. ':store', clock()
local id, mark, held, clock_before = unpack(redis.call('HMGET', key, 'id', 'mark', 'held', 'clock'))
local expected, seen, found = ARGV[1], tonumber(ARGV[2]), false
if id and expected ~= '' and id ~= expected then return {id, 0, 'other', 0, now} end

if not id then
  id = expected ~= '' and expected or ARGV[3]
  redis.call('HSET', key, 'id', id)
  found = expected ~= '' and 'emptied'
end
if tonumber(mark or 0) < seen then
  found = found or 'rolled_back'
  redis.call('HSET', key, 'mark', seen)
end
if now < tonumber(clock_before or 0) - 1000 then redis.call('HINCRBY', key, 'set_back', 1) end
redis.call('HSET', key, 'clock', now)
local fresh = found and not held
if fresh then
  redis.call('HSET', key, 'held', found)
  held = found
end
return {id, redis.call('HINCRBY', key, 'mark', 1), held or '', fresh and 1 or 0, now}
