#!lua
-- Take or keep a lock that one process has at a time. One that lasts longer than it may was taken before the store's
-- clock was set back.
--
-- KEYS[1] the lock
-- ARGV    owner token, ms
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and redis.call('PTTL', KEYS[1]) <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
