-- Makes the stock of one product anew, from what the ledger has sold, in a new epoch. Holds of
-- earlier epochs hold nothing any more.
-- KEYS: {p}:s, {p}:x, {p}:u, {p}:log   ARGV: initial, sold, epoch, then user, units, ...
-- Answers 1 done, 0 there is this epoch or a later one already.
local stock, deadlines, users, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local initial, sold, epoch = ARGV[1], ARGV[2], ARGV[3]

local current = redis.call('HGET', stock, 'epoch')
if current and tonumber(current) >= tonumber(epoch) then
  return 0
end
local left = tonumber(initial) - tonumber(sold)
redis.call('DEL', deadlines, users)
redis.call('HSET', stock, 'initial', initial, 'avail', left, 'reserved', '0', 'sold', sold,
           'epoch', epoch)
for i = 4, #ARGV - 1, 2 do
  redis.call('HSET', users, ARGV[i], ARGV[i + 1])
end
redis.call('XADD', log, '*', 'op', 'rebuild', 'rid', '', 'user', '', 'qty', left)
return 1
