#!lua
-- Lease a chat or a number for deciding, and read all a decision needs. False while somebody else has it.
--
-- KEYS[1] {B}
-- ARGV    subject, owner token, ms, most events, most own sends
--
-- {B}:s:<subject>  lease, lease_until, tries, ver, epoch, state, hold, flight, pos    {B}:s:<number>  ver, state
-- {B}:c:<cid>      ver, state         {B}:in:<subject>   list of entries
-- {B}:r:<row>      hash of a row      {B}:own:<subject>  list of rows, newest first    {B}:live  version
-- {B}:refused_key  string, where anybody wanted no offers and was erased
-- with clock, leased
local b, now = KEYS[1], clock()
local subject, owner, ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local record, inbox = b .. ':s:' .. subject, b .. ':in:' .. subject

local held = redis.call('HMGET', record, 'lease', 'lease_until')
if held[1] and held[1] ~= owner and is_leased(held[2], now) then return false end
redis.call('HSET', record, 'lease', owner, 'lease_until', now + ms)
-- Counts those who leased since the last commit, so that an event which kills its process is found out.
local tries = redis.call('HINCRBY', record, 'tries', held[1] == owner and 0 or 1)

local number, cid = subject:match('^([^/]+)/?(.*)$')
local chat = redis.call('HMGET', record, 'ver', 'epoch', 'state', 'hold', 'flight', 'pos')
local contact = cid ~= '' and redis.call('HMGET', b .. ':c:' .. cid, 'ver', 'state') or {false, false}
local business = redis.call('HMGET', b .. ':s:' .. number, 'ver', 'state')
local events = redis.call('LRANGE', inbox, 0, ARGV[4] - 1)
local own = {}
for _, id in ipairs(redis.call('LRANGE', b .. ':own:' .. subject, 0, ARGV[5] - 1)) do
  local row = redis.call('HMGET', b .. ':r:' .. id, 'message_id', 'state', 'words')
  if row[2] then own[#own + 1] = {id, row[1], row[2], row[3]} end
end
return {
  chat[1], chat[2], chat[3], chat[4], chat[5], chat[6], cid, contact[1], contact[2], business[1], business[2],
  redis.call('GET', b .. ':live'), now, tries, redis.call('LLEN', inbox) - #events, events,
  chat[5] and redis.call('HGETALL', b .. ':r:' .. chat[5]) or {}, own,
  redis.call('EXISTS', b .. ':refused_key'),
}
