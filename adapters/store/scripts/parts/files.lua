-- Let go of one file of a chat, and of its bytes with the last that holds them. `entry` is subject, a space, row.
local function let_go(b, entry)
  local subject, id = entry:match('^(%S+) (%S+)$')
  local kept = redis.call('HGET', b .. ':got:' .. subject, id)
  redis.call('ZREM', b .. ':got', entry)
  redis.call('HDEL', b .. ':got:' .. subject, id)
  if not kept then return end
  local bytes = b .. ':m:' .. kept:match('^(%Z*)')
  if redis.call('HINCRBY', bytes, 'uses', -1) <= 0 then
    redis.call('DECRBY', b .. ':got_bytes', redis.call('HGET', bytes, 'size') or 0)
    redis.call('UNLINK', bytes)
  end
end
