-- The pace of a number, as `rules/policy/pace.py` explains it; moments in ms of the store's clock.
--
-- {B}:p:<number>      due (when the next slot is due), slow_until, slow_ms
-- {B}:paced:<number>  zset 'i<event>' | 'o<attempt>' -> ms: what counted within the last window
local MOST, SLOT, WINDOW, INBOUND_MOST, AHEAD = 20, 52, 1030, 10, 30
local REST, SLOW = 1000, 30000

-- The next slot, when it was due, and how far behind it the next one is.
local function next_slot(b, number, now)
  local pace = redis.call('HMGET', b .. ':p:' .. number, 'due', 'slow_until', 'slow_ms')
  local gap = tonumber(pace[2] or 0) > now and tonumber(pace[3]) or SLOT
  local due = pace[1] and math.max(tonumber(pace[1]), now - SLOT) or now
  local first = redis.call('ZRANGE', b .. ':paced:' .. number, -MOST, -MOST, 'WITHSCORES')[2]
  return math.max(now, due, first and tonumber(first) + WINDOW or 0), due, gap
end

local function count(b, number, name, at, now)
  local key = b .. ':paced:' .. number
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - WINDOW)
  redis.call('ZADD', key, at, name)
  redis.call('PEXPIRE', key, 10 * WINDOW)
end

-- Take the next slot, for one attempt, unless it is too far ahead; returns it, and whether it was taken.
local function take_slot(b, number, attempt, now)
  local at, due, gap = next_slot(b, number, now)
  if at > now + AHEAD then return at, false end
  redis.call('HSET', b .. ':p:' .. number, 'due', due + gap)
  count(b, number, 'o' .. attempt, at, now)
  return at, true
end

-- Count what came in, up to its half.
local function heard(b, number, event, now)
  local inbound = 0
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', b .. ':paced:' .. number, '(' .. now - WINDOW, '+inf')) do
    if name:sub(1, 1) == 'i' then inbound = inbound + 1 end
  end
  if inbound < INBOUND_MOST then count(b, number, 'i' .. event, now, now) end
end

-- Refused for its pace, a number rests a second, then goes half as fast for half a minute. What left before that took
-- effect says nothing new.
local function slow_down(b, number, slot, now)
  local pace = redis.call('HMGET', b .. ':p:' .. number, 'due', 'slow_until', 'slow_ms')
  local till = tonumber(pace[2] or 0)
  if slot < till - SLOW + REST then return end
  local gap = till > now and tonumber(pace[3]) or SLOT
  redis.call('HSET', b .. ':p:' .. number, 'due', math.max(tonumber(pace[1] or 0), now + REST),
    'slow_until', now + SLOW, 'slow_ms', math.min(gap * 2, 1000))
end
