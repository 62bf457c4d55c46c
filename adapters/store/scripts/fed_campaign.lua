#!lua
-- Write how far a campaign has come through its audience, unless it was begun anew meanwhile.
--
-- KEYS[1] {B}
-- ARGV    name, run, progress, contacts that were written to first
--
-- {B}:campaign:<name>  run, progress             {B}:reached          zset contact -> ms, of the last 24 hours
-- with clock, arguments, reach
local b, now = KEYS[1], clock()
local name, run, progress = take(), take(), take()
for _, contact in ipairs(take_list()) do reach(b, contact, now) end
local key = b .. ':campaign:' .. name
if redis.call('HGET', key, 'run') ~= run then return 0 end
redis.call('HSET', key, 'progress', progress)
return 1
