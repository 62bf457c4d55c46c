-- Put a chat where its number's next slot finds it: at the time its first row may leave. While a row of it
-- is being sent, the end of that row does this. Returns the time, or false.
local function ready(b, subject, now)
  local pile = b .. ':ready:' .. subject:match('^[^/]+')
  local first = redis.call('ZRANGE', b .. ':out:' .. subject, 0, 0)[1]
  if not first then
    redis.call('ZREM', pile, subject)
    return false
  end
  if redis.call('HGET', b .. ':s:' .. subject, 'flight') then return false end
  local at = math.max(now, tonumber(redis.call('HGET', b .. ':r:' .. first, 'not_before') or 0))
  redis.call('ZADD', pile, at, subject)
  return at
end
