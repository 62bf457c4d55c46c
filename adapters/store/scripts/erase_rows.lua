#!lua flags=allow-oom
-- Erase rows of chats that are erased. Returns how many there were.
--
-- KEYS[1] {B}
-- ARGV    chats, rows
--
-- {B}:r:<row>  hash of a row, and wherever one that has not ended stands
-- with clock, arguments, rows
local b, now, count = KEYS[1], clock(), 0
local mine, has_ended = {}, {sent = true, dropped = true, failed = true}
for _, each in ipairs(take_list()) do mine[each] = true end
for _, id in ipairs(take_list()) do
  local row = redis.call('HMGET', b .. ':r:' .. id, 'state', 'subject')
  if mine[row[2]] then
    if not has_ended[row[1]] then finish(b, row[2], id, 'dropped', 'erased', now) end
    redis.call('UNLINK', b .. ':r:' .. id)
    count = count + 1
  end
end
return count
