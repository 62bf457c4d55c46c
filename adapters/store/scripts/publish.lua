#!lua
-- Make a version live, all or nothing. Refused, with what is taken and by whom, while another business has a number.
--
-- KEYS[1] {B}
-- ARGV    business, version, by, digest of the lists ('' = unchanged), files, typed, numbers, wabas
--
-- baton:numbers, baton:wabas  hash id -> B    baton:businesses  set
-- {B}:v:<version>  files, typed, published_at, by    {B}:versions  zset    {B}:live, {B}:lists  string
-- {B}:numbers  set
-- with clock, arguments
local b, now = KEYS[1], clock()
local business, version, by, lists, files, typed = take(), take(), take(), take(), take(), take()
local claims = {['baton:numbers'] = take_list(), ['baton:wabas'] = take_list()}

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
for _, number in ipairs(claims['baton:numbers']) do redis.call('SADD', b .. ':numbers', number) end
redis.call('SADD', 'baton:businesses', business)
redis.call('HSET', b .. ':v:' .. version, 'files', files, 'typed', typed, 'published_at', now, 'by', by)
redis.call('ZADD', b .. ':versions', now, version)
if lists ~= '' then redis.call('SET', b .. ':lists', lists) end
redis.call('SET', b .. ':live', version)
return {}
