#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # names shared with api_lab.sh
# test_net_api_later.sh SSLAUTO: an edge that was away when the server began is told when it is there.
set -eu
sslauto=$1
# shellcheck source=tests/net/api_lab.sh
. "$(dirname "$0")/api_lab.sh"
cat >"$work/edge.sh" <<'END'
#!/bin/sh
[ -e "${0%/*}/there" ] || { echo 'nobody there' >&2; exit 1; }
case $SSLAUTO_CALL in
capabilities) echo '{"capabilities":[]}' ;;
apply) cat >"${0%/*}/applied" ;;
esac
END
chmod 755 "$work/edge.sh"
api_config <<END
[edge]
later = exec $work/edge.sh
[exec]
timeout = 5s
END
api_zones 1
auto --quiet zone set site1.example --edge later
token=$(auto --quiet token add later -p zone_read -p settings_write)
id=$(auto zone list --format jsonl | jq -r .id)
api_serve
grep -q 'edge later: .*nobody there' "$log" || fail 'nobody was told that the edge is away'
said=$(curl -s -X PATCH --header "Authorization: Bearer $token" --header "Content-Type: application/json" --data '{"value":"full"}' \
    "$url/zones/$id/settings/ssl" | tee "$work/answer" | jq -r .result.value)
same 'the mode in the store' "$said" full
[ "$said" = full ] || cat "$work/answer" >&2

touch "$work/there"
i=0
until grep -q '"old_mode":"full"' "$work/applied" 2>/dev/null; do
    i=$((i + 1))
    if [ $i -gt 400 ]; then
        cat "$log" >&2
        fail 'the edge was never told'
        break
    fi
    sleep 0.1
done
same 'how often it was told that the edge is away' "$(grep -c 'edge later: .*its zones wait' "$log")" 1
[ "$failed" = 0 ] && echo 'an edge that comes later is told'
exit "$failed"
