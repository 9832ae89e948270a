#!/bin/sh
# usage: redis_wire.sh [FIREDRILL_PROGRAM]
#
# redis-benchmark, with pipelines of 16, against `firedrill redis-server` and a real redis-server, one
# after the other on each command: requests per second of both, and their ratio (the best of three).
set -u

program=${1-$(dirname "$0")/../build/release/cli/firedrill}
tests='set get incr lpush rpush lpop rpop sadd hset spop zadd zpopmin lrange_100 mset xadd'
directory=$(mktemp -d) || exit 2
trap 'kill $ours $real 2>/dev/null; rm -rf "$directory"' EXIT

"$program" redis-server --port 0 >"$directory/ours.log" 2>&1 &
ours=$!
real_port=$((20000 + $$ % 20000))
redis-server --port "$real_port" --bind 127.0.0.1 --save '' --dir "$directory" >"$directory/real.log" &
real=$!
until grep -q '^Ready' "$directory/ours.log" && redis-cli -p "$real_port" ping >/dev/null 2>&1; do
  kill -0 $ours $real || exit 2
  sleep 0.1
done
our_port=$(sed -n 's/^Ready.*://p' "$directory/ours.log")

# rate PORT TEST
rate() {
  if [ "$2" = xadd ]; then set -- "$1" "" XADD stream '*' field value; else set -- "$1" "-t $2"; fi
  port=$1
  choice=$2
  shift 2
  for _ in 1 2 3; do
    # shellcheck disable=SC2086  # the choice is two words, or none
    redis-benchmark -p "$port" -P 16 -n 200000 -q --csv $choice "$@" |
      sed -n '$s/^"[^"]*","\([0-9.]*\)".*/\1/p'
  done | sort -n | tail -1
}

printf '%-12s %12s %12s %6s\n' command firedrill redis ratio
for test in $tests; do
  mine=$(rate "$our_port" "$test")
  theirs=$(rate "$real_port" "$test")
  printf '%-12s %12.0f %12.0f %6s\n' "$test" "$mine" "$theirs" \
    "$(echo "$mine $theirs" | awk '{ printf "%.2f", $1 / $2 }')"
done
