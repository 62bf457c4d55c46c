#!lua flags=allow-oom
-- Let go of the files of a chat, or of those that are older than they may be.
--
-- KEYS[1] {B}
-- ARGV    subject ('' = of all chats), older than ms, most of them at once
--
-- {B}:got   zset subject row -> ms    {B}:got:<subject>  hash row -> digest\0blob    {B}:got_bytes  number
-- {B}:m:<digest>   hash place -> piece, and size, uses
-- with clock, files
local b, now, subject, most = KEYS[1], clock(), ARGV[1], tonumber(ARGV[3])
local found = {}
if subject == '' then
  found = redis.call('ZRANGEBYSCORE', b .. ':got', '-inf', now - ARGV[2], 'LIMIT', 0, most)
else
  for place, id in ipairs(redis.call('HKEYS', b .. ':got:' .. subject)) do
    if place <= most then found[place] = subject .. ' ' .. id end
  end
end
for _, entry in ipairs(found) do let_go(b, entry) end
return #found
