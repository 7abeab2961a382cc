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
for word in upgrade keep unknown certificate_self_signed https_default_page; do
    grep -q "$word" "$work/out/report.html" "$work/text" || fail "nothing about $word"
done
[ -z "$(left_behind)" ] || fail "processes are left: $(left_behind)"
[ -z "$(ls "$work/tmp")" ] || fail "files are left: $(ls "$work/tmp")"

# Ctrl-C as from a terminal: SIGINT to the demo and all it started, in the middle of its work.
status=0
timeout -s INT 2 sh "$here/../support/demo.sh" "$1" "$work/out2" >"$work/text" 2>&1 || status=$?
[ $status -ne 0 ] || fail "an interrupted demo says it was fine"
[ -z "$(left_behind)" ] || fail "processes are left: $(left_behind)"
[ -z "$(ls "$work/tmp")" ] || fail "files are left: $(ls "$work/tmp")"
echo "the demo is fine"
