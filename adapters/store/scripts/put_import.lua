#!lua flags=allow-oom
-- Put another body in the place of one that waits to be imported, or let go of it. 0 while somebody imports it.
--
-- KEYS[1] {B}
-- ARGV    name, body ('' = none)
--
-- {B}:imports  list of names    {B}:import:<name>  body, by, tries    {B}:importer  string: owner token
local b, name, body = KEYS[1], ARGV[1], ARGV[2]
local record = b .. ':import:' .. name
local holder = redis.call('GET', b .. ':importer')
if holder and redis.call('HGET', record, 'by') == holder then return 0 end
if body == '' then
  redis.call('LREM', b .. ':imports', 0, name)
  redis.call('UNLINK', record)
elseif redis.call('EXISTS', record) == 1 then
  redis.call('HSET', record, 'body', body)
end
return 1
