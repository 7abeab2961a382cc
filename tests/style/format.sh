#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# format.sh ROOT: clang-format 19 would change nothing.
set -eu
# shellcheck source=tests/style/files.sh
. "$(dirname -- "$0")/files.sh"
command -v clang-format-19 >/dev/null || {
    echo 'clang-format-19 is not installed: ./run deps'
    exit 1
}

complaints=$(files "$1" '*.c' '*.h' | while read -r file; do
    clang-format-19 --style="file:$1/.clang-format" --dry-run -Werror "$file" 2>&1 |
        grep 'error:' || true
done)
verdict "$complaints" './run fmt'
