-- Rows as they are written: read from ARGV, put into the outbox, ended.
local function take_row()
  return {id = take(), kind = take(), blob = take(), speaker = take(), epoch = take(), words = take(),
    not_before = take(), campaign = take()}
end

-- Let a row wait for its turn: only what is sent keeps the chat's order, other kinds wait in a list of their own.
-- Campaigns stand behind all that somebody waits for, since they may be paused or wait for their hours; the newest of
-- them goes first, so that one that is paused keeps no other back.
local function line_up(b, subject, id, kind, position, campaign, at, now)
  if kind == 'send' then
    local behind = campaign and campaign ~= ''
    redis.call('ZADD', b .. ':out:' .. subject, behind and 2 ^ 40 - position or position, id)
    redis.call('ZADD', b .. ':open:' .. subject:match('^[^/]+'), 'NX', now, id)
  else
    redis.call('ZADD', b .. ':todo:' .. kind, at, id)
  end
end

-- A row that exists is left alone: doing it twice does nothing.
local function add_row(b, subject, row, position, now)
  local key = b .. ':r:' .. row.id
  if redis.call('EXISTS', key) == 1 then return end
  redis.call('HSET', key, 'state', 'queued', 'subject', subject, 'number', subject:match('^[^/]+'),
    'kind', row.kind, 'blob', row.blob, 'position', position, 'speaker', row.speaker, 'epoch', row.epoch,
    'words', row.words, 'not_before', row.not_before, 'added_at', now)
  if row.campaign ~= '' then
    redis.call('HSET', key, 'campaign', row.campaign)
    redis.call('SADD', b .. ':bulk:' .. row.campaign, row.id)
  end
  line_up(b, subject, row.id, row.kind, position, row.campaign, now, now)
end

-- An ended row is remembered for nine days, longer than Meta repeats a status; a parked one until someone acts.
local function finish(b, subject, id, state, reason, now)
  local key = b .. ':r:' .. id
  local kind, campaign = unpack(redis.call('HMGET', key, 'kind', 'campaign'))
  if campaign and redis.call('SREM', b .. ':bulk:' .. campaign, id) == 1 then
    redis.call('HINCRBY', b .. ':tally:' .. campaign, (reason == '' and state or state .. '.' .. reason), 1)
  end
  redis.call('HSET', key, 'state', state, 'reason', reason, 'ended_at', now)
  redis.call('ZREM', b .. ':out:' .. subject, id)
  redis.call('ZREM', b .. ':todo:' .. kind, id)
  redis.call('ZREM', b .. ':sending', id)
  redis.call('ZREM', b .. ':doubt', id)
  redis.call('ZREM', b .. ':open:' .. subject:match('^[^/]+'), id)
  redis.call('ZREM', b .. ':parked', id)
  redis.call('HINCRBY', b .. ':count', 'row.' .. state, 1)
  if state == 'dropped' or state == 'failed' then
    redis.call('HINCRBY', b .. ':count', 'row.' .. state .. '.' .. reason, 1)
  end
  if kind == 'report' then
    redis.call('HINCRBY', b .. ':count', 'report.' .. (reason == '' and state or state .. '.' .. reason), 1)
  end
  if state == 'parked' then
    redis.call('ZADD', b .. ':parked', now, id)
  else
    redis.call('EXPIRE', key, 777600)
  end
end
