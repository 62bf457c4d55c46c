-- The key that says which shift has a number; `member` is "B number".
local function lease_of(member)
  local business, number = member:match('^(%S+) (%S+)$')
  return 'baton:shift:' .. business .. ':' .. number
end
