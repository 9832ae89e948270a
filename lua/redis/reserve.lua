-- Holds `qty` units for `rid` until the server's time reaches now + ttl.
-- KEYS: {p}:s, {p}:r:<rid>, {p}:x, {p}:u, {p}:log
-- ARGV: rid, user, qty, ttl in ms, cap per user (0: none), epoch
-- Answers 1 new, 2 already reserved, 3 already confirmed, 0 not enough, -1 no such product,
-- -2 bad quantity (or ttl, or cap), -4 released, -5 over the cap, -6 another epoch, -7 the same rid
-- with another user or quantity.
local stock, reservation, deadlines, users, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local rid, user, qty, ttl, cap, epoch = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

-- Whole numbers, which a double holds exactly. (Spelt out: without loops and functions a script
-- cannot run for long, and the simulated Redis need not count its instructions.)
if not (string.find(qty, '^%d+$') and string.find(ttl, '^%d+$') and string.find(cap, '^%d+$')) or
    #qty > 15 or #ttl > 15 or #cap > 15 or tonumber(qty) == 0 then
  return -2
end
local counters = redis.call('HMGET', stock, 'avail', 'epoch')
if not counters[1] then
  return -1
end
-- Before the duplicates: a Redis that went back in time must not answer for reservations.
if counters[2] ~= epoch then
  return -6
end

-- Before the stock: the retry of a winner must not hear "sold out". What an earlier epoch held is
-- not held any more.
local held = redis.call('HMGET', reservation, 'state', 'quantity', 'user', 'epoch')
local state = held[1]
if state and not (state == 'R' and held[4] ~= epoch) then
  -- A tombstone has no parameters: the release came first.
  if held[2] and (tonumber(held[2]) ~= tonumber(qty) or held[3] ~= user) then
    return -7
  end
  if state == 'R' then
    return 2
  end
  if state == 'C' then
    return 3
  end
  return -4
end

local wanted = tonumber(qty)
local limit = tonumber(cap)
if limit > 0 and tonumber(redis.call('HGET', users, user) or '0') + wanted > limit then
  return -5
end
if tonumber(counters[1]) < wanted then
  return 0
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HINCRBY', stock, 'avail', -wanted)
redis.call('HINCRBY', stock, 'reserved', wanted)
redis.call('HSET', reservation, 'state', 'R', 'quantity', wanted, 'user', user,
           'epoch', epoch)
redis.call('ZADD', deadlines, now + tonumber(ttl), rid)
redis.call('HINCRBY', users, user, wanted)
redis.call('XADD', log, '*', 'op', 'reserve', 'rid', rid, 'user', user, 'qty', wanted)
return 1
