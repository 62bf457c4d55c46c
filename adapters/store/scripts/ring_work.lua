#!lua
-- Say that a business has work that is no message. Returns 1 when a job should be enqueued: nobody works, and nobody
-- was told so within a second.
--
-- KEYS[1] baton
-- ARGV    business
--
-- baton:work  zset B -> ms    baton:working  string, while somebody works    baton:work_bell  string
-- with clock
redis.call('ZADD', 'baton:work', 'NX', clock(), ARGV[1])
if redis.call('EXISTS', 'baton:working') == 1 then return 0 end
return redis.call('SET', 'baton:work_bell', '1', 'NX', 'PX', 1000) and 1 or 0
