#!lua
-- Give numbers back: they are due again when their next chat may send. Returns how many are due now.
--
-- KEYS[1] baton
-- ARGV    shift, members "B number"
--
-- baton:due     zset "B number" -> ms         baton:shift:<B>:<number>  the shift that leased it
-- {B}:ready:<number>        zset subject -> ms
-- with clock, lease_of
local now, shift, owed = clock(), ARGV[1], 0
for i = 2, #ARGV do
  local member = ARGV[i]
  if redis.call('GET', lease_of(member)) == shift then
    redis.call('DEL', lease_of(member))
    local business, number = member:match('^(%S+) (%S+)$')
    local soonest = redis.call('ZRANGE', '{' .. business .. '}:ready:' .. number, 0, 0, 'WITHSCORES')[2]
    if soonest then
      redis.call('ZADD', 'baton:due', soonest, member)
      if tonumber(soonest) <= now then owed = owed + 1 end
    else
      redis.call('ZREM', 'baton:due', member)
    end
  end
end
return owed
