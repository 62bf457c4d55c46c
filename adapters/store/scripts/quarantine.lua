#!lua
-- Keep bodies that could not be read, each once, the newest thousand.
--
-- KEYS[1] {B}, or `baton` for what belongs to no business
-- ARGV    bodies
--
-- <KEYS[1]>:quarantine  list    <KEYS[1]>:seen:quarantine  set    <KEYS[1]>:count  hash
local list, seen = KEYS[1] .. ':quarantine', KEYS[1] .. ':seen:quarantine'
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
