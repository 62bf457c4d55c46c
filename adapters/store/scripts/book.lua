#!lua
-- Reserve the next slots of a number, evenly spaced. Asked twice, it wastes slots and breaks nothing.
--
-- KEYS[1] {B}
-- ARGV    number, how many, ms between two
--
-- {B}:p:<number>  tat (the first free moment), slow_until, slow_ms
-- with clock
local b, now = KEYS[1], clock()
local key, count, gap = b .. ':p:' .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local pace = redis.call('HMGET', key, 'tat', 'slow_until', 'slow_ms')
if tonumber(pace[2] or 0) > now then gap = math.max(gap, tonumber(pace[3])) end
local at = math.max(now, tonumber(pace[1] or 0))
local slots = {}
-- Always one, and more only within the next five.
while #slots < count and (#slots == 0 or at <= now + 5 * gap) do
  slots[#slots + 1] = at
  at = at + gap
end
redis.call('HSET', key, 'tat', at)
return {now, slots}
