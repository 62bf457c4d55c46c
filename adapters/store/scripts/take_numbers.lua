#!lua
-- Lease due numbers for a shift, no more than its fair share. A leased number is due again when its lease ends. Returns
-- 1 while another shift has more than its share, which it gives back when it renews its leases, and what was leased.
--
-- KEYS[1] baton
-- ARGV    shift, most, ms
--
-- baton:due     zset "B number" -> ms         baton:shift:<B>:<number>  the shift that leased it
-- baton:shifts  zset shift -> last seen ms
-- with clock, share, lease_of
local now, shift, most, ms = clock(), ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local due, share = attend(shift, now, ms)
local free, held, taken, above = {}, {}, {}, 0
for _, member in ipairs(due) do
  local holder = redis.call('GET', lease_of(member))
  if holder then
    held[holder] = (held[holder] or 0) + 1
    if holder ~= shift and held[holder] > share then above = 1 end
  end
  if not holder and tonumber(redis.call('ZSCORE', 'baton:due', member)) <= now then free[#free + 1] = member end
end
for i = 1, math.min(#free, most, share - (held[shift] or 0)) do
  redis.call('SET', lease_of(free[i]), shift, 'PX', ms)
  redis.call('ZADD', 'baton:due', now + ms, free[i])
  taken[i] = free[i]
end
return {above, taken}
