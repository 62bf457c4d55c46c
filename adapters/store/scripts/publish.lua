#!lua
-- Make a version live, all or nothing. Refused, with what is taken and by whom, while another business has a number,
-- and with a digest while a file of it is missing. Files that no version needs any more go.
--
-- KEYS[1] {B}
-- ARGV    business, version, by, digest of the lists ('' = unchanged), files, typed, attached, how many versions keep their
--         files, numbers, wabas, digests of this version's files, other versions that keep theirs,
--         how many a second each number may send and get
--
-- baton:numbers, baton:wabas  hash id -> B    baton:businesses  set
-- {B}:v:<version>  files, typed, attached, digests, published_at, by    {B}:versions  zset    {B}:live, {B}:lists  string
-- {B}:numbers  set    {B}:p:<number>  most    {B}:files  set of digests    {B}:f:<digest>  hash of a file
-- with clock, arguments
local b, now = KEYS[1], clock()
local business, version, by, lists, files, typed = take(), take(), take(), take(), take(), take()
local attached, latest = take(), tonumber(take())
local claims = {['baton:numbers'] = take_list(), ['baton:wabas'] = take_list()}
local digests, in_use, paces = take_list(), take_list(), take_list()

local function let_files_go()
  local kept = {}
  local versions = redis.call('ZRANGE', b .. ':versions', 0, latest - 1, 'REV')
  for _, each in ipairs(in_use) do versions[#versions + 1] = each end
  for _, each in ipairs(versions) do
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
redis.call('DEL', b .. ':numbers')
for i, number in ipairs(claims['baton:numbers']) do
  redis.call('SADD', b .. ':numbers', number)
  redis.call('HSET', b .. ':p:' .. number, 'most', paces[i])
end
redis.call('SADD', 'baton:businesses', business)
redis.call('HSET', b .. ':v:' .. version, 'files', files, 'typed', typed, 'published_at', now, 'by', by,
  'attached', attached, 'digests', table.concat(digests, ' '))
redis.call('ZADD', b .. ':versions', now, version)
let_files_go()
if lists ~= '' then redis.call('SET', b .. ':lists', lists) end
redis.call('SET', b .. ':live', version)
return {}
