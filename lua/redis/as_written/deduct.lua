-- The article's deduct, meaning for meaning: no token, no check of the quantity's sign.
-- KEYS: stock   ARGV: quantity
-- Answers 1 taken, 0 not enough, -1 no such stock.
local current = redis.call('GET', KEYS[1])
if not current then
  return -1
end
if tonumber(current) < tonumber(ARGV[1]) then
  return 0
end
redis.call('DECRBY', KEYS[1], ARGV[1])
return 1
