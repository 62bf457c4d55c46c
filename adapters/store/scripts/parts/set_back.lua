-- Make good what was written while the store's clock ran ahead, once after it was set back: it would not be due before
-- that moment comes again. What only says when to look is looked at now, and what must wait is put off again then; what
-- has a longest time begins it anew. Timers keep their moment.
local SENDING_MOST, LEASE_MOST, PACE_WINDOW, PACE_SLOW = 45000, 10000, 1030, 30000

-- Let nothing in a pile come later than a moment.
local function no_later(pile, at)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', pile, '(' .. at, '+inf')) do redis.call('ZADD', pile, at, member) end
end

-- A number's window is full, since what left in the last second is not known.
local function rest_for_a_window(b, number, now)
  local pace = b .. ':p:' .. number
  redis.call('DEL', b .. ':paced:' .. number)
  redis.call('HSET', pace, 'due', (now + PACE_WINDOW) * 1000)
  if tonumber(redis.call('HGET', pace, 'slow_until') or 0) > now then
    redis.call('HSET', pace, 'slow_until', now + PACE_SLOW)
  end
end

local function ends_within(key, ms)
  if redis.call('PTTL', key) > ms then redis.call('PEXPIRE', key, ms) end
end

local function make_good(b, now)
  local times = redis.call('HGET', 'baton:store', 'set_back')
  if not times or times == redis.call('GET', b .. ':set_back') then return end
  redis.call('SET', b .. ':set_back', times)
  no_later(b .. ':waiting', now)
  no_later(b .. ':reached', now)
  no_later(b .. ':alerts', now)
  no_later(b .. ':recent', now)
  no_later(b .. ':sending', now + SENDING_MOST)
  for _, kind in ipairs({'http', 'fetch', 'report'}) do
    local todo = b .. ':todo:' .. kind
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', todo, '(' .. now, '+inf')) do
      redis.call('ZADD', todo, math.max(now, tonumber(redis.call('HGET', b .. ':r:' .. id, 'not_before') or 0)), id)
    end
  end
  for _, number in ipairs(redis.call('SMEMBERS', b .. ':numbers')) do
    no_later(b .. ':ready:' .. number, now)
    rest_for_a_window(b, number, now)
    ends_within(lease_of(b:sub(2, -2) .. ' ' .. number), LEASE_MOST)
  end
  no_later('baton:due', now + LEASE_MOST)
  redis.call('ZREMRANGEBYSCORE', 'baton:shifts', '(' .. now, '+inf')
  redis.call('DEL', 'baton:bell', 'baton:work_bell', 'baton:working', 'baton:import_bell', 'baton:importing')
end
