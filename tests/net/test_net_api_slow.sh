#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # names shared with api_lab.sh
# test_net_api_slow.sh SSLAUTO DRIP: who sends a byte now and then holds no connection for long, and
# nobody else meanwhile.
set -eu
sslauto=$1
drip=$2
# shellcheck source=tests/net/api_lab.sh
. "$(dirname "$0")/api_lab.sh"
api_config <<'END'
timeout = 2s
connections_per_address = 4
END
api_zones 1
token=$(auto --quiet token add slow -p zone_read -p settings_write)
zone=$(auto zone show site1.example --json | jq -r .id)
api_serve
port=${url#http://127.0.0.1:}
"$drip" "${port%%/*}" "$token" "$zone" 8 &
dripping=$!
# Meanwhile: a line that is kept open and used is not slow, however long it lives.
i=0
: >"$work/keep.conf"
while [ $i -lt 18 ]; do
    [ $i = 0 ] || echo next >>"$work/keep.conf"
    printf 'url = %s/zones\nheader = "Authorization: Bearer %s"\noutput = /dev/null\nsilent\n' \
        "$url" "$token" >>"$work/keep.conf"
    printf '%s\n' 'rate = 2/s' 'write-out = "%{http_code} %{num_connects}\n"' >>"$work/keep.conf"
    i=$((i + 1))
done
curl -K "$work/keep.conf" >"$work/kept.txt" || fail 'curl'
same 'kept open' "$(sort "$work/kept.txt" | uniq -c | tr -s ' ' | paste -sd ,)" ' 17 200 0, 1 200 1'
wait "$dripping" || fail 'slow clients'
exit "$failed"
