#!lua flags=allow-oom
-- Put into a chat's inbox what somebody orders who looks after the chats, once; nothing leaves there until it is decided.
-- Returns 0 where there is no such chat, or it goes on as another.
--
-- KEYS[1] {B}
-- ARGV    subject, key of the event, bucket, blob
--
-- {B}:s:<subject>  ver, hold, seq      {B}:c:<cid>          into
-- {B}:in:<subject> list of entries     {B}:waiting          zset subject -> ms
-- {B}:count        hash                {B}:seen:<bucket>    set of event keys
-- {B}:log:<subject> list, of whom nothing is known but what a phone told of its past
-- with clock, append
local b, subject, seen = KEYS[1], ARGV[1], KEYS[1] .. ':seen:' .. ARGV[3]
if redis.call('EXISTS', b .. ':s:' .. subject, b .. ':log:' .. subject) == 0 then return 0 end
if redis.call('HEXISTS', b .. ':c:' .. subject:match('/(.+)$'), 'into') == 1 then return 0 end
if redis.call('SADD', seen, ARGV[2]) == 1 then
  redis.call('EXPIRE', seen, 864000)
  append(b, subject, 'e\0' .. ARGV[4], true, clock())
  redis.call('HINCRBY', b .. ':count', 'event.order', 1)
end
return 1
