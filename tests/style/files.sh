# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# files ROOT PATTERN...: the project's own files with these names, one a line, in order.
files() {
    files_root=$1
    shift
    files_first=$1
    shift
    for files_pattern in "$@"; do
        set -- "$@" -o -name "$files_pattern"
        shift
    done
    find "$files_root" \( -path "$files_root/.git" -o -path "$files_root/build*" \
        -o -path "$files_root/demo-out" \) -prune -o -type f \
        \( -name "$files_first" "$@" \) -print | sort
}

# verdict COMPLAINTS RULE: prints the complaints, fails when there are any.
verdict() {
    [ -n "$1" ] || return 0
    printf '%s\nrule: %s\n' "$1" "$2"
    return 1
}
