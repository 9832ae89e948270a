-- Moves an order to another status, if it stands in one of those named. Asking again is harmless.
-- KEYS: order:<id>   ARGV: to, reason, from...
-- Answers {status, reason} as they stand afterwards; {} where there is no such order.
local seen = redis.call('HMGET', KEYS[1], 'status', 'reason')
if not seen[1] then
  return {}
end
for i = 3, #ARGV do
  if seen[1] == ARGV[i] then
    redis.call('HSET', KEYS[1], 'status', ARGV[1], 'reason', ARGV[2])
    return {ARGV[1], ARGV[2]}
  end
end
return {seen[1], seen[2]}
