#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# links.sh ROOT: what a page of ours links to inside the project is there.
set -eu
# shellcheck source=tests/style/files.sh
. "$(dirname -- "$0")/files.sh"

complaints=$(files "$1" '*.md' | while read -r page; do
    grep -noE '\]\([^)]+\)' "$page" | while IFS=: read -r line link; do
        target=${link#*(}
        target=${target%)}
        target=${target%%#*}
        case $target in
        '' | *://* | mailto:*) continue ;;
        esac
        [ -e "$(dirname -- "$page")/$target" ] || printf '%s\n' "$page:$line: no $target"
    done
done)
verdict "$complaints" 'a link leads somewhere'
