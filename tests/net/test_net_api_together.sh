#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # names shared with api_lab.sh
# test_net_api_together.sh SSLAUTO FRAMES: two servers and two controllers on one store, a hundred
# PATCHes of one zone at the same time: one history, no lost update, and the edge has the last mode.
# Then odd frames on sockets.
set -eu
sslauto=$1
frames=$2
# shellcheck source=tests/net/api_lab.sh
. "$(dirname "$0")/api_lab.sh"
api_config <<'END'
rate_requests = 0
[edge]
rec = exec DIR/recorder DIR
END
sed -i "s|DIR|$work|g" "$work/sslauto.conf"
# An edge that does what it was told last, and takes its time for it.
cat >"$work/recorder" <<'END'
#!/bin/sh
read -r document
case $SSLAUTO_CALL in
capabilities) echo '{"capabilities":[]}' ;;
apply)
    mode=$(printf '%s\n' "$document" | sed -E 's/.*"old_mode":"([a-z_]+)".*/\1/')
    sleep 0.05
    echo "$mode" >>"$1/applied"
    ;;
resync) cat >/dev/null ;;
esac
END
chmod +x "$work/recorder"
: >"$work/applied"
api_zones 3
auto --quiet zone set site1.example --edge rec
token=$(auto --quiet token add together -p zone_read -p settings_write)
zone=$(auto zone show site1.example --json | jq -r .id)
api_serve
one=$url
api_serve
two=$url
for i in 1 2; do
    "$sslauto" --config "$work/sslauto.conf" run --no-scans --no-digests 2>"$work/run.$i.log" &
    pids="$pids $!"
done

# What the store counts; "" where there is no sqlite3.
version() {
    command -v sqlite3 >/dev/null || return 0
    sqlite3 "$work/store.db" "SELECT version FROM zones WHERE id = '$zone'"
}
before=$(version)

# Fifty clients to each server, each with another mode than its neighbour.
{
    echo 'parallel'
    echo 'parallel-immediate'
    echo 'parallel-max = 100'
    i=0
    while [ $i -lt 100 ]; do
        case $((i % 4)) in
        0) mode=full base=$one ;;
        1) mode=strict base=$two ;;
        2) mode=flexible base=$one ;;
        3) mode=off base=$two ;;
        esac
        [ $i = 0 ] || echo next
        echo "url = $base/zones/$zone/settings/ssl"
        echo 'request = PATCH'
        echo "header = \"Authorization: Bearer $token\""
        printf 'json = "{\\"value\\":\\"%s\\"}"\n' "$mode"
        echo "output = $work/answer.$i"
        echo 'silent'
        printf '%s\n' 'write-out = "%{http_code}\n"'
        i=$((i + 1))
    done
} >"$work/curl.conf"
curl -K "$work/curl.conf" >"$work/codes.txt" 2>"$work/curl.err" || fail 'curl'
same 'all answered' "$(sort "$work/codes.txt" | uniq -c | tr -s ' ')" ' 100 200'

# Each event begins where the one before it ended, and the last one is what the zone has.
curl -s -H "Authorization: Bearer $token" "$one/zones/$zone/ssl/history?per_page=500" >"$work/history.json"
jq -r '.result | reverse | .[] | select(.kind == "mode_changed") | .detail' "$work/history.json" |
    sed -E 's/.*ssl from ([a-z_]+) to ([a-z_]+),.*/\1 \2/' >"$work/moves.txt"
[ "$(wc -l <"$work/moves.txt")" -ge 4 ] || fail 'hardly any change'
now=$(auto zone show site1.example --json | jq -r .mode)
last=$(awk -v at=flexible '$1 != at { print "a gap at line " NR; exit } $1 == $2 { print "no move"; exit }
    { at = $2 } END { print at }' "$work/moves.txt" | tail -n 1)
same 'one history' "$last" "$now"
same 'custom once' "$(jq '[.result[] | select(.kind == "automatic_changed")] | length' "$work/history.json")" 1
# Every answer told the mode that it set.
i=0
while [ $i -lt 100 ]; do
    case $((i % 4)) in
    0) mode=full ;;
    1) mode=strict ;;
    2) mode=flexible ;;
    3) mode=off ;;
    esac
    same "answer $i" "$(jq -r .result.value "$work/answer.$i")" "$mode"
    i=$((i + 1))
done
# Each write is a version and has its event; the zone may have become custom in one of its own.
if [ -n "$before" ]; then
    writes=$(($(version) - before))
    moves=$(wc -l <"$work/moves.txt")
    [ "$writes" = "$moves" ] || [ "$writes" = $((moves + 1)) ] ||
        fail "$writes versions, $moves changes of the mode"
fi
# The edge has the last mode, however its orders came, and nothing is left to tell it.
i=0
while [ "$(tail -n 1 "$work/applied")" != "$now" ] || [ "$(wc -l <"$work/applied")" != "${seen:-}" ]; do
    seen=$(wc -l <"$work/applied")
    i=$((i + 1))
    [ $i -lt 10 ] || { fail "the edge has $(tail -n 1 "$work/applied"), not $now"; break; }
    sleep 4 # servers and controllers look for orders every second or two
done
auto db check >"$work/check.txt" || fail "db check: $(cat "$work/check.txt")"

port=${one#http://127.0.0.1:}
"$frames" "${port%%/*}" "$token" "$zone" || fail 'frames'
exit "$failed"
