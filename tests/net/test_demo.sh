#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_demo.sh SSLAUTO: the demo runs to its end, says what it must, leaves what it promises and
# nothing else behind, also when it is interrupted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-test-demo-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
TMPDIR=$work/tmp
export TMPDIR

fail() {
    echo "FAILED: $*" >&2
    [ ! -f "$work/text" ] || cat "$work/text" >&2
    exit 1
}

# The demo names its folder in every server's command line or environment.
left_behind() {
    for process in /proc/[0-9]*; do
        if tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q "$work/tmp/sslauto-demo"; then
            echo "${process#/proc/}"
        fi
    done
}

sh "$here/../support/demo.sh" "$1" "$work/out" >"$work/text" 2>&1 || fail "the demo ended with $?"
for file in report.html sslauto.db sslauto.conf zones.csv; do
    [ -s "$work/out/$file" ] || fail "no $file"
done
for word in upgrade keep unknown certificate_self_signed https_default_page; do
    grep -q "$word" "$work/out/report.html" "$work/text" || fail "nothing about $word"
done
[ -z "$(left_behind)" ] || fail "processes are left: $(left_behind)"
[ -z "$(ls "$work/tmp")" ] || fail "files are left: $(ls "$work/tmp")"

# Ctrl-C: as from a terminal, to the whole process group.
rm -f "$work/text"
setsid sh -c 'trap - INT; exec sh "$@"' sh "$here/../support/demo.sh" "$1" "$work/out2" \
    >"$work/text" 2>&1 &
demo=$!
tries=0
until grep -q 'scan --all' "$work/text" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "the demo did not come to its scan"
    sleep 0.1
done
kill -TERM -- "-$demo" 2>/dev/null || kill -TERM "$demo"
status=0
wait "$demo" || status=$?
[ $status -ne 0 ] || fail "an interrupted demo says it was fine"
[ -z "$(left_behind)" ] || fail "processes are left: $(left_behind)"
[ -z "$(ls "$work/tmp")" ] || fail "files are left: $(ls "$work/tmp")"
echo "the demo is fine"
