-- Count a contact as one whom the business wrote to first, within the last 24 hours.
--
-- {B}:reached  zset contact -> ms
local function reach(b, contact, now)
  local reached = b .. ':reached'
  redis.call('ZADD', reached, now, contact)
  redis.call('ZREMRANGEBYSCORE', reached, '-inf', now - 86400000)
  redis.call('EXPIRE', reached, 86400)
end
