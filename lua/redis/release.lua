-- Gives back what `rid` holds (release; expire, once the deadline has come) or what it has bought
-- (restock), and the user's share of the cap with it.
-- KEYS: {p}:s, {p}:r:<rid>, {p}:x, {p}:u, {p}:log   ARGV: rid, mode (release|expire|restock)
-- Answers 1, 2 already released (or never reserved: a tombstone now refuses it), -3 confirmed,
-- -9 not sold, -10 not due (or nothing there to expire).
local stock, reservation, deadlines, users, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local rid, mode = ARGV[1], ARGV[2]

if mode ~= 'release' and mode ~= 'expire' and mode ~= 'restock' then
  return redis.error_reply('ERR mode must be release, expire or restock')
end
local held = redis.call('HMGET', reservation, 'state', 'quantity', 'user', 'epoch')
local state = held[1]
if state == 'X' then
  return 2
end
-- Of an earlier epoch: the counters were made anew and know nothing of it.
local counted = held[4] == redis.call('HGET', stock, 'epoch')

local from
if mode == 'restock' then
  if state ~= 'C' then
    return -9
  end
  from = 'sold'
else
  if state == 'C' then
    return -3
  end
  if not state then
    -- Only a release may outrun its reserve; the sweeper expires what it has seen.
    if mode == 'expire' then
      return -10
    end
    redis.call('HSET', reservation, 'state', 'X')
    redis.call('XADD', log, '*', 'op', 'tombstone', 'rid', rid, 'user', '', 'qty', '0')
    return 2
  end
  if mode == 'expire' then
    local time = redis.call('TIME')
    local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    if not counted or tonumber(redis.call('ZSCORE', deadlines, rid)) > now then
      return -10
    end
  end
  from = 'reserved'
end

redis.call('HSET', reservation, 'state', 'X')
if not counted then
  redis.call('XADD', log, '*', 'op', 'tombstone', 'rid', rid, 'user', '', 'qty', '0')
  return 2
end
local quantity = tonumber(held[2])
redis.call('HINCRBY', stock, from, -quantity)
redis.call('HINCRBY', stock, 'avail', quantity)
redis.call('ZREM', deadlines, rid)
if redis.call('HINCRBY', users, held[3], -quantity) == 0 then
  redis.call('HDEL', users, held[3])
end
redis.call('XADD', log, '*', 'op', mode, 'rid', rid, 'user', held[3], 'qty', quantity)
return 1
