#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# spdx.sh ROOT: the first line of every source file (after #!) is its SPDX line.
set -eu
# shellcheck source=tests/style/files.sh
. "$(dirname -- "$0")/files.sh"

complaints=$(files "$1" '*.c' '*.h' '*.sh' '*.cmake' '*.sql' '*.awk' CMakeLists.txt run |
    while read -r file; do
        awk 'NR == 1 && /^#!/ { next }
            { said = /SPDX-License-Identifier: Apache-2\.0/; exit }
            END { exit !said }' "$file" || printf '%s\n' "$file: no SPDX line"
    done)
verdict "$complaints" 'SPDX-License-Identifier: Apache-2.0 comes first'
