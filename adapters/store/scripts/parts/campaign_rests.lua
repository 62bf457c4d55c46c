-- Whether a row may not leave since its campaign is paused or over. One that was parked has left its campaign: a person
-- decides about it.
local function campaign_rests(b, id, campaign)
  return campaign and redis.call('HGET', b .. ':campaign:' .. campaign, 'state') ~= 'running'
    and redis.call('SISMEMBER', b .. ':bulk:' .. campaign, id) == 1
end
