#!lua
-- Keep bodies that could not be read, each once, the newest thousand. A store in which nothing is published was emptied,
-- or is another one: what is acknowledged there would be lost.
--
-- KEYS[1] {B}, or `baton` for what belongs to no business
-- ARGV    bodies
--
-- <KEYS[1]>:quarantine  list    <KEYS[1]>:seen:quarantine  set    <KEYS[1]>:count  hash
-- {B}:live  version    baton:businesses  set
local list, seen = KEYS[1] .. ':quarantine', KEYS[1] .. ':seen:quarantine'
local published = KEYS[1] == 'baton' and 'baton:businesses' or KEYS[1] .. ':live'
if redis.call('EXISTS', published) == 0 then return redis.error_reply('NOTLIVE Nothing is published here.') end
for _, body in ipairs(ARGV) do
  if redis.call('SADD', seen, redis.sha1hex(body)) == 1 then
    redis.call('LPUSH', list, body)
    redis.call('HINCRBY', KEYS[1] .. ':count', 'event.quarantined', 1)
  end
end
redis.call('LTRIM', list, 0, 999)
-- Not renewed, so that it ends also where something comes every day.
redis.call('EXPIRE', seen, 864000, 'NX')
return 1
