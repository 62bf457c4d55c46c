#!lua
-- Tell the owner or whoever runs Baton something, outside of any decision.
--
-- KEYS[1] {B}
-- ARGV    kind, blob
--
-- {B}:alerts  zset id -> ms when it was last told    {B}:alert  hash id -> count, first ms, kind\0blob
-- with clock, tell
tell(KEYS[1], ARGV[1], ARGV[2], clock())
return 1
