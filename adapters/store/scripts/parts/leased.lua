-- Whether somebody still has a subject for deciding. A lease is never longer than 10 s: one that lasts longer was
-- written before the clock was set back.
local function is_leased(lease_until, now)
  local left = tonumber(lease_until or 0) - now
  return left > 0 and left <= 10000
end
