-- A sliding window over the server's own time; a request takes one slot however often it is asked.
-- KEYS: window   ARGV: limit, window in ms, request id
-- Answers 1 let through, 0 refused.
local key = KEYS[1]
local limit, window, request = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

-- Microseconds since 1970 have 16 digits: exact in a double, and redis.call spells numbers with 17.
-- Never join them to a string: Lua 5.1 would round them to 14.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window * 1000)
if redis.call('ZSCORE', key, request) then
  return 1
end
if redis.call('ZCARD', key) >= limit then
  return 0
end
redis.call('ZADD', key, now, request)
-- Rounded up, and a second more: TTLs count from the moment the script began, not from `now`.
redis.call('EXPIRE', key, math.ceil(window / 1000) + 1)
return 1
