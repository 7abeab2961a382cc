#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# selftest.sh RULE CC: plants one violation of the rule in a small tree of its own and demands that
# the rule's script finds it, and finds nothing once it is gone.
set -eu
rule=$1 cc=$2
here=$(cd -- "$(dirname -- "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/core" "$tree/db" "$tree/crawler" "$tree/tests/style"
cp "$here/layers.txt" "$tree/tests/style/"
cp "$here/../../core/banned.h" "$tree/core/"
cp "$here/../../.clang-format" "$tree/"

plant() {
    cat >"$tree/$1"
}

check() {
    case $rule in
    banned) sh "$here/banned.sh" "$tree" "$cc" "$tree/commands.json" ;;
    pure)
        "$cc" -c -o "$tree/room.o" "$tree/crawler/room.c"
        sh "$here/pure.sh" "$tree/room.o"
        ;;
    *) sh "$here/$rule.sh" "$tree" ;;
    esac
}

# finds WORDS: the rule fails and says so.
finds() {
    if check >"$tree/said" 2>&1; then
        echo "$rule: did not find: $1"
        exit 1
    fi
    grep -qF -- "$1" "$tree/said" || {
        echo "$rule: failed, but did not say '$1':"
        cat "$tree/said"
        exit 1
    }
}

content() {
    check >"$tree/said" 2>&1 || {
        echo "$rule: complains about a tree without fault:"
        cat "$tree/said"
        exit 1
    }
}

long_function() {
    printf '// SPDX-License-Identifier: Apache-2.0\nint f(int x)\n{\n'
    seq 1 "$1" | sed 's/.*/    x += &;/'
    printf '    return x;\n}\n'
}

case $rule in
layers)
    echo '#include "db/db.h"' | plant crawler/a.c
    finds 'crawler may not include db'
    rm "$tree/crawler/a.c"
    mkdir "$tree/pipeline" "$tree/attic"
    echo '#include "db/private.h"' | plant pipeline/a.c
    finds '"db/private.h" is private to db'
    echo '#include "near.h"' | plant pipeline/a.c
    finds 'does not name its room'
    echo 'int x;' | plant attic/a.c
    finds 'the room attic is not in'
    rm "$tree/attic/a.c"
    echo '#include "db/db.h"' | plant pipeline/a.c
    content
    ;;
pure)
    echo 'long time(long *); long f(void); long f(void) { return time(0); }' | plant crawler/room.c
    finds 'calls time'
    echo 'int f(int x); int f(int x) { return x; }' | plant crawler/room.c
    content
    ;;
banned)
    echo '{ "command": "cc -c a.c" }' | plant commands.json
    finds 'compiled without core/banned.h'
    echo '{ "command": "cc -include core/banned.h -c a.c" }' | plant commands.json
    content
    sed -i 's/poison strcpy/poison strcpy_not_so/' "$tree/core/banned.h"
    sed -i '/poison/a int strcpy_not_so;' "$tree/core/banned.h"
    finds 'poison'
    ;;
length)
    long_function 98 | plant db/a.c
    finds '101 lines: int f(int x)'
    long_function 97 | plant db/a.c
    content
    ;;
format)
    printf 'int f(int x)\n{\n  return x;\n}\n' | plant db/a.c
    finds 'db/a.c:2'
    printf 'int f(int x)\n{\n    return x;\n}\n' | plant db/a.c
    content
    ;;
spelling)
    printf 'one word is mispel%s\n' led | plant a.md
    finds a.md
    echo 'no word is wrong' | plant a.md
    content
    ;;
spdx)
    printf '#!/bin/sh\necho\n' | plant a.sh
    finds 'a.sh: no SPDX line'
    printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n' | plant a.sh
    content
    ;;
leftovers)
    echo '// TODO: the rest' | plant db/a.c
    finds 'the rest'
    echo '// see /home/ada/notes' | plant db/a.c
    finds ada
    echo '// see docs/home/page' | plant db/a.c
    content
    ;;
shell)
    printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\nrm -rf $1/x\n' | plant a.sh
    finds SC2086
    printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\nrm -rf "$1/x"\n' | plant a.sh
    content
    ;;
links)
    echo 'see [the page](docs/none.md#top)' | plant a.md
    finds 'no docs/none.md'
    echo 'see [it](a.md#top), [them](https://example.org/x), [here](#there)' | plant a.md
    content
    ;;
*)
    echo "$rule: no self-test"
    exit 1
    ;;
esac
