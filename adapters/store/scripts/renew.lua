#!lua
-- Keep the leases of a shift; what another shift has by now is lost. Returns what is held, and the fair share.
--
-- KEYS[1] baton
-- ARGV    shift, ms, members "B number"
--
-- baton:due     zset "B number" -> ms         baton:shift:<B>:<number>  the shift that leased it
-- baton:shifts  zset shift -> last seen ms
-- with clock, share, lease_of
local now, shift, ms = clock(), ARGV[1], tonumber(ARGV[2])
local held = {}
for i = 3, #ARGV do
  local holder = redis.call('GET', lease_of(ARGV[i]))
  if not holder or holder == shift then
    redis.call('SET', lease_of(ARGV[i]), shift, 'PX', ms)
    redis.call('ZADD', 'baton:due', now + ms, ARGV[i])
    held[#held + 1] = ARGV[i]
  end
end
local _, share = attend(shift, now, ms)
return {share, held}
