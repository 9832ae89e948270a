-- The article's sliding window, meaning for meaning: the caller's clock, members that may collide,
-- and an EXPIRE that fails (after the ZADD) when the window is no whole number of seconds.
-- KEYS: window   ARGV: limit, window in ms, now in ms (the caller's)
-- Answers 1 let through, 0 refused.
local window = tonumber(ARGV[2])
local now = tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - window)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  return 0
end
redis.call('ZADD', KEYS[1], now, now .. ':' .. math.random())
redis.call('EXPIRE', KEYS[1], window / 1000)
return 1
