#!lua
-- Let go of a body that was imported, and write what is known of its number's past from now on; 0 if it is gone already.
--
-- KEYS[1] {B}
-- ARGV    name, number, state of its sync ('' = unchanged), names and numbers to count, kinds and blobs of alerts
--
-- {B}:imports  list of names         {B}:import:<name>  hash    {B}:importer  string
-- {B}:sync     hash number -> state  {B}:count  hash            {B}:alerts    zset id -> ms    {B}:alert  hash
-- with clock, arguments, tell
local b, now = KEYS[1], clock()
local name, number, sync, counts, alerts = take(), take(), take(), take_list(), take_list()
if redis.call('LINDEX', b .. ':imports', 0) ~= name then return 0 end

redis.call('LPOP', b .. ':imports')
redis.call('UNLINK', b .. ':import:' .. name)
redis.call('DEL', b .. ':importer')
if sync ~= '' then redis.call('HSET', b .. ':sync', number, sync) end
for i = 1, #counts, 2 do redis.call('HINCRBY', b .. ':count', counts[i], counts[i + 1]) end
for i = 1, #alerts, 2 do tell(b, alerts[i], alerts[i + 1], now) end
return 1
