#!lua
-- Take the oldest body that waits to be imported; false if none does, or somebody else has it. It stays in its place
-- until `end_import`. A lock that lasts longer than it may was taken before the store's clock was set back.
--
-- KEYS[1] {B}
-- ARGV    owner token, ms
--
-- {B}:imports  list of names    {B}:import:<name>  body, by, tries    {B}:importer  string: owner token
local b, owner, ms = KEYS[1], ARGV[1], tonumber(ARGV[2])
local holder = redis.call('GET', b .. ':importer')
if holder and holder ~= owner and redis.call('PTTL', b .. ':importer') <= ms then return false end
local name = redis.call('LINDEX', b .. ':imports', 0)
if not name then return false end

redis.call('SET', b .. ':importer', owner, 'PX', ms)
local record = b .. ':import:' .. name
-- Counts those who took it, so that one which kills its process is found out.
if redis.call('HGET', record, 'by') ~= owner then
  redis.call('HSET', record, 'by', owner)
  redis.call('HINCRBY', record, 'tries', 1)
end
local body = redis.call('HMGET', record, 'body', 'tries')
return {name, body[1], body[2]}
