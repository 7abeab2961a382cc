#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shell.sh ROOT: shellcheck has nothing to say about any shell script.
set -eu
cd "$1"
# shellcheck source=tests/style/files.sh
. "$(dirname -- "$0")/files.sh"
command -v shellcheck >/dev/null || {
    echo 'shellcheck is not installed: ./run deps'
    exit 1
}
# SC1091: sourced files need not be found. SC2016: an inner script in single quotes is meant so.
complaints=$(files . '*.sh' run | while read -r file; do
    shellcheck --exclude=SC1091,SC2016 --format=gcc "$file" || true
done)
verdict "$complaints" 'shellcheck'
