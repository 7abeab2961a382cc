#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# length.sh ROOT: no function over 100 lines. The format puts the braces of a function, and only
# those, alone in the first column.
set -eu
# shellcheck source=tests/style/files.sh
. "$(dirname -- "$0")/files.sh"

complaints=$(files "$1" '*.c' '*.h' | while read -r file; do
    awk -v max=100 '
        /^{$/ { begin = FNR; name = before }
        /^}$/ && begin {
            if (FNR - begin + 1 > max) {
                print FILENAME ":" begin ": " FNR - begin + 1 " lines: " name
            }
            begin = 0
        }
        { before = $0 }' "$file"
done)
verdict "$complaints" 'a function has at most 100 lines, most have fewer than 30'
