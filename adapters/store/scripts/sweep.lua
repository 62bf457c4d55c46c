#!lua
-- Find what a dead process left, and put due timers into their inboxes; name the campaigns that have something to do.
--
-- KEYS[1] {B}
-- ARGV    how old an undecided append must be in ms, most of each kind
--
-- {B}:waiting  zset subject -> ms           {B}:s:<subject>  lease_until, tries    {B}:numbers, {B}:gone  sets
-- {B}:timers   zset id -> ms                {B}:timer        hash id -> subject\0blob
-- {B}:sending  zset row -> deadline ms      {B}:doubt        zset row -> ms when the wait is over
-- {B}:ready:<number>  zset subject -> ms    {B}:todo:<kind>  zset row -> ms when it is due
-- {B}:campaigns  set of names    {B}:campaign:<name>  state    {B}:bulk:<name>  set of rows that have not ended
-- {B}:imports  list of names
-- baton:store  set_back                   {B}:set_back    string    and all that is made good then
-- with clock, append, leased, lease_of, set_back
local b, now, most = KEYS[1], clock(), ARGV[2]

local function due(name, until_ms)
  return redis.call('ZRANGEBYSCORE', b .. ':' .. name, '-inf', until_ms, 'LIMIT', 0, most)
end

make_good(b, now)

local fired = {}
for _, id in ipairs(due('timers', now)) do
  local subject, blob = (redis.call('HGET', b .. ':timer', id) or ''):match('^(%Z+)%z(.*)$')
  if subject then
    append(b, subject, 'e\0' .. blob, false, now)
    fired[#fired + 1] = subject
  end
  redis.call('ZREM', b .. ':timers', id)
  redis.call('HDEL', b .. ':timer', id)
end

-- Where somebody leased and did not decide, the event may have ended that process: told apart, the least tried first.
local undecided, suspects, tries = {}, {}, {}
for _, subject in ipairs(due('waiting', now - ARGV[1])) do
  local record = redis.call('HMGET', b .. ':s:' .. subject, 'lease_until', 'tries')
  if not is_leased(record[1], now) then
    tries[subject] = tonumber(record[2] or 0)
    local pile = tries[subject] > 0 and suspects or undecided
    pile[#pile + 1] = subject
  end
  -- To the end of the line, so that chats nobody can decide do not hide the others.
  redis.call('ZADD', b .. ':waiting', now, subject)
end

local owed = {}
for _, number in ipairs(redis.call('SUNION', b .. ':numbers', b .. ':gone')) do
  if redis.call('ZCOUNT', b .. ':ready:' .. number, '-inf', now) > 0 then owed[#owed + 1] = number end
end
table.sort(suspects, function(one, other) return tries[one] < tries[other] end)
local work = 0
for _, kind in ipairs({'http', 'fetch', 'report'}) do
  work = work + redis.call('ZCOUNT', b .. ':todo:' .. kind, '-inf', now)
end
local campaigns = {}
for _, name in ipairs(redis.call('SMEMBERS', b .. ':campaigns')) do
  local state = redis.call('HGET', b .. ':campaign:' .. name, 'state')
  local left = (state == 'stopped' or state == 'done') and redis.call('SCARD', b .. ':bulk:' .. name) > 0
  if state == 'running' or left then campaigns[#campaigns + 1] = name end
end
local imports = redis.call('LLEN', b .. ':imports')
return {now, undecided, fired, due('sending', now), due('doubt', now), owed, work, campaigns, suspects, imports}
