#!lua
-- Let a row that is no message and is due rest for a while, unless it has begun or ended.
--
-- KEYS[1] {B}
-- ARGV    row, ms, kinds
--
-- {B}:todo:<kind>   zset row -> ms when it is due
-- with clock
local b, at = KEYS[1], clock() + ARGV[2]
for place = 3, #ARGV do redis.call('ZADD', b .. ':todo:' .. ARGV[place], 'XX', at, ARGV[1]) end
return 1
