-- Opens an order record, once. Until the order service has its database.
-- KEYS: order:<id>   ARGV: user, idempotency key, product, quantity, fingerprint of the body
-- Answers {1, 'PENDING', ''} new; {2, status, reason} the same order is there; {3} the key was used
-- with another body.
local seen = redis.call('HMGET', KEYS[1], 'status', 'reason', 'fingerprint')
if seen[1] then
  if seen[3] ~= ARGV[5] then
    return {3}
  end
  return {2, seen[1], seen[2]}
end
redis.call('HSET', KEYS[1], 'status', 'PENDING', 'reason', '', 'user', ARGV[1], 'key', ARGV[2],
           'product', ARGV[3], 'quantity', ARGV[4], 'fingerprint', ARGV[5])
return {1, 'PENDING', ''}
