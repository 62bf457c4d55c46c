-- Note with the contact that this is one of their chats.
local function enrol(b, cid, subject)
  local contact = b .. ':c:' .. cid
  local chats = redis.call('HGET', contact, 'chats')
  if not chats then
    redis.call('HSET', contact, 'chats', subject)
  elseif not (' ' .. chats .. ' '):find(' ' .. subject .. ' ', 1, true) then
    redis.call('HSET', contact, 'chats', chats .. ' ' .. subject)
  end
end
