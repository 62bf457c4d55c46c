#!lua
-- Take or keep a lock that one process has at a time.
--
-- KEYS[1] the lock
-- ARGV    owner token, ms
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
