#!lua
-- Say that a number has work. Returns 1 when a job should be enqueued, which is once a second at most.
--
-- KEYS[1] baton
-- ARGV    business, number
--
-- baton:due     zset "B number" -> ms            baton:shift:<B>:<number>  the shift that leased it
-- baton:shifts  zset shift -> last seen ms       baton:wake:<shift>        list of "B number"    baton:bell  string
-- with clock, lease_of
local now = clock()
local member = ARGV[1] .. ' ' .. ARGV[2]

local function wake(shift)
  local list = 'baton:wake:' .. shift
  redis.call('RPUSH', list, member)
  redis.call('LTRIM', list, -1000, -1)
  redis.call('PEXPIRE', list, 60000)
end

local shift = redis.call('GET', lease_of(member))
if shift then
  wake(shift)
  return 0
end
redis.call('ZADD', 'baton:due', 'LT', now, member)
-- A shift that is up may take the number sooner than a new job starts.
local newest = redis.call('ZREVRANGEBYSCORE', 'baton:shifts', '+inf', now - 5000, 'LIMIT', 0, 1)[1]
if newest then wake(newest) end
return redis.call('SET', 'baton:bell', '1', 'NX', 'PX', 1000) and 1 or 0
