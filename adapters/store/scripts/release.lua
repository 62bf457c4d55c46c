#!lua
-- Give a lease back, if it is still ours.
--
-- KEYS[1] {B}
-- ARGV    subject, owner token
--
-- {B}:s:<subject>  lease, lease_until, tries
local record = KEYS[1] .. ':s:' .. ARGV[1]
if redis.call('HGET', record, 'lease') ~= ARGV[2] then return 0 end
return redis.call('HDEL', record, 'lease', 'lease_until', 'tries')
