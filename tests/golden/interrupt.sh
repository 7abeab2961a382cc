#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# interrupt.sh SSLAUTO: Ctrl-C, or a closed terminal, in a scan ends it cleanly, says how to go on,
# and nothing is lost. Nobody listens on the origins' ports; the scan waits for its second look when
# the signal comes.
set -eu
[ $# -eq 1 ] || { echo "usage: interrupt.sh SSLAUTO" >&2; exit 2; }
sslauto=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-interrupt-XXXXXX")
scan=
trap '[ -z "$scan" ] || kill -9 "$scan" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null \
    -out public.pem -subj /CN=Interrupt -days 30 2>/dev/null
cat >sslauto.conf <<END
[store]
url = sqlite://$work/store.db
[crawl]
allow_nets = 127.0.0.0/8
gap = 0
[scan]
second_look = 10m
[trust]
public = $work/public.pem
END
export SSLAUTO_CONFIG="$work/sslauto.conf"
unset JOURNAL_STREAM
"$sslauto" -q zone add a.example --origin 127.0.0.1:1:2
"$sslauto" -q zone add b.example --origin 127.0.0.1:1:2

die() {
    echo "$1" >&2
    cat err >&2
    exit 1
}

begin_scan() { # ARGS: a scan that waits for its second look
    "$sslauto" scan "$@" >out 2>err &
    scan=$!
    sleep 1
}

# A shell without job control starts background programs with SIGINT ignored; sslauto takes it.
end_scan() { # SIGNAL: its exit code is in $status
    kill -"$1" "$scan"
    status=0
    wait "$scan" 2>/dev/null || status=$?
    scan=
}

begin_scan --all
end_scan INT
[ $status -eq 1 ] || die "exit $status, not 1"
grep -q 'Go on with: sslauto scan --due' err || die "does not say how to go on"
"$sslauto" db check >/dev/null 2>err || die "the store is not sound"

sed -i 's/second_look = 10m/second_look = 0/' sslauto.conf
sed -i '$a [log]\nlevel = info' sslauto.conf
"$sslauto" scan --due >out 2>err || die "cannot be resumed"
grep -q '^Scanned 2 of 2 zones' err || die "the resumed scan did not do both zones"
grep -q '^sslauto: info: zone a.example: keep, now flexible' err ||
    grep -q '^sslauto: info: zone a.example: unknown, now flexible' err || die "no line per zone"

# Beside a scan that has all zones in work another one does not call them forgotten.
sed -i 's/second_look = 0/second_look = 10m/' sslauto.conf
begin_scan --all
status=0
"$sslauto" scan --all >out2 2>err2 || status=$?
kill -TERM "$scan"
wait "$scan" || true
scan=
cp err2 err
[ $status -eq 0 ] || die "a second scan: exit $status, not 0"
grep -q '^2 zones are in work elsewhere' err || die "does not know the other scan"
! grep -q 'not scanned' err || die "calls zones in work not scanned"

# A scan of zones that are named and not due: what is broken off is due from then on, also when
# nobody was left to say so.
set_second_look() {
    sed -i "s/^second_look = .*/second_look = $1/" sslauto.conf
}

go_on() { # WHICH: one zone is left of a scan that WHICH ended
    set_second_look 0
    "$sslauto" scan --due >out 2>err || die "$1: cannot be resumed"
    grep -q '^Scanned 1 of 1 zones' err || die "$1: the next scan does not go on"
}

set_second_look 0
"$sslauto" scan --due >out 2>err || die "cannot scan what is due"
"$sslauto" scan --due >out 2>err || die "cannot scan nothing"
grep -q '^Scanned 0 of 0 zones' err || die "something is still due"
set_second_look 10m
begin_scan a.example
end_scan INT
[ $status -eq 1 ] || die "a named scan: exit $status, not 1"
grep -q 'Go on with: sslauto scan --due' err || die "a named scan does not say how to go on"
go_on "Ctrl-C"
set_second_look 10m
begin_scan b.example
end_scan KILL
go_on "kill -9"

# Zones named twice are one, those in work elsewhere are left there, unknown ones begin nothing.
"$sslauto" scan a.example a.example >out 2>err || die "a zone named twice: exit $?"
grep -q '^Scanned 1 of 1 zones' err || die "a zone named twice is not one"
set_second_look 10m
begin_scan a.example
set_second_look 0
status=0
"$sslauto" scan a.example b.example >out2 2>err2 || status=$?
kill -TERM "$scan"
wait "$scan" || true
scan=
cp err2 err
[ $status -eq 0 ] || die "beside a scan of one of its zones: exit $status, not 0"
grep -q '^Scanned 1 of 2 zones' err || die "the zone that nobody had in work was not scanned"
grep -q '^1 zone is in work elsewhere' err || die "does not tell of the zone in work elsewhere"
go_on "Ctrl-C beside another scan"
status=0
"$sslauto" scan a.example nowhere.example >out 2>err || status=$?
[ $status -eq 1 ] || die "an unknown zone: exit $status, not 1"
grep -q 'nowhere.example' err || die "does not name the unknown zone"
! grep -q '^Scanned' err || die "zones were scanned beside an unknown one"

# A terminal that closes ends it like Ctrl-C; under nohup it does not.
set_second_look 10m
begin_scan --all
end_scan HUP
[ $status -eq 1 ] || die "SIGHUP: exit $status, not 1"
grep -q 'Go on with: sslauto scan --due' err || die "SIGHUP: does not say how to go on"
nohup "$sslauto" scan --all >out 2>err &
scan=$!
sleep 1
kill -HUP "$scan"
sleep 1
kill -TERM "$scan" || die "a scan under nohup did not outlive its terminal"
status=0
wait "$scan" || status=$?
scan=
[ $status -eq 1 ] || die "SIGTERM: exit $status, not 1"

# A reader that is slower than the scan: no line is torn, and the hint is there.
sed -i 's/second_look = 10m/second_look = 0/' sslauto.conf
{
    echo 'name,origin'
    i=0
    while [ $i -lt 300 ]; do
        echo "slow$i.example,127.0.0.1:1:2"
        i=$((i + 1))
    done
} >slow.csv
"$sslauto" -q zone import slow.csv
mkfifo pipe
{ sleep 4; cat; } <pipe >lines &
reader=$!
"$sslauto" scan --all --jsonl >pipe 2>err &
scan=$!
sleep 3
kill -INT "$scan"
status=0
wait "$scan" || status=$?
scan=
wait "$reader"
[ $status -eq 1 ] || die "slow reader: exit $status, not 1"
grep -q 'Go on with: sslauto scan --due' err || die "slow reader: does not say how to go on"
[ -s lines ] || die "slow reader: nothing arrived"
! grep -qv '^{.*}$' lines || die "slow reader: a line is torn"
[ "$(tail -c 1 lines | od -An -tx1 | tr -d ' ')" = 0a ] || die "slow reader: the last line is torn"
