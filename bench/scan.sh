#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bench: scan: 10,000 loopback sites, against the floor and curl -Z
# scan.sh BUILD: CPU per host of `sslauto scan` with its store, in pairs with the floor (bench/floor.c)
# and beside `curl -Z`, on pages that are equal by bytes and on pages with noise; memory at 1,000
# slots and over the number of hosts; records lost. Fails when a bar is broken.
# BENCH_HOSTS (10000), BENCH_PAIRS (5) and BENCH_MANY (50000) make it shorter.
set -eu
build=$(cd -- "$1" && pwd)
here=$(cd -- "$(dirname -- "$0")" && pwd)
hosts=${BENCH_HOSTS:-10000}
pairs=${BENCH_PAIRS:-5}
many=${BENCH_MANY:-50000}
few=$((many / 10))
sslauto=$build/cli/sslauto
floor=$build/bench/floor
measure=$build/bench/measure
page=/about
dir=$(mktemp -d)
chmod 755 "$dir" # nginx's workers give up root
broken=0

stop() {
    [ ! -s "$dir/farm/nginx.pid" ] || kill "$(cat "$dir/farm/nginx.pid")" || true
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM

die() {
    printf '%s\n' "scan bench: $*" >&2
    exit 1
}

# shellcheck disable=SC3045 # dash and bash both have it
ulimit -n 8192 2>/dev/null || die 'needs 8192 open files'

# bar TEXT VALUE MAX
bar() {
    if awk -v value="$2" -v max="$3" 'BEGIN { exit !(value <= max) }'; then
        printf '  %-58s %9s   bar %-8s kept\n' "$1" "$2" "$3"
    else
        printf '  %-58s %9s   bar %-8s BROKEN\n' "$1" "$2" "$3"
        broken=1
    fi
}

median() {
    sort -n | awk '{ v[NR] = $1 } END { printf "%.3f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

column() {
    awk -v column="$1" '{ print $column }' "$2"
}

ports() {
    case $1 in
    same) echo 28080 28443 ;;
    noise) echo 28180 28543 ;;
    esac
}

# Politeness is for other people's machines: here everything is ours.
configure() {
    cat >"$dir/sslauto.conf" <<CONF
[crawl]
threads = 1
pages = 1
gap = 0
per_address = 64
per_network = 1024
rate = 0
allow_nets = 127.0.0.0/8
[scan]
second_look = 0
analysts = 1
[trust]
public = $dir/farm/roots.pem
CONF
}

# store NAME CSV HOSTS: a store with the first of the zones, to be copied for each run
store() {
    head -n $(($3 + 1)) "$dir/farm/$2" >"$dir/zones.csv"
    "$sslauto" --config "$dir/sslauto.conf" --db "sqlite://$dir/$1.db" zone import \
        "$dir/zones.csv" >"$dir/said" 2>&1 || die "import: $(cat "$dir/said")"
}

# scan STORE SLOTS FIGURES: one scan of a fresh copy of the store, left as run.db
scan() {
    rm -f "$dir"/run.db*
    cp "$dir/$1.db" "$dir/run.db"
    status=0
    "$measure" "$3" "$sslauto" --config "$dir/sslauto.conf" --db "sqlite://$dir/run.db" scan --all \
        --concurrency "$2" >"$dir/said" 2>&1 || status=$?
    case $status in
    0 | 3) ;;
    *) die "scan ended with $status: $(tail -n 5 "$dir/said")" ;;
    esac
}

# Every zone has one current scan, and the right one: four of five certificates are good for strict.
lost() {
    "$sslauto" --config "$dir/sslauto.conf" --db "sqlite://$dir/run.db" db check >"$dir/said" 2>&1 ||
        die "db check: $(cat "$dir/said")"
    "$sslauto" --config "$dir/sslauto.conf" --db "sqlite://$dir/run.db" recommendations \
        --format jsonl >"$dir/rows"
    strict=$(grep -c '"mode_recommended": *"strict"' "$dir/rows" || true)
    full=$(grep -c '"mode_recommended": *"full"' "$dir/rows" || true)
    echo $(($1 - strict - full)) $(($1 * 4 / 5 - strict))
}

paired() {
    variant=$1 limit=$2
    # shellcheck disable=SC2046
    set -- $(ports "$variant")
    zones=zones.csv
    [ "$variant" = same ] || zones='zones-noise.csv'
    head -n "$hosts" "$dir/farm/list" >"$dir/list"
    store "$variant" $zones "$hosts"
    rm -f "$dir/floor.txt" "$dir/ours.txt"
    i=0
    while [ "$i" -lt "$pairs" ]; do
        "$measure" "$dir/floor.txt" "$floor" "$dir/list" "$dir/farm/roots.pem" "$1" "$2" 200 $page \
            >"$dir/floor.said" || die "floor: $(cat "$dir/floor.said")"
        scan "$variant" 200 "$dir/ours.txt"
        i=$((i + 1))
    done
    floor_ms=$(awk -v n="$hosts" '{ print $1 * 1000 / n }' "$dir/floor.txt" | median)
    ours_ms=$(awk -v n="$hosts" '{ print $1 * 1000 / n }' "$dir/ours.txt" | median)
    ratio=$(paste -d ' ' "$dir/ours.txt" "$dir/floor.txt" | awk '{ print $1 / $5 }' | median)
    curl_run "$variant" "$1" "$2"
    printf '\npages: %s, %s hosts, %s pairs, 200 at once\n' "$variant" "$hosts" "$pairs"
    printf '  %-16s %14s %10s %9s\n' '' 'CPU ms/host' 'hosts/s' 'RSS MiB'
    figures floor "$floor_ms" "$dir/floor.txt"
    figures 'sslauto scan' "$ours_ms" "$dir/ours.txt"
    printf '  %-16s %14s %10s %9s   no verdict, nothing kept\n' 'curl -Z' "$curl_ms" - -
    printf '  %-58s %9s\n' 'sslauto / curl -Z' \
        "$(awk -v a="$ours_ms" -v b="$curl_ms" 'BEGIN { printf "%.2f", a / b }')"
    bar 'sslauto / floor, CPU, median of pairs' "$ratio" "$limit"
    # shellcheck disable=SC2046
    set -- $(lost "$hosts")
    bar 'records lost' "$1" 0
    bar 'zones that should be strict and are not' "$2" 0
}

figures() {
    printf '  %-16s %14s %10.0f %9s\n' "$1" "$2" \
        "$(awk -v n="$hosts" '{ print n / $2 }' "$3" | median)" "$(column 3 "$3" | median)"
}

# A process for each thousand hosts: with more, curl's pool of connections is what it is busy with.
curl_run() {
    control=0
    [ "$1" = same ] || control=1
    split -l 1000 "$dir/list" "$dir/chunk."
    rm -f "$dir/curl.txt" "$dir/curl.said"
    for chunk in "$dir"/chunk.*; do
        awk -v http="$2" -v https="$3" -v page=$page -v control=$control -f "$here/curl_config.awk" \
            "$chunk" >"$dir/curl.conf"
        "$measure" "$dir/curl.txt" curl -q -s -Z --parallel-max 200 -K "$dir/curl.conf" \
            >>"$dir/curl.said" 2>/dev/null || true
        rm "$chunk"
    done
    curl_ms=$(awk -v n="$hosts" '{ cpu += $1 } END { printf "%.3f", cpu * 1000 / n }' "$dir/curl.txt")
}

# Of origins that are slow: fast ones keep a few hundred slots busy, how many depends on the machine's
# load, and memory follows their number.
memory() {
    printf '\nmemory, pages equal by bytes, 1,000 slots, all of them busy\n'
    for count in $few $many; do
        store "memory-$count" zones-slow.csv "$count"
        rm -f "$dir/memory.txt"
        scan "memory-$count" 1000 "$dir/memory.txt"
        rss=$(column 3 "$dir/memory.txt")
        bar "RSS MiB, $count hosts" "$rss" 200
        [ "$count" != "$few" ] || first=$rss
        # shellcheck disable=SC2046
        set -- $(lost "$count")
        bar "records lost of $count" "$1" 0
    done
    bar "RSS at $many hosts / at $few" \
        "$(awk -v a="$rss" -v b="$first" 'BEGIN { printf "%.3f", a / b }')" 1.10
}

[ -x "$sslauto" ] || die "no $sslauto: build it first (./run bench)"
echo 'building the farm'
most=$hosts
[ "$many" -le "$most" ] || most=$many
sh "$here/farm.sh" "$dir/farm" "$most"
configure
paired same 1.5
paired noise 2.5
memory
[ $broken = 0 ] || die 'a bar is broken'
