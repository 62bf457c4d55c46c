-- Append an entry (`<meta>\0<blob>`) to an inbox; with `hold` nothing leaves there until it is decided.
local function append(b, subject, entry, hold, now)
  local record = b .. ':s:' .. subject
  local seq = redis.call('HINCRBY', record, 'seq', 1)
  redis.call('ZADD', b .. ':waiting', 'NX', now, subject)
  if hold then
    redis.call('HSET', record, 'hold', seq)
    redis.call('HINCRBY', record, 'ver', 1)
  end
  redis.call('RPUSH', b .. ':in:' .. subject, entry)
end
