#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pure.sh ARCHIVE...: the pure rooms do no I/O, read no clock and no environment. Looks at what
# their object code calls.
set -eu
# shellcheck source=tests/style/files.sh
. "$(dirname -- "$0")/files.sh"

complaints=
for archive in "$@"; do
    calls=$(nm -u "$archive" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u |
        grep -xE '(f|fd|v)?open(at|dir)?(64)?|fopen(64)?|freopen(64)?|p?read(64)?|p?write(64)?|f?printf|__f?printf_chk|puts|putchar|fputs|fwrite|fread|socket|connect|send(to|msg)?|recv(from|msg)?|time|gettimeofday|clock_gettime|clock|(secure_)?getenv|rand(om)?|getrandom|system|popen|fork|usleep|nanosleep|sleep' || true)
    for call in $calls; do
        complaints="$complaints$(basename -- "$archive"): calls $call
"
    done
done
verdict "$complaints" 'a pure room takes what it needs, the time too, as arguments'
