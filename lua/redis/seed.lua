-- Opens the stock of one product, once.
-- KEYS: {p}:s, {p}:log   ARGV: initial, epoch
-- Answers 1 set, 0 already there, -2 initial is not a whole number.
-- Invariant, here and in every other script: avail + reserved + sold = initial, none negative.
local stock, log = KEYS[1], KEYS[2]
local initial, epoch = ARGV[1], ARGV[2]

-- 15 digits: what a double holds exactly, for Redis's Lua counts in doubles.
if not string.find(initial, '^%d+$') or #initial > 15 then
  return -2
end
if redis.call('EXISTS', stock) == 1 then
  return 0
end
redis.call('HSET', stock, 'initial', initial, 'avail', initial, 'reserved', '0', 'sold', '0',
           'epoch', epoch)
redis.call('XADD', log, '*', 'op', 'seed', 'rid', '', 'user', '', 'qty', initial)
return 1
