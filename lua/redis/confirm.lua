-- Sells what `rid` holds. A hold past its deadline may still be confirmed: it is held until `expire`.
-- KEYS: {p}:s, {p}:r:<rid>, {p}:x, {p}:log   ARGV: rid
-- Answers 1, 2 already confirmed, -4 released, -8 unknown (or held in an earlier epoch: the stock
-- was made anew without it).
local stock, reservation, deadlines, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local rid = ARGV[1]

local held = redis.call('HMGET', reservation, 'state', 'quantity', 'user', 'epoch')
local state = held[1]
if not state then
  return -8
end
if state == 'C' then
  return 2
end
if state ~= 'R' then
  return -4
end
if held[4] ~= redis.call('HGET', stock, 'epoch') then
  return -8
end

local quantity = tonumber(held[2])
redis.call('HINCRBY', stock, 'reserved', -quantity)
redis.call('HINCRBY', stock, 'sold', quantity)
redis.call('HSET', reservation, 'state', 'C')
redis.call('ZREM', deadlines, rid)
redis.call('XADD', log, '*', 'op', 'confirm', 'rid', rid, 'user', held[3], 'qty', quantity)
return 1
