-- The pace of a number, as `rules/policy/pace.py` explains it; moments in ms of the store's clock.
--
-- {B}:p:<number>      most (a second), due (when the next slot is due, in us), slow_until, slow_us
-- {B}:paced:<number>  zset 'i<event>' | 'o<attempt>' -> ms: what counted within the last window
local COEXISTENCE, EVENLY, FORGIVEN, WINDOW, AHEAD = 20, 1040, 52, 1030, 30
local REST, SLOW, SLOWEST_US = 1000, 30000, 1000000

-- How many a second, when the next slot is due (if known), how many us the slots are apart now, and until when that is
-- more than they need be.
local function pace_of(b, number, now)
  local kept = redis.call('HMGET', b .. ':p:' .. number, 'most', 'due', 'slow_until', 'slow_us')
  local most, till = tonumber(kept[1] or COEXISTENCE), tonumber(kept[3] or 0)
  local gap = till > now and tonumber(kept[4]) or math.ceil(EVENLY * 1000 / most)
  return most, kept[2] and tonumber(kept[2]), gap, till
end

-- The next slot, and when the one after it is due.
local function next_slot(b, number, now)
  local most, due, gap = pace_of(b, number, now)
  due = due or now * 1000
  local first = redis.call('ZRANGE', b .. ':paced:' .. number, -most, -most, 'WITHSCORES')[2]
  local at = math.max(now, math.ceil(due / 1000), first and tonumber(first) + WINDOW or 0)
  return at, math.max(due, (at - FORGIVEN) * 1000) + gap
end

local function count(b, number, name, at, now)
  local key = b .. ':paced:' .. number
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - WINDOW)
  redis.call('ZADD', key, at, name)
  redis.call('PEXPIRE', key, 10 * WINDOW)
end

-- Take the next slot, for one attempt, unless it is too far ahead; returns it, and whether it was taken.
local function take_slot(b, number, attempt, now)
  local at, due = next_slot(b, number, now)
  if at > now + AHEAD then return at, false end
  redis.call('HSET', b .. ':p:' .. number, 'due', due)
  count(b, number, 'o' .. attempt, at, now)
  return at, true
end

-- Count what came in, up to its half.
local function heard(b, number, event, now)
  local inbound = 0
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', b .. ':paced:' .. number, '(' .. now - WINDOW, '+inf')) do
    if name:sub(1, 1) == 'i' then inbound = inbound + 1 end
  end
  if inbound < math.floor(pace_of(b, number, now) / 2) then count(b, number, 'i' .. event, now, now) end
end

-- Refused for its pace, a number rests a second, then goes half as fast for half a minute. What left before that took
-- effect says nothing new.
local function slow_down(b, number, slot, now)
  local _, due, gap, till = pace_of(b, number, now)
  if slot < till - SLOW + REST then return end
  redis.call('HSET', b .. ':p:' .. number, 'due', math.max(due or 0, (now + REST) * 1000),
    'slow_until', now + SLOW, 'slow_us', math.min(gap * 2, SLOWEST_US))
end
