#!lua
-- Lease due numbers for a shift, no more than its fair share. A leased number is due again when its lease ends.
--
-- KEYS[1] baton
-- ARGV    shift, most, ms
--
-- baton:due     zset "B number" -> ms         baton:shift:<B>:<number>  the shift that leased it
-- baton:shifts  zset shift -> last seen ms
-- with clock, share, lease_of
local now, shift, most, ms = clock(), ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local due, share = attend(shift, now, ms)
local free, mine, taken = {}, 0, {}
for _, member in ipairs(due) do
  local holder = redis.call('GET', lease_of(member))
  if holder == shift then mine = mine + 1 end
  if not holder and tonumber(redis.call('ZSCORE', 'baton:due', member)) <= now then free[#free + 1] = member end
end
for i = 1, math.min(#free, most, share - mine) do
  redis.call('SET', lease_of(free[i]), shift, 'PX', ms)
  redis.call('ZADD', 'baton:due', now + ms, free[i])
  taken[i] = free[i]
end
return taken
