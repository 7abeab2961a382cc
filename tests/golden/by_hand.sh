#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# by_hand.sh SSLAUTO: zones changed by hand, one by one and by files. What was not named stays, a
# mode is the operator's choice, and the edge hears of it.
set -eu
[ $# -eq 1 ] || { echo "usage: by_hand.sh SSLAUTO" >&2; exit 2; }
sslauto=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-hand-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null \
    -out public.pem -subj /CN=Hand -days 30 2>/dev/null
# An edge that notes what it is told.
cat >edge.sh <<'END'
#!/bin/sh
if [ "$SSLAUTO_CALL" = apply ]; then
    cat >>"$1"
else
    echo '{"capabilities":[],"processes":[{"process":"a","epoch":1,"known":false}]}'
fi
END
chmod +x edge.sh
cat >sslauto.conf <<END
[store]
url = sqlite://$work/store.db
[edge]
shop = exec $work/edge.sh $work/told
[trust]
public = $work/public.pem
END
export SSLAUTO_CONFIG="$work/sslauto.conf"
unset JOURNAL_STREAM
failed=0

fail() {
    echo "FAILED: $*" >&2
    cat err >&2
    failed=1
}

# is ZONE MEMBERS: mode, automatic, plan, and the number of hosts.
is() {
    got=$("$sslauto" zone show "$1" --json | jq -r '"\(.mode) \(.automatic) \(.plan) \(.hosts | length)"')
    [ "$got" = "$2" ] || fail "$1 is $got, not $2"
}

# told MODE: the edge was told that since the last time, once; MODE empty: nothing.
told() {
    "$sslauto" -q tick --no-scans --no-digests 2>err || fail 'tick'
    got=$(jq -r .want.old_mode told 2>/dev/null || true)
    [ "$got" = "$1" ] || fail "the edge was told \"$got\", not \"$1\""
    rm -f told
}

do_it() {
    "$sslauto" "$@" >out 2>err || fail "$*: exit $?"
}

refused() {
    words=$1
    shift
    ! "$sslauto" "$@" >out 2>err || fail "$*: is a success"
    grep -qF -- "$words" err || fail "$*: does not say \"$words\""
}

do_it zone add z.example --origin 192.0.2.1 --edge shop
told ''
do_it zone set z.example --plan pro
is z.example 'flexible auto pro 1'
told ''

# A mode set by hand is a choice.
do_it zone set z.example --mode strict
grep -q 'custom now, because its mode was set by hand' err || fail 'custom without a word'
is z.example 'strict custom pro 1'
told strict
"$sslauto" explain z.example >out || true
grep -q 'ssl from flexible to strict, set by hand' out || fail 'no event of the mode'
grep -q 'ssl_automatic_mode from auto to custom' out || fail 'no event of custom'
do_it zone set z.example --auto
do_it zone set z.example --mode full --auto
is z.example 'full auto pro 1'
told full
do_it zone set z.example --mode full
is z.example 'full custom pro 1'
told ''

# As the API refuses it.
refused 'enterprise plan; this one is on pro' zone set z.example --mode origin_pull
refused 'authenticated origin pulls are on' zone set z.example --authenticated-pulls --mode off
refused 'authenticated origin pulls are on' zone add y.example --origin 192.0.2.1 \
    --authenticated-pulls
refused 'enterprise plan; this one is on free' zone add y.example --origin 192.0.2.1 \
    --mode origin_pull
is z.example 'full custom pro 1'
told ''

# An import changes what it names.
do_it zone set z.example --host www.z.example --origin 192.0.2.2
printf 'name,origin\nz.example,192.0.2.3\n' >zones.csv
do_it zone import --update zones.csv
is z.example 'full custom pro 2'
told ''
"$sslauto" zone show z.example | grep -q 192.0.2.3 || fail 'the origin did not change'
printf 'name,mode\nz.example,strict\n' >zones.csv
do_it zone import --update zones.csv
is z.example 'strict custom pro 2'
told strict
do_it zone set z.example --auto
printf 'name,mode\nz.example,full\n' >zones.csv
do_it zone import --dry-run --update zones.csv
is z.example 'strict auto pro 2'
do_it zone import --update zones.csv
is z.example 'full custom pro 2'
grep -q '1 zones were auto and are custom' err || fail 'custom by an import without a word'
told full
printf 'name,mode\nz.example,origin_pull\n' >zones.csv
refused 'zones.csv:2: origin_pull is for zones on the enterprise plan' zone import --update zones.csv
told ''

# What is written as CSV reads back, also what a spreadsheet would run.
do_it zone add f.example --origin 192.0.2.1 --account @team --plan pro
"$sslauto" zone list --format csv >zones.csv
grep -q "'@team" zones.csv || fail 'a formula in CSV'
do_it zone import --update zones.csv
grep -q '(0 new, 2 updated)' err || fail 'an export does not read back'
"$sslauto" zone list --format csv | cmp -s - zones.csv || fail 'an export changes what it tells'
do_it zone remove f.example

# The time to opt out, also for zones that are auto already.
grace() {
    [ "$("$sslauto" zone show "$1" --json | jq -r .opt_out_until)" = "$2" ] || fail "$1: not until $2"
}
do_it zone add g.example --origin 192.0.2.1
grace g.example null
do_it zone opt-in g.example --until 2999-12-30
grep -q '	done	auto' out || fail 'a zone on auto gets no time to opt out'
grace g.example 2999-12-31T00:00:00Z
"$sslauto" zone show g.example | grep -q '2999-12-31' || fail 'zone show has no time'
"$sslauto" explain g.example >out || true
grep -q 'nothing changes until 2999-12-31' out || fail 'explain has no time'
"$sslauto" explain g.example --json >out || true
[ "$(jq -r .opt_out_until out)" = 2999-12-31T00:00:00Z ] || fail 'explain --json has no time'
do_it zone opt-in g.example --until 2999-12-30
grep -q '	unchanged	auto' out || fail 'the same time is a change'
do_it zone opt-in g.example
grep -q '	unchanged	auto' out || fail 'opt-in without a time takes it away'
printf 'name,plan\ng.example,pro\n' >zones.csv
do_it zone import --update zones.csv
"$sslauto" zone list --format jsonl >zones.jsonl
do_it zone import --update zones.jsonl
grace g.example 2999-12-31T00:00:00Z
do_it zone set g.example --auto
grace g.example null
do_it zone opt-in g.example --until 2999-12-30
do_it zone opt-out g.example
grace g.example null
is g.example 'flexible custom pro 1'

# A whole account.
printf 'name,origin,account\na.example,192.0.2.1,acme\nb.example,192.0.2.1,acme\n' >zones.csv
do_it zone import zones.csv
do_it zone opt-in --account acme --until 2999-12-30
[ "$(grep -c '	done	auto' out)" = 2 ] || fail 'not the whole account'
grace a.example 2999-12-31T00:00:00Z
grace b.example 2999-12-31T00:00:00Z
grace g.example null
do_it zone opt-out --account acme
[ "$(cut -f2,3 out | sort -u)" = 'done	custom' ] || fail 'opt-out of an account'
refused 'account nobody has no zones' zone opt-out --account nobody
refused '--account is for the store' zone opt-out --account acme --api http://x --token-file y
exit $failed
