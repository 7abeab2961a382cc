#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_net_demo.sh SSLAUTO: the demo runs to its end, says what it must, leaves what it promises and
# nothing else behind, also when it is interrupted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-test-demo-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
chmod 755 "$work" "$work/tmp" # for servers that give up root
TMPDIR=$work/tmp
export TMPDIR

fail() {
    echo "FAILED: $*" >&2
    [ ! -f "$work/text" ] || cat "$work/text" >&2
    exit 1
}

# Every server names its folder in its command line.
left_behind() {
    for process in /proc/[0-9]*; do
        if { tr '\0' ' ' <"$process/cmdline"; } 2>/dev/null | grep -q "$work/tmp/sslauto-demo"; then
            echo "${process#/proc/}"
        fi
    done
}

sh "$here/../support/demo.sh" "$1" "$work/out" >"$work/text" 2>&1 || fail "the demo ended with $?"
for file in report.html sslauto.db sslauto.conf zones.csv; do
    [ -s "$work/out/$file" ] || fail "no $file"
done
while read -r zone recommended verdict; do
    grep -Eq "^$zone\.example +flexible +$recommended +$verdict " "$work/text" ||
        fail "$zone is not: $verdict, $recommended"
    grep -q "$zone\.example" "$work/out/report.html" || fail "$zone is not in the report"
done <<END
good strict upgrade
self-signed full upgrade
expired full upgrade
wrong-name full upgrade
incomplete full upgrade
default-page flexible keep
https-503 flexible keep
to-https strict upgrade
to-http flexible keep
noise strict upgrade
robots - unknown
no-https flexible keep
tls-1-0 strict upgrade
other-server flexible keep
two-origins flexible keep
END
[ -z "$(left_behind)" ] || fail "processes are left: $(left_behind)"
[ -z "$(ls "$work/tmp")" ] || fail "files are left: $(ls "$work/tmp")"

# Ctrl-C as from a terminal: SIGINT to the demo and all it started, in the middle of its work.
status=0
timeout -s INT 2 sh "$here/../support/demo.sh" "$1" "$work/out2" >"$work/text" 2>&1 || status=$?
[ $status -ne 0 ] || fail "an interrupted demo says it was fine"
[ -z "$(left_behind)" ] || fail "processes are left: $(left_behind)"
[ -z "$(ls "$work/tmp")" ] || fail "files are left: $(ls "$work/tmp")"
echo "the demo is fine"
