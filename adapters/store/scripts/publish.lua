#!lua
-- Make a version live, all or nothing. Refused, with what is taken and by whom, while another business has a number,
-- and with a digest while a file of it is missing. Versions that nobody needs any more go, and files that only they hold.
--
-- KEYS[1] {B}
-- ARGV    business, version, by, digest of the lists ('' = unchanged), files, typed, attached, how many versions are kept,
--         whether it is known which others are in use (0|1), numbers, wabas, digests of this version's files, versions
--         in use, how many a second each number may send and get
--
-- baton:numbers, baton:wabas  hash id -> B    baton:businesses  set
-- {B}:v:<version>  files, typed, attached, digests, published_at, by    {B}:versions  zset    {B}:live, {B}:lists  string
-- {B}:numbers, {B}:gone  sets    {B}:p:<number>  most    {B}:files  set of digests    {B}:f:<digest>  hash of a file
-- with clock, arguments
local b, now = KEYS[1], clock()
local business, version, by, lists, files, typed = take(), take(), take(), take(), take(), take()
local attached, latest, is_known = take(), tonumber(take()), take() == '1'
local claims = {['baton:numbers'] = take_list(), ['baton:wabas'] = take_list()}
local digests, in_use, paces = take_list(), take_list(), take_list()

local function let_versions_go()
  local needed = {}
  for _, each in ipairs(in_use) do needed[each] = true end
  for _, each in ipairs(redis.call('ZRANGE', b .. ':versions', latest, -1, 'REV')) do
    if not needed[each] then
      redis.call('UNLINK', b .. ':v:' .. each)
      redis.call('ZREM', b .. ':versions', each)
    end
  end
end

local function let_files_go()
  local kept = {}
  for _, each in ipairs(redis.call('ZRANGE', b .. ':versions', 0, -1)) do
    local held = redis.call('HGET', b .. ':v:' .. each, 'digests') or ''
    for digest in held:gmatch('%S+') do kept[digest] = true end
  end
  for _, digest in ipairs(redis.call('SMEMBERS', b .. ':files')) do
    if not kept[digest] then
      redis.call('UNLINK', b .. ':f:' .. digest)
      redis.call('SREM', b .. ':files', digest)
    end
  end
end

for _, digest in ipairs(digests) do
  if redis.call('HEXISTS', b .. ':f:' .. digest, 'size') == 0 then return {'files', digest, ''} end
end
for index, ids in pairs(claims) do
  for _, id in ipairs(ids) do
    local holder = redis.call('HGET', index, id)
    if holder and holder ~= business then return {index, id, holder} end
  end
end

for index, ids in pairs(claims) do
  local known = redis.call('HGETALL', index)
  for i = 1, #known, 2 do
    if known[i + 1] == business then redis.call('HDEL', index, known[i]) end
  end
  for _, id in ipairs(ids) do redis.call('HSET', index, id, business) end
end
local before = redis.call('SMEMBERS', b .. ':numbers')
if #before > 0 then redis.call('SADD', b .. ':gone', unpack(before)) end
redis.call('DEL', b .. ':numbers')
for i, number in ipairs(claims['baton:numbers']) do
  redis.call('SREM', b .. ':gone', number)
  redis.call('SADD', b .. ':numbers', number)
  redis.call('HSET', b .. ':p:' .. number, 'most', paces[i])
end
redis.call('SADD', 'baton:businesses', business)
redis.call('HSET', b .. ':v:' .. version, 'files', files, 'typed', typed, 'published_at', now, 'by', by,
  'attached', attached, 'digests', table.concat(digests, ' '))
-- The latest is the last, whatever the clock says.
local last = tonumber(redis.call('ZRANGE', b .. ':versions', -1, -1, 'WITHSCORES')[2] or 0)
redis.call('ZADD', b .. ':versions', math.max(now, last + 1), version)
if is_known then let_versions_go() end
let_files_go()
if lists ~= '' then redis.call('SET', b .. ':lists', lists) end
redis.call('SET', b .. ':live', version)
return {}
