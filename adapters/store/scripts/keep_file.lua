#!lua
-- Keep a file that a message holds, unless its chat was erased meanwhile. Its bytes are there already, or come half
-- there first; the oldest make room.
--
-- KEYS[1] {B}
-- ARGV    subject, row, digest, size, most bytes of all files, blob, name under which the bytes are half there
--
-- {B}:got   zset subject row -> ms    {B}:got:<subject>  hash row -> digest\0blob    {B}:got_bytes  number
-- {B}:m:<digest>   hash place -> piece, and size, uses    {B}:half:<name>  hash place -> piece
-- {B}:s:<subject>  the chat
-- with clock, files
local b, now = KEYS[1], clock()
local subject, id, digest, size, most, blob, name = unpack(ARGV, 1, 7)
local bytes, half, mine = b .. ':m:' .. digest, b .. ':half:' .. name, b .. ':got:' .. subject
local is_new = redis.call('EXISTS', bytes) == 0

if redis.call('EXISTS', b .. ':s:' .. subject) == 0 then
  redis.call('UNLINK', half)
  return 'erased'
end
if redis.call('HEXISTS', mine, id) == 1 then
  redis.call('UNLINK', half)
  return 'kept'
end
if is_new and redis.call('EXISTS', half) == 0 then return 'bytes' end
if is_new then
  local gone = 0
  while tonumber(redis.call('GET', b .. ':got_bytes') or 0) + size > tonumber(most) do
    local oldest = redis.call('ZRANGE', b .. ':got', 0, 0)[1]
    if not oldest or gone == 100 then return 'room' end -- asked again, so that no call is a long one
    let_go(b, oldest)
    gone = gone + 1
  end
  redis.call('RENAME', half, bytes)
  redis.call('PERSIST', bytes)
  redis.call('HSET', bytes, 'size', size)
  redis.call('INCRBY', b .. ':got_bytes', size)
else
  redis.call('UNLINK', half)
end
redis.call('HINCRBY', bytes, 'uses', 1)
redis.call('HSET', mine, id, digest .. '\0' .. blob)
redis.call('ZADD', b .. ':got', now, subject .. ' ' .. id)
return 'kept'
