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
# shellcheck source=tests/support/browser.sh
. "$here/../support/browser.sh"

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
while read -r zone mode recommended verdict; do
    grep -Eq "^$zone\.example +$mode +$recommended +$verdict " "$work/text" ||
        fail "$zone is not: $verdict, $recommended"
    grep -q "$zone\.example" "$work/out/report.html" || fail "$zone is not in the report"
done <<END
good flexible strict upgrade
self-signed flexible full upgrade
expired flexible full upgrade
wrong-name flexible full upgrade
incomplete flexible full upgrade
default-page flexible flexible keep
https-503 flexible flexible keep
to-https flexible strict upgrade
to-http flexible flexible keep
noise full strict upgrade
renewal flexible strict upgrade
robots flexible - unknown
no-https flexible flexible keep
tls-1-0 flexible strict upgrade
other-server flexible flexible keep
two-origins flexible flexible keep
END
# Two sites arrive, one goes back, and no visitor has noticed anything.
grep -q '^good.example  flexible -> strict  attempt 1  done' "$work/text" || fail 'good did not arrive'
grep -q '^noise.example  full -> strict  attempt 1  done' "$work/text" || fail 'noise did not arrive'
grep -q '^renewal.example  flexible -> strict  attempt 1  cooldown' "$work/text" ||
    fail 'renewal did not go back'
[ "$(grep -c 'visits, 0 failed$' "$work/text")" = 3 ] || fail 'visitors saw failures'
grep -q '<svg class="ramp failed"' "$work/out/report.html" || fail 'no ramp is drawn'
[ -z "$(left_behind)" ] || fail "processes are left: $(left_behind)"
[ -z "$(ls "$work/tmp")" ] || fail "files are left: $(ls "$work/tmp")"

# The report is a page for managers, on a desk and in a hand.
if [ -z "$(page_tools)" ]; then
    page_is_clean "$work/out/report.html" || fail 'the report has errors'
    for width in 375 1280; do
        page_fits "$work/out/report.html" $width || fail 'the report does not fit'
    done
else
    echo "the report's page was not looked at: there is no $(page_tools)"
fi

# Ctrl-C as from a terminal: SIGINT to the demo and all it started, in the middle of its work.
for seconds in 2 15; do # while it scans, and while visitors are moved
    status=0
    timeout -s INT $seconds sh "$here/../support/demo.sh" "$1" "$work/out$seconds" \
        >"$work/text" 2>&1 || status=$?
    [ $status -ne 0 ] || fail "an interrupted demo says it was fine"
    [ -z "$(left_behind)" ] || fail "processes are left: $(left_behind)"
    [ -z "$(ls "$work/tmp")" ] || fail "files are left: $(ls "$work/tmp")"
done
echo "the demo is fine"
