#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # names shared with api_lab.sh
# test_net_api_page.sh SSLAUTO: the shell commands that the product's page "Encryption modes" prints
# for opting out, unchanged but for host, identifiers and token.
set -eu
sslauto=$1
# shellcheck source=tests/net/api_lab.sh
. "$(dirname "$0")/api_lab.sh"
api_config <<'END'
rate_requests = 1200
END
api_zones 30
token=$(auto --quiet token add page -p zone_read -p settings_read -p settings_write)
api_serve
base=$url
first=$(auto zone show site1.example --json | jq -r .id)
account=$(printf acme | sha256sum | cut -c1-32)

# "Opt out single zone"
export ZONE_ID="$first" CLOUDFLARE_API_TOKEN="$token"
curl -s "$base/zones/$ZONE_ID/settings/ssl_automatic_mode" \
    --request PATCH \
    --header "Authorization: Bearer $CLOUDFLARE_API_TOKEN" \
    --json '{
    "value": "custom"
  }' >"$work/single.json"
same single "$(jq -c '[.success, .result.id, .result.value]' "$work/single.json")" \
    '[true,"ssl_automatic_mode","custom"]'
same 'no scan for custom' "$(jq '.result | has("next_scheduled_scan")' "$work/single.json")" false

# "Opt out multiple zones": the list
curl -s "$base/zones?account.id=$account" \
    --header "Authorization: Bearer $token" \
    --header 'Content-Type: application/json' >"$work/list.json"
same list "$(jq -c '[.success, (.result | length), .result_info.total_count]' "$work/list.json")" \
    '[true,20,30]'

# The script; the page saves zones.txt and reads zone.txt.
cd "$work"
jq -r '.result[].id' list.json >zone.txt
cat >opt-out-multiple-zones.sh <<END
for zoneID in \$(cat zone.txt); do
  printf "Opting out \${zoneID}:\n"
  curl --request PATCH \\
    --url $base/zones/\$zoneID/settings/ssl_automatic_mode \\
    --header 'Authorization: Bearer $token' \\
    --header 'Content-Type: application/json' \\
    --data '{"value":"custom"}'
  printf "\n\n"
done
END
bash opt-out-multiple-zones.sh >out.txt 2>err.txt
same 'bulk script' "$(grep -c '"success":true' out.txt)" 20
same 'zones on custom' "$(auto zone list --format jsonl | grep -c '"automatic":"custom"')" 20

# Ours does the rest, twice, against the same server and on the store.
auto zone list --format jsonl | jq -r .id >zones.txt
printf '%s\n' "$token" >token
auto zone opt-out --api "$base" --token-file token --file zones.txt --done done.txt >lines.txt 2>/dev/null
same 'lines' "$(wc -l <lines.txt)" 30
same 'done' "$(grep -c '	done	custom$' lines.txt)" 10
same 'again: left out' "$(auto zone opt-out --api "$base" --token-file token --file zones.txt \
    --done done.txt 2>/dev/null | wc -l)" 0
status=0
echo not-there.example | auto zone opt-out --api "$base" --token-file token --file - \
    >one.txt 2>/dev/null || status=$?
same 'a failed zone' "$status $(cut -f1,2 one.txt)" '1 not-there.example	failed'
same 'opt-in' "$(auto zone opt-in --file zones.txt --until 2999-12-31 2>/dev/null |
    grep -c '	done	auto$')" 30
same 'opt-out on the store' "$(auto zone opt-out site1.example nobody.example 2>/dev/null |
    cut -f2 | paste -sd ' ')" 'done failed'
# What a token may not do to one zone is that zone's failure: the others are tried.
auto --quiet token add reader -p zone_read -p settings_read >reads.txt
auto zone opt-in site2.example site3.example >/dev/null 2>&1
status=0
auto zone opt-out --api "$base/" --token-file reads.txt site2.example site3.example >lines.txt 2>err.txt || status=$?
same 'a token that may not' "$status $(grep -c '	failed	HTTP 403' lines.txt)" '1 2'
grep -q '0 done, 0 unchanged, 2 failed' err.txt || fail 'sums of failed zones'
same 'slash behind the URL' "$(auto zone opt-out --api "$base//" --token-file token site2.example \
    2>/dev/null | cut -f2)" 'done'
# An unknown token ends it at once.
echo wrong >token
status=0
auto zone opt-out --api "$base" --token-file token --file zones.txt >lines.txt 2>/dev/null || status=$?
same 'wrong token' "$status $(wc -l <lines.txt)" '1 1'
exit "$failed"
