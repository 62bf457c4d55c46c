-- Tell people something. What they were told before in the same words counts up. Of more than a thousand, the kind that
-- has most lets its oldest go, so that a flood of one does not wash the others away.
local TOLD_MOST, TOLD_LESS = 1000, 100

local function tell_less(b)
  local kinds, most = {}, {}
  for _, id in ipairs(redis.call('ZRANGE', b .. ':alerts', 0, -1)) do
    local kind = (redis.call('HGET', b .. ':alert', id) or ''):match('^%d+ %d+ (%Z*)') or ''
    kinds[kind] = kinds[kind] or {}
    table.insert(kinds[kind], id)
    if #kinds[kind] > #most then most = kinds[kind] end
  end
  for i = 1, math.min(TOLD_LESS, #most) do
    redis.call('ZREM', b .. ':alerts', most[i])
    redis.call('HDEL', b .. ':alert', most[i])
  end
end

local function tell(b, kind, blob, now)
  local id = redis.sha1hex(blob)
  local count, first = (redis.call('HGET', b .. ':alert', id) or ''):match('^(%d+) (%d+) ')
  redis.call('HSET', b .. ':alert', id, (count or 0) + 1 .. ' ' .. (first or now) .. ' ' .. kind .. '\0' .. blob)
  -- What is told within one millisecond keeps its order.
  local last = tonumber(redis.call('ZRANGE', b .. ':alerts', -1, -1, 'WITHSCORES')[2] or 0)
  redis.call('ZADD', b .. ':alerts', string.format('%.3f', math.max(now, last + 0.001)), id)
  if redis.call('ZCARD', b .. ':alerts') > TOLD_MOST then tell_less(b) end
end
