#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# golden.sh SSLAUTO [--update]: runs commands over a small store and compares what they print with
# the files in cli/. Times and ids are masked. No packet leaves: the origins are on networks that
# the address guard refuses.
set -eu
[ $# -ge 1 ] || { echo "usage: golden.sh SSLAUTO [--update]" >&2; exit 2; }
sslauto=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
update=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-golden-XXXXXX")
trap 'rm -rf "$work"' EXIT
unset NO_COLOR SSLAUTO_CONFIG
export LC_ALL=C.UTF-8 TERM=dumb
cp "$here"/files/* "$work"
cd "$work"
: >public.pem
cat >sslauto.conf <<END
[store]
url = sqlite://$work/store.db
[scan]
second_look = 0
[trust]
public = $work/public.pem
END
cat "$here/../support/empty-roots.pem" >public.pem 2>/dev/null ||
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null \
        -out public.pem -subj /CN=Golden -days 30 2>/dev/null
failed=0

# What differs from run to run: the folder, times, ids, jittered spans.
mask() {
    sed -E -e "s|$work|DIR|g" \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/TIME/g' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DATE/g' \
        -e 's/\b[0-9a-f]{32}\b/ID/g' \
        -e 's/by cli:[a-z0-9_-]+/by cli:USER/' \
        -e 's/in [0-9.]+ s/in N s/'
}

# golden NAME EXIT ARGUMENTS...: both streams and the exit code.
golden() {
    name=$1 want=$2
    shift 2
    status=0
    "$sslauto" --config sslauto.conf "$@" >out 2>err </dev/null || status=$?
    {
        echo "\$ sslauto $*"
        mask <out
        [ ! -s err ] || { echo "--- stderr"; mask <err; }
        echo "--- exit $status"
    } >"$name.got"
    if [ "$update" = --update ]; then
        cp "$name.got" "$here/cli/$name.txt"
    elif ! diff -u "$here/cli/$name.txt" "$name.got"; then
        failed=1
    fi
    if [ "$status" -ne "$want" ]; then
        echo "$name: exit $status, not $want" >&2
        failed=1
    fi
}

golden help 0 --help
for command in check 'zone add' 'zone import' 'zone list' 'zone show' 'zone set' 'zone rescan' 'zone remove' \
    scan recommendations explain compare 'db init' 'db migrate' 'db check' 'db backup' \
    'config check' 'config show' 'rollout start' 'rollout status' 'rollout stop-all' \
    'rollout history' tick run digest 'member add' 'member list' 'member remove' 'edge list' 'edge show' 'edge verify' 'edge resync' version help \
    zone db config rollout edge; do
    # shellcheck disable=SC2086 # the words of the command
    golden "help-$(echo $command | tr ' ' -)" 0 help $command
done
golden config-check 0 config check sslauto.conf
printf '[webhook]\nurl = https://example.org/hook\n' >unsigned.conf
golden config-check-unsigned 0 config check unsigned.conf
golden config-show 0 config show
golden config-show-json 0 config show --json
golden db-init 0 db init
golden zone-list-empty 0 zone list
golden zone-import 0 zone import zones.csv
golden zone-import-jsonl 0 zone import zones.jsonl
golden zone-list 0 zone list
golden zone-list-csv 0 zone list --format csv
golden zone-list-jsonl 0 zone list --format jsonl
golden zone-list-page 0 zone list --after a.example --limit 1
golden zone-show 0 zone show a.example
golden zone-set-mode 0 zone set a.example --mode strict
golden zone-set 0 zone set a.example --mode full --auto --trust '' --probe /x --probe /y
golden zone-show-json 0 zone show a.example --json
golden recommendations-before 0 recommendations
golden scan 0 scan --all
golden recommendations 0 recommendations
golden recommendations-csv 0 recommendations --format csv
golden recommendations-jsonl 0 recommendations --format jsonl
golden recommendations-html 0 recommendations --format html
golden explain 3 explain a.example
golden explain-json 3 explain a.example --json
golden explain-replay 0 explain a.example --replay
golden explain-color 3 --color always explain b.example
golden rollout-status-none 0 rollout status
golden rollout-start 1 rollout start b.example --to strict
golden tick 0 tick --no-scans
golden rollout-abort 1 rollout abort b.example --reason 'not today'
golden rollout-history 0 rollout history b.example
golden rollout-history-json 0 rollout history b.example --json
golden rollout-stop-all 0 rollout stop-all --reason 'storm'
golden rollout-lift 0 rollout stop-all --lift
golden member-add 0 member add Ada@Example.ORG --name 'Ada Lovelace'
golden member-add-twice 2 member add Ada@example.org
golden member-list 0 member list
golden member-list-json 0 member list --json
golden member-remove 0 member remove Ada@example.org
golden token-add-elsewhere 2 token add t --permission zone_read --owner acme --account boats
golden digest-nothing 0 digest --week 2020-W53
golden digest-json 0 digest --week 2020-W53 --json
golden digest-list 0 digest --list
golden digest-send 1 digest --send
golden digest-week 2 digest --week 2025-W53
golden edge-list 0 edge list
golden edge-show 0 edge show haproxy
golden edge-show-dryrun 1 edge show dryrun
golden edge-verify 1 edge verify nowhere
golden check 3 check a.example --origin 127.0.0.1 --second-look 0
golden compare 0 compare same-http.html same-https.html
golden compare-pairs 0 compare --pairs pairs.tsv
golden compare-json 0 compare same-http.html other.html --json
golden zone-rescan 0 zone rescan a.example b.example
golden zone-rescan-again 0 zone rescan --all
golden zone-rescan-missing 1 zone rescan a.example nowhere.example
golden zone-rescan-what 2 zone rescan
golden zone-remove 0 zone remove a.example b.example
golden db-check 0 db check
golden db-migrate 0 db migrate
golden db-backup 0 db backup copy.db
exit $failed
