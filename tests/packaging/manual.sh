#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# manual.sh SSLAUTO PAGES PACKAGING: the manual pages have every command, option and key, and are
# well formed; the example configuration equals the table and is valid as it is and with every
# key set to its default.
set -eu
sslauto=$1
pages=$2
packaging=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset SSLAUTO_CONFIG
LC_ALL=C.UTF-8
export LC_ALL
failed=0
complain() {
    printf '%s\n' "$*" >&2
    failed=1
}

# -- every command and option of --help is in sslauto(1), as text a reader sees ------------------
flat() { # no markup, no line ends
    sed -e 's/\\f[BIR]//g' -e 's/\\-/-/g' -e 's/\\&//g' "$1"
}
flat "$pages/sslauto.1" >"$work/page"
"$sslauto" --help | awk '/^Commands/ { on = 1; next } /^Options/ { on = 0 }
    on && /^  [a-z]/ { line = substr($0, 3); sub(/  .*/, "", line); print line }' >"$work/lines"
[ "$(wc -l <"$work/lines")" -ge 20 ] || complain "only $(wc -l <"$work/lines") commands in --help"
while read -r first second rest; do
    command=$first
    if "$sslauto" help "$first" "$second" >/dev/null 2>&1; then
        command="$first $second"
    fi
    grep -qE "^\.SS \"sslauto ${command}[ \"]" "$work/page" || complain "sslauto(1) lacks: $command"
    # shellcheck disable=SC2086 # the words of the command
    "$sslauto" help $command | grep -oE '^  (-[A-Za-z], |    )--[a-z-]+' | grep -oE -- '--[a-z-]+' |
        while read -r option; do
            awk -v command="sslauto $command" -v option="$option" '
                /^\.SS / || /^\.SH / {
                    on = index($0, ".SS \"" command " ") == 1 || $0 == ".SS \"" command "\"" ||
                        $0 ~ /OPTIONS OF EVERY COMMAND/
                }
                on && match($0, option "( |$)") { found = 1 }
                END { exit !found }' "$work/page" || echo "sslauto(1) lacks: $command $option"
        done >>"$work/missing"
done <"$work/lines"
[ ! -s "$work/missing" ] || complain "$(cat "$work/missing")"

# -- every key with its default is in sslauto.conf(5) and in the example --------------------------
flat "$pages/sslauto.conf.5" >"$work/conf-page"
: >"$work/none"
"$sslauto" --config "$work/none" config show --json >"$work/keys.json"
jq -r '.[] | [.key, .allowed, .default] | @tsv' "$work/keys.json" >"$work/keys"
[ "$(wc -l <"$work/keys")" -ge 80 ] || complain "only $(wc -l <"$work/keys") keys"
tab=$(printf '\t')
while IFS="$tab" read -r key allowed preset; do
    section=${key%%.*}
    name=${key#*.}
    [ "$name" != '*' ] || name=NAME
    awk -v section="$section" -v name="$name" -v allowed="$allowed" -v preset="$preset" '
        /^\.SH / { on = $0 == ".SH \"SECTION [" section "]\""; hit = 0 }
        /^\.TP/ { hit = 0 }
        on && $0 == name { hit = 1 }
        { gsub(/\\\(dq/, "\""); gsub(/\\\(ha/, "^"); gsub(/\\\(ti/, "~"); gsub(/\\\(aq/, "\047") }
        hit && index($0, ": " allowed) && (preset == "" || index($0, "default " preset)) { found = 1 }
        END { exit !found }' "$work/conf-page" || complain "sslauto.conf(5) lacks: $key"
done <"$work/keys"

cmp "$pages/sslauto.conf.example" "$packaging/sslauto.conf.example" ||
    complain 'packaging/sslauto.conf.example is not what print_manual prints:' \
        'build/dev/man/print_manual sslauto.conf.example > packaging/sslauto.conf.example'
sed 's/^#\([a-z_0-9]\{1,\} =\)/\1/' "$pages/sslauto.conf.example" >"$work/all.conf"
for file in "$pages/sslauto.conf.example" "$work/all.conf"; do
    "$sslauto" config check "$file" >/dev/null || complain "$file is not valid"
done
# With all of them set, every key says so, and says what it said before.
"$sslauto" --config "$work/all.conf" config show --json >"$work/all.json"
jq -r '.[] | select(.key | endswith("*") | not) | select(.set_by == "default") | .key' \
    "$work/all.json" >"$work/unset"
[ ! -s "$work/unset" ] || complain "the example lacks: $(cat "$work/unset")"
for which in keys all; do
    jq -r '.[] | [.key, .value] | @tsv' "$work/$which.json" >"$work/$which.values"
done
diff "$work/keys.values" "$work/all.values" || complain 'the example has other values than the defaults'

# -- the formatters have nothing to say ----------------------------------------------------------
for page in sslauto.1 sslauto.conf.5; do
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W warning "$pages/$page" >"$work/lint" || complain "$(cat "$work/lint")"
    fi
    if man --version 2>/dev/null | grep -q '^man '; then
        MANWIDTH=80 man --warnings -E UTF-8 -l "$pages/$page" >"$work/text" 2>"$work/lint" ||
            complain "$page: man failed"
        [ ! -s "$work/lint" ] || complain "$(cat "$work/lint")"
        [ "$(wc -l <"$work/text")" -gt 100 ] || complain "$page: next to nothing is shown"
    fi
    gzip -dc "$pages/$page.gz" | cmp - "$pages/$page" || complain "$page.gz is another page"
done
exit $failed
