-- Read ARGV from left to right; a list is its length and then its items.
local taken = 0
local function take()
  taken = taken + 1
  return ARGV[taken]
end
local function take_list()
  local items = {}
  for i = 1, tonumber(take()) do items[i] = take() end
  return items
end
