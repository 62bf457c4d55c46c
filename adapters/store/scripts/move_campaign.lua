#!lua
-- Let a campaign begin, pause, go on or end, if it is in a state that this may follow. One that ended drops what has not
-- begun to leave; asked again it drops what was queued meanwhile.
--
-- KEYS[1] {B}
-- ARGV    name, new state, reason, run ('' = whichever), begun ('' = unchanged), states it may come from ('' = none yet)
--
-- {B}:campaigns        set of names              {B}:campaign:<name>  state, reason, since, run, begun, progress
-- {B}:bulk:<name>      set of rows that have not ended                {B}:tally:<name>  hash name -> how often
-- {B}:people:<name>    list of people, kept no longer than needed
-- {B}:r:<row>          hash of a row             {B}:ready:<number>   zset subject -> ms
-- with clock, arguments, rows, ready
local b, now = KEYS[1], clock()
local name, state, reason, run, begun = take(), take(), take(), take(), take()
local from = {}
for _, each in ipairs(take_list()) do from[each] = true end
local key = b .. ':campaign:' .. name

local function drop_queued(why)
  for _, id in ipairs(redis.call('SMEMBERS', b .. ':bulk:' .. name)) do
    local row = redis.call('HMGET', b .. ':r:' .. id, 'state', 'subject')
    if row[1] == 'queued' then
      finish(b, row[2], id, 'dropped', why, now)
      ready(b, row[2], now)
    end
  end
end

local old = redis.call('HMGET', key, 'state', 'run')
local again = old[1] == state and (run == '' or old[2] == run)
if not again and not from[old[1] or ''] then return {0, old[1] or ''} end
if not again then
  redis.call('HSET', key, 'state', state, 'reason', reason, 'since', now)
  redis.call('SADD', b .. ':campaigns', name)
  if begun ~= '' then
    redis.call('HSET', key, 'run', run, 'begun', begun)
    redis.call('HDEL', key, 'progress')
    redis.call('DEL', b .. ':tally:' .. name)
  end
end
local ended = {stopped = 'campaign_stopped', done = 'campaign_over'}
if ended[state] then
  drop_queued(ended[state])
  redis.call('DEL', b .. ':people:' .. name)
end
return {1, state}
