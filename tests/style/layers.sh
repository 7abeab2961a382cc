#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# layers.sh ROOT: who includes whom, against layers.txt. Tests and benches may include every room,
# and the private headers too: they look inside.
set -eu
cd "$1"
# shellcheck source=tests/style/files.sh
. "$(dirname -- "$0")/files.sh"

complaints=$(files . '*.c' '*.h' | sed 's|^\./||' | awk -v layers=tests/style/layers.txt '
    function complain(what) {
        print file ":" line ": " what
    }
    BEGIN {
        while ((getline text < layers) > 0) {
            if (text ~ /^#/ || text !~ /:/) {
                continue
            }
            split(text, halves, ":")
            room = halves[1]
            rooms[room] = 1
            allowed[room, room] = 1
            count = split(halves[2], names, " ")
            for (i = 1; i <= count; i++) {
                allowed[room, names[i]] = 1
            }
        }
    }
    {
        file = $0
        line = 0
        split(file, parts, "/")
        from = parts[1]
        looks_inside = from == "tests" || from == "bench"
        if (!looks_inside && !(from in rooms)) {
            print file ": the room " from " is not in " layers
            next
        }
        while ((getline text < file) > 0) {
            line++
            if (text !~ /^[ \t]*#[ \t]*include[ \t]*"/) {
                continue
            }
            split(text, quoted, "\"")
            target = quoted[2]
            if (split(target, halves, "/") < 2) {
                complain("\"" target "\" does not name its room")
                continue
            }
            to = halves[1]
            if (looks_inside) {
                continue
            }
            if (!((from, to) in allowed)) {
                complain(from " may not include " to)
            } else if (to != from && to != "core" && to != "model" && target != to "/" to ".h") {
                complain("\"" target "\" is private to " to)
            }
        }
        close(file)
    }')
verdict "$complaints" 'tests/style/layers.txt, docs/hacking.md'
