#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# banned.sh ROOT CC COMPILE_COMMANDS: every word poisoned in core/banned.h really fails to compile,
# and every file of the build is compiled with core/banned.h in front.
set -eu
root=$1 cc=$2 commands=$3
# shellcheck source=tests/style/files.sh
. "$(dirname -- "$0")/files.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

compiles() {
    printf '%s\n' "$1" >"$dir/try.c"
    "$cc" -std=gnu17 -include "$root/core/banned.h" -fsyntax-only -w "$dir/try.c" 2>"$dir/said"
}

complaints=
words=$(sed -n 's/^#pragma GCC poison //p' "$root/core/banned.h")
[ -n "$words" ] || complaints='core/banned.h poisons nothing
'
compiles 'int main(void) { return 0; }' || complaints="$complaints$(cat "$dir/said")
"
for word in $words; do
    if compiles "int try(void); int try(void) { return (int)(long)&$word; }"; then
        complaints="$complaints$word compiles
"
    elif ! grep -q poison "$dir/said"; then
        complaints="$complaints$word fails, but not for being poisoned: $(head -n 1 "$dir/said")
"
    fi
done
bare=$(grep '"command":' "$commands" | grep -v -- '-include [^ ]*core/banned.h' |
    grep -v verify_interface_header_sets | sed 's/.* -c //' || true)
[ -z "$bare" ] || complaints="$complaints$bare: compiled without core/banned.h"
verdict "$complaints" 'core/banned.h, and the target "hardening" in cmake/hardening.cmake'
