-- Note that a shift is alive; return the numbers that are due or leased, and the shift's fair share of them.
local function attend(shift, now, ms)
  redis.call('ZADD', 'baton:shifts', now, shift)
  redis.call('ZREMRANGEBYSCORE', 'baton:shifts', '-inf', now - 5000)
  local due = redis.call('ZRANGEBYSCORE', 'baton:due', '-inf', now + ms, 'LIMIT', 0, 1000)
  return due, math.ceil(#due / redis.call('ZCARD', 'baton:shifts'))
end
