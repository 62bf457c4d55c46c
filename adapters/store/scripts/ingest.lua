#!lua flags=allow-oom
-- Append a batch of events: drop repeats, find whose chat each belongs to, put the chat of a live echo on hold. A store
-- that knows no version of the business was emptied, or is another one: what is acknowledged there would be lost.
--
-- KEYS[1] {B}
-- ARGV    number of items; per item: number, kind, key, bucket, aliases, own aliases, aliases to drop,
--         contact id to use if none is found, row, blob, inbound (0|1), blob for a joined chat
--
-- {B}:seen:<bucket>  set of event keys          {B}:alias      hash alias -> contact id
-- {B}:c:<cid>        ver, chats, into, joined    {B}:s:<subject> ver, hold, seq, ...
-- {B}:in:<subject>   list of entries            {B}:waiting    zset subject -> ms
-- {B}:paced:<number> what counts for the pace   {B}:imports    list of names
-- {B}:import:<name>  hash of a body
-- {B}:came           hash kind, number -> ms
-- {B}:r:<row>        subject, number, ...       {B}:count      hash name -> how often    {B}:live  version
-- with clock, arguments, append, enrol, pace
local b, now = KEYS[1], clock()
local counts, buckets, came = {}, {}, {}
if redis.call('EXISTS', b .. ':live') == 0 then return redis.error_reply('NOTLIVE Nothing is published here.') end

-- Whoever was joined to another contact goes on as that one.
local function root(cid)
  local into = redis.call('HGET', b .. ':c:' .. cid, 'into')
  if into then return root(into) end
  return cid
end

-- The contacts these aliases lead to, each once, in the order of the aliases.
local function contacts(aliases)
  local found, seen = {}, {}
  if #aliases == 0 then return found end
  for _, cid in ipairs(redis.call('HMGET', b .. ':alias', unpack(aliases))) do
    cid = cid and root(cid)
    if cid and not seen[cid] then
      seen[cid] = true
      found[#found + 1] = cid
    end
  end
  return found
end

local function chat_of_row(item)
  if item.row == '' then return nil end
  local row = redis.call('HMGET', b .. ':r:' .. item.row, 'subject', 'number')
  if row[2] == item.number then return row[1] end
end

-- Whose inbox it belongs in; nothing for a status of somebody unknown.
local function address(item)
  if item.kind == 'import' then return '', {} end
  if item.kind == 'number' then return item.number, {} end
  local subject = item.kind == 'status' and chat_of_row(item)
  if subject then return subject, {} end
  local found = contacts(item.aliases)
  local cid = found[1] or (item.kind ~= 'status' and item.new)
  return cid and item.number .. '/' .. cid, found, cid
end

local function register(item, cid)
  for _, alias in ipairs(item.drop) do
    local holder = redis.call('HGET', b .. ':alias', alias)
    if holder and root(holder) == cid then redis.call('HDEL', b .. ':alias', alias) end
  end
  for _, alias in ipairs(item.own) do redis.call('HSET', b .. ':alias', alias, cid) end
end

-- Two contacts are one person: every chat of the other is told, and silent until it has decided that.
local function join(other, cid, blob, also)
  local contact = b .. ':c:' .. other
  redis.call('HSET', contact, 'into', cid)
  redis.call('HINCRBY', contact, 'ver', 1)
  local joined = redis.call('HGET', b .. ':c:' .. cid, 'joined')
  redis.call('HSET', b .. ':c:' .. cid, 'joined', joined and joined .. ' ' .. other or other)
  for subject in (redis.call('HGET', contact, 'chats') or ''):gmatch('%S+') do
    append(b, subject, 'j' .. cid .. '\0' .. blob, true, now)
    also[#also + 1] = subject
  end
end

local function ingest(item)
  local subject, found, cid = address(item)
  if not subject then return {false, 0, 'unknown'} end
  buckets[item.bucket] = true
  local seen = b .. ':seen:' .. item.bucket
  if redis.call('SISMEMBER', seen, item.key) == 1 then return {subject, 0, 'dup'} end
  if item.kind == 'import' then
    local name = redis.sha1hex(item.key)
    redis.call('HSET', b .. ':import:' .. name, 'body', item.blob)
    redis.call('RPUSH', b .. ':imports', name)
    redis.call('SADD', seen, item.key)
    return {false, 1, 'import'}
  end
  local answer = {subject, 1, 'appended'}
  if cid and item.kind ~= 'status' then
    if item.joined ~= '' then
      for i = 2, #found do join(found[i], cid, item.joined, answer) end
    end
    register(item, cid)
  end
  if cid then enrol(b, cid, subject) end
  append(b, subject, 'e\0' .. item.blob, item.kind == 'echo', now)
  -- Not before it is there: what a broken record stops on its way is not taken for a repeat when it comes again.
  redis.call('SADD', seen, item.key)
  if item.inbound == '1' then heard(b, item.number, item.key, now) end
  return answer
end

local items = {}
for i = 1, tonumber(take()) do
  items[i] = {number = take(), kind = take(), key = take(), bucket = take(), aliases = take_list(), own = take_list(),
    drop = take_list(), new = take(), row = take(), blob = take(), inbound = take(), joined = take()}
end

local answers = {}
for i, item in ipairs(items) do
  answers[i] = ingest(item)
  local name = 'event.' .. (answers[i][2] == 1 and item.kind or answers[i][3])
  counts[name] = (counts[name] or 0) + 1
  if answers[i][2] == 1 then came[item.kind .. ' ' .. item.number] = now end
end
for bucket in pairs(buckets) do redis.call('EXPIRE', b .. ':seen:' .. bucket, 864000) end
for name, count in pairs(counts) do redis.call('HINCRBY', b .. ':count', name, count) end
for name, at in pairs(came) do redis.call('HSET', b .. ':came', name, at) end
return answers
