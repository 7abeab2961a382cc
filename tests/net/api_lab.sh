# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what the sourcing test reads, and gives
# Sourced by the tests of the API over HTTP: a folder, a store with zones, servers on free ports.
# Needs $sslauto.

work=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-api-XXXXXX")
pids=''
failed=0

api_end() {
    for pid in $pids; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap api_end EXIT
trap 'exit 130' INT TERM

unset SSLAUTO_CONFIG http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export LC_ALL=C XDG_STATE_HOME="$work"

# Keys of [api] are lines on standard input.
api_config() {
    {
        printf '[store]\nurl = sqlite://%s/store.db\n' "$work"
        printf '[trust]\npublic = %s/public.pem\n[api]\n' "$work"
        cat
    } >"$work/sslauto.conf"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -keyout "$work/key.pem" -out "$work/public.pem" -subj /CN=localhost \
        -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -days 30 2>/dev/null
}

# Named as in the table of commands.
auto() {
    "$sslauto" --config "$work/sslauto.conf" "$@"
}

# api_zones COUNT: site1.example ... of account "acme", one line of CSV each.
api_zones() {
    {
        echo 'name,origin,account,mode'
        i=1
        while [ $i -le "$1" ]; do
            echo "site$i.example,192.0.2.1,acme,flexible"
            i=$((i + 1))
        done
    } >"$work/zones.csv"
    auto --quiet zone import "$work/zones.csv"
}

# api_serve: one more server; its base URL in $url, its process in $pid. Not in a subshell.
api_serve() {
    log=$work/serve.$(printf '%s' "$pids" | wc -w).log
    : >"$log"
    "$sslauto" --config "$work/sslauto.conf" serve --listen 127.0.0.1:0 2>"$log" &
    pid=$!
    pids="$pids $pid"
    i=0
    while ! grep -q '^Listening at ' "$log"; do
        i=$((i + 1))
        if [ $i -gt 100 ] || ! kill -0 "$pid" 2>/dev/null; then
            cat "$log" >&2
            exit 1
        fi
        sleep 0.1
    done
    url=$(sed -n 's/^Listening at //p' "$log")
}

fail() {
    echo "FAILED: $*" >&2
    failed=1
}

# same WHAT GOT WANTED
same() {
    [ "$2" = "$3" ] || fail "$1: \"$2\", not \"$3\""
}
