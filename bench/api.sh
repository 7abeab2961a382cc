#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # names shared with api_lab.sh
# api.sh SSLAUTO [SECONDS]: wrk with 200 connections against `sslauto serve` over 10,000 zones, each
# connection with one of 50 tokens, while a scan looks at them on a farm of live origins and writes to
# the same store. Prints rate, p50, p99, what was scanned meanwhile and the server's memory; fails on
# an answer that is no success, a connection that was dropped, a scan that ended or stood still, a p99
# above one second, or memory that grows.
set -eu
sslauto=$1
seconds=${2:-30}
# shellcheck source=tests/net/api_lab.sh
. "$(dirname "$0")/../tests/net/api_lab.sh"
api_config <<'END'
rate_requests = 0
threads = 2
[scan]
second_look = 0
[crawl]
rate = 600
gap = 0
per_network = 64
pages = 1
allow_nets = 127.0.0.0/8
END
chmod 755 "$work" # nginx's workers give up root
sh "$(dirname "$0")/farm.sh" "$work/farm" 10000
trap 'kill "$(cat "$work/farm/nginx.pid")"; api_end' EXIT
cp "$work/farm/roots.pem" "$work/public.pem"
sed '1s/$/,account/; 2,$s/$/,acme/' "$work/farm/zones.csv" >"$work/zones.csv"
auto --quiet zone import "$work/zones.csv"
: >"$work/tokens.lua"
i=0
while [ $i -lt 50 ]; do
    printf 'tokens[%d] = "%s"\n' $i \
        "$(auto --quiet token add "t$i" -p zone_read -p settings_read -p settings_write)" >>"$work/tokens.lua"
    i=$((i + 1))
done
auto zone list --format jsonl --limit 1000 | jq -r '"zones[#zones + 1] = \"" + .id + "\""' >"$work/zones.lua"
cat >"$work/load.lua" <<END
tokens, zones = {}, {}
dofile("$work/tokens.lua")
dofile("$work/zones.lua")
local n = 0
request = function()
  n = n + 1
  local zone = "/client/v4/zones/" .. zones[n % #zones + 1]
  local headers = {["Authorization"] = "Bearer " .. tokens[n % 50], ["Content-Type"] = "application/json"}
  if n % 50 == 0 then return wrk.format("GET", "/client/v4/zones?per_page=50&page=" .. (n % 200 + 1), headers) end
  if n % 25 == 0 then return wrk.format("PATCH", zone .. "/settings/ssl_automatic_mode", headers, '{"value":"custom"}') end
  if n % 3 == 0 then return wrk.format("GET", zone, headers) end
  return wrk.format("GET", zone .. "/settings/ssl", headers)
end
done = function(summary, latency, requests)
  io.write(string.format("rate %.0f p50_ms %.1f p99_ms %.1f bad %d dropped %d\n",
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
END
api_serve
server=$pid
memory() {
    awk '/^VmRSS:/ { print $2 }' "/proc/$server/status"
}
scanned() {
    auto recommendations --format jsonl | grep -c '"scanned_at": *"'
}
"$sslauto" --config "$work/sslauto.conf" --quiet scan --all >"$work/scan.txt" 2>&1 &
scan=$!
pids="$pids $scan"
wrk -t 2 -c 200 -d 5 -s "$work/load.lua" "${url%/client/v4}" >/dev/null
warm=$(memory)
before=$(scanned)
wrk -t 2 -c 200 -d "$seconds" -s "$work/load.lua" "${url%/client/v4}" >"$work/wrk.txt"
after=$(memory)
kill -0 $scan 2>/dev/null || fail "the scan ended too early: $(cat "$work/scan.txt")"
looked=$(($(scanned) - before))
line=$(grep '^rate ' "$work/wrk.txt")
echo "$line scanned $looked rss_warm_kib $warm rss_after_kib $after"
# shellcheck disable=SC2086 # words
set -- $line
bad=$8 dropped=${10} p99=${6%.*}
[ "$bad" = 0 ] || fail "$bad answers were no success"
[ "$dropped" = 0 ] || fail "$dropped connections were dropped or timed out"
[ "$looked" -ge $((seconds * 5)) ] || fail "only $looked zones were scanned meanwhile"
[ "$p99" -le 1000 ] || fail "p99 is $p99 ms"
[ "$after" -le $((warm + warm / 5 + 4096)) ] || fail 'memory grows'
exit "$failed"
