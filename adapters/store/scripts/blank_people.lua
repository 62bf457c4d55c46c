#!lua flags=allow-oom
-- Put nobody in the place of somebody in the list of a campaign, so that the others keep their places. Returns how often
-- they stood there.
--
-- KEYS[1] {B}
-- ARGV    name, nobody, people
--
-- {B}:people:<name>  list of people
-- with arguments
local list, count = KEYS[1] .. ':people:' .. take(), 0
local nobody = take()
for _, each in ipairs(take_list()) do
  for _, place in ipairs(redis.call('LPOS', list, each, 'COUNT', 0)) do
    redis.call('LSET', list, place, nobody)
    count = count + 1
  end
end
return count
