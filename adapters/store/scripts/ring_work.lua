#!lua
-- Say that a business has work that is no message. Returns 1 when a job should be enqueued: nobody works, and nobody
-- was told so within a second.
--
-- KEYS[1] baton
-- ARGV    business, kind: work or import
--
-- baton:<kind>  zset B -> ms    baton:<kind>ing  string, while somebody works    baton:<kind>_bell  string
-- with clock
local kind = KEYS[1] .. ':' .. ARGV[2]
redis.call('ZADD', kind, 'NX', clock(), ARGV[1])
if redis.call('EXISTS', kind .. 'ing') == 1 then return 0 end
return redis.call('SET', kind .. '_bell', '1', 'NX', 'PX', 1000) and 1 or 0
