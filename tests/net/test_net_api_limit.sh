#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # names shared with api_lab.sh
# test_net_api_limit.sh SSLAUTO: limits of requests are told and waited for; HTTPS; sizes; frames.
set -eu
sslauto=$1
# shellcheck source=tests/net/api_lab.sh
. "$(dirname "$0")/api_lab.sh"
api_config <<END
rate_requests = 8
rate_window = 3s
certificate = $work/public.pem
key = $work/key.pem
END
api_zones 10
token=$(auto --quiet token add limit -p zone_read -p settings_write)
printf '%s\n' "$token" >"$work/token"
auto zone list --format jsonl | jq -r .id >"$work/zones.txt"
api_serve
case $url in
https://127.0.0.1:*/client/v4) ;;
*) fail "$url is no HTTPS" ;;
esac

ask() {
    curl -s --cacert "$work/public.pem" --header "Authorization: Bearer $token" "$@"
}

# Twenty requests and more, eight in three seconds: all of them done, none refused for good.
begun=$(date +%s)
auto zone opt-out --api "$url" --token-file "$work/token" --ca-file "$work/public.pem" \
    --file "$work/zones.txt" >"$work/lines.txt" 2>"$work/notes.txt" || fail 'opt-out under a limit'
same 'all done' "$(grep -c '	done	custom$' "$work/lines.txt")" 10
grep -q 'HTTP 429: waiting for [1-3] s' "$work/notes.txt" || fail 'nothing was waited for'
[ $(($(date +%s) - begun)) -ge 3 ] || fail 'faster than allowed'

i=0
while [ "$(ask -o "$work/limited.json" -D "$work/head" -w '%{http_code}' "$url/zones")" != 429 ]; do
    i=$((i + 1))
    [ $i -lt 20 ] || { fail 'never limited'; break; }
done
same 'code of the limit' "$(jq .errors[0].code "$work/limited.json")" 971
tr -d '\r' <"$work/head" | grep -qiE '^retry-after: [1-3]$' || fail 'no retry-after'
tr -d '\r' <"$work/head" | grep -qE '^x-ratelimit-reset: [A-Z][a-z]{2}, [0-9]{2} .* GMT$' ||
    fail 'no x-ratelimit-reset'
sleep 3

# Sizes.
head -c 100000 /dev/zero | tr '\0' ' ' >"$work/large"
first=$(head -n 1 "$work/zones.txt")
setting=$url/zones/$first/settings/ssl
same 'large body' "$(ask -X PATCH -o /dev/null -w '%{http_code}' --json "@$work/large" "$setting")" 413
same 'large chunked body' "$(ask -X PATCH -o /dev/null -w '%{http_code}' \
    -H 'Transfer-Encoding: chunked' --json "@$work/large" "$setting")" 413
i=0
: >"$work/headers"
while [ $i -lt 80 ]; do
    echo "X-$i: y" >>"$work/headers"
    i=$((i + 1))
done
same 'many headers' "$(ask -o /dev/null -w '%{http_code}' -H "@$work/headers" "$url/zones")" 431
exit "$failed"
