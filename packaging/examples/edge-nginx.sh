#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# edge-nginx CONFIG [init]: lets sslauto move visitors through an nginx, as a program of its driver `exec`.
# An example to be read, changed and owned by the operator. Needs jq, curl, flock and awk.
#
# What sslauto wants is kept in one file per zone; from all of them one file for nginx is written,
# tested and loaded. Requests are counted from nginx's log. `init`, by hand, writes that file once
# before nginx is started with it. CONFIG is read by this shell:
#
#   state=/var/lib/sslauto/edge-nginx    a directory of this program alone
#   include=/etc/nginx/sslauto/zones.conf    the file that is written, included by nginx
#   log=/var/log/nginx/sslauto.log       the log in the format of edge-nginx.conf
#   nginx=nginx                          the command, with options where it needs them
#   status='127.0.0.1:8098 127.0.0.1:8099'    where nginx tells this program what it has loaded
#   visitors=127.0.0.1:443               where nginx listens for visitors; empty = no probes
#   secret_file=/etc/sslauto/probe.secret    by which nginx knows a probe; empty = no probes
#   probe_ca=                            authorities of nginx's own certificate; empty = unchecked
set -eu
umask 027
LC_ALL=C

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "$@"
    exit 1
}

unfit() { # sslauto's word for: not this zone, not here
    say "$@"
    exit 3
}

if [ $# != 1 ] && [ "${2-}" != init ]; then
    fail 'usage: edge-nginx CONFIG [init]'
fi
visitors='' secret_file='' probe_ca='' nginx=nginx
# shellcheck source=/dev/null
. "$1"
: "${state:?}" "${include:?}" "${log:?}" "${status:?}"
even=${status% *} odd=${status#* }
[ "$even" != "$odd" ] || fail "status needs two addresses, not '$status'"
mkdir -p "$state/zones"
exec 9>>"$state/lock"
flock -w 5 9 || fail "another run holds $state/lock"

secret() {
    [ -z "$secret_file" ] || tr -d '\n' <"$secret_file"
}

# -- what nginx has loaded ------------------------------------------------------------------------
wanted_serial() {
    cat "$state/serial" 2>/dev/null || echo 0
}

# A worker of before a reload takes visitors until it stops to listen. So each file listens for this
# program at the other of the two addresses: while both answer, both files serve visitors. Nothing is
# printed when nobody listens, `?` when nginx does not answer.
loaded_serial() {
    for address in $even $odd; do
        code=0
        curl --silent --max-time 2 "http://$address/serial" || code=$?
        [ $code = 0 ] || [ $code = 7 ] || echo '?' # 7: refused
    done
}

write_zones() { # write_zones SERIAL: all of what nginx includes
    [ $(($1 % 2)) = 0 ] && listen=$even || listen=$odd
    find "$state/zones" -name '*.json' -exec cat {} + | jq -rs --arg serial "$1" \
        --arg listen "$listen" --arg secret "$(secret)" '
        def percent: "\(. / 100 | floor).\(. % 100 | if . < 10 then "0\(.)" else "\(.)" end)%";
        def ramps: .generation > 0 and .share > 0;
        def table(variable; default; value):
            "map $host \(variable) {", "    default \(default);",
            (.[] | . as $z | .zone.hosts[].name | "    \(.) \($z | value);"), "}";
        def group(scheme; port):
            .[].zone.hosts[] | "upstream sslauto_\(scheme)_\(.name) {",
            (.origins[] | "    server \(if .address | test(":") then "[\(.address)]"
                else .address end):\(port);"), "}";
        if all(.[].zone.hosts[]; (.name | test("^[a-z0-9.-]+$"))
               and all(.origins[].address; test("^[A-Za-z0-9.:-]+$"))) | not
        then error("a name that nginx would not take as a name") else . end
        | "# written by edge-nginx; changes are lost",
        "geo $sslauto_serial {\n    default \($serial);\n}",
        "server {\n    listen \($listen);\n    access_log off;",
        "    location = /serial {\n        return 200 $sslauto_serial;\n    }\n}",
        "map $http_x_sslauto_probe $sslauto_probe {\n    default \"\";",
        (if $secret == "" then empty
         else "    \"\($secret) old\" old;", "    \"\($secret) new\" new;" end), "}",
        table("$sslauto_zone"; "-"; .zone.id),
        table("$sslauto_generation"; "0"; .generation),
        table("$sslauto_old"; "none"; .old),
        table("$sslauto_new"; "none"; .new // .old),
        table("$sslauto_ramping"; "no"; if ramps and .share < 10000 then "yes" else "no" end),
        (.[] | select(ramps and .share < 10000)
         | "split_clients \"$remote_addr|\(.zone.id)|\(.generation)\" $sslauto_\(.zone.id) {",
           "    \(.share | percent) new;", "    * old;", "}"),
        table("$sslauto_share"; "old";
              if ramps | not then "old" elif .share == 10000 then "new"
              else "$sslauto_\(.zone.id)" end),
        group("http"; .http_port), group("https"; .https_port)'
}

# Writes, tests, loads, and waits until nginx says so. A file that nginx refuses is taken back.
load() {
    serial=$(($(wanted_serial) + 1))
    write_zones "$serial" >"$include.new"
    [ ! -e "$include" ] || cp -p "$include" "$include.old"
    mv "$include.new" "$include"
    if ! words=$($nginx -t -q 2>&1); then
        [ ! -e "$include.old" ] || mv "$include.old" "$include"
        say "$words"
        say 'nginx refuses the file'
        return 1
    fi
    $nginx -s reload || return 1
    echo "$serial" >"$state/serial"
    tries=0
    until [ "$(loaded_serial)" = "$serial" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 50 ]; then
            say "nginx does not answer at $listen with what it was told to load, and there alone"
            return 1
        fi
        sleep 0.1
    done
}

# -- the calls ------------------------------------------------------------------------------------
zone_of() {
    id=$(printf '%s' "$request" | jq -r .zone.id)
    expr "$id" : '[0-9a-f]\{32\}$' >/dev/null || fail 'no zone id'
    file=$state/zones/$id.json
}

call_capabilities() {
    if [ -n "$visitors" ] && [ -n "$secret_file" ]; then
        echo '{"capabilities":["counts","sticky","fallback","probes"]}'
    else
        echo '{"capabilities":["counts","sticky","fallback"]}'
    fi
}

# sslauto applies every few seconds, to renew leases that nginx has not: only a change is loaded.
call_apply() {
    zone_of
    case $(printf '%s' "$request" | jq -r '"\(.want.old_mode) \(.want.new_mode)"') in
    *origin_pull*) unfit 'origin_pull is not configured at this nginx; choose off to strict' ;;
    esac
    printf '%s' "$request" | jq -e '.zone
        | (.authenticated_pulls or .replace_roots or .trust_sets != []) | not' >/dev/null ||
        unfit 'further authorities and client certificates are not configured at this nginx'
    printf '%s' "$request" | jq -e 'all(.zone.hosts[];
        .host_header == null and .sni == null and .extra_names == [])' >/dev/null ||
        unfit 'another name in Host, SNI or certificate is not configured at this nginx'
    printf '%s' "$request" | jq -c '{zone, old: .want.old_mode, new: .want.new_mode,
        share: .want.share_bp, generation: .want.generation}' >"$file.new"
    if cmp -s "$file.new" "$file" && [ "$(loaded_serial)" = "$(wanted_serial)" ]; then
        rm "$file.new"
        return 0
    fi
    [ ! -e "$file" ] || cp "$file" "$file.old"
    mv "$file.new" "$file"
    if ! load; then
        rm "$file"
        [ ! -e "$file.old" ] || mv "$file.old" "$file"
        exit 1
    fi
    rm -f "$file.old"
}

# The epoch, in `read` as in `counters`: when counting began. By it a share that became 0 is known to
# be somebody's stop, and not a restart.
epoch() {
    [ -e "$state/sums" ] || echo "- 0 $(date +%s)" >"$state/sums"
    read -r _ _ began <"$state/sums"
    echo "$began"
}

call_read() {
    zone_of
    epoch=$(epoch)
    loaded=$(loaded_serial)
    case $loaded in
    '' | *'?'*) fail "nginx does not answer at $even or $odd" ;;
    esac
    if [ "$loaded" = "$(wanted_serial)" ] && [ -e "$file" ]; then
        jq -c --argjson epoch "$epoch" '{processes: [{process: "nginx", $epoch, known: true, old_mode: .old,
            new_mode: .new, share_bp: .share, generation}]}' "$file"
    else
        echo "{\"processes\":[{\"process\":\"nginx\",\"epoch\":$epoch,\"known\":false}]}"
    fi
}

# $state/sums: the log's inode, how far it was read, when counting began; then per zone, generation
# and cohort what was counted. One file, so that a run that is killed counts nothing twice.
count_log() {
    epoch >/dev/null
    [ -e "$log" ] || fail "there is no log $log"
    read -r inode offset began <"$state/sums"
    now_inode=$(stat -c %i "$log")
    size=$(stat -c %s "$log")
    if [ "$inode" != "$now_inode" ] || [ "$size" -lt "$offset" ]; then
        offset=0
    fi
    {
        echo "$now_inode $size $began"
        tail -c "+$((offset + 1))" "$log" | head -c "$((size - offset))" |
            awk -F '|' -v sums="$state/sums" '
            BEGIN {
                FS = " "
                while ((getline line < sums) > 0) {
                    if (split(line, f, " ") == 9) {
                        key = f[1] " " f[2] " " f[3]
                        keys[key] = 1
                        for (i = 4; i <= 9; i++) {
                            sum[key, i] = f[i]
                        }
                    }
                }
                FS = "|"
            }
            NF != 7 || $3 == "plain" || $1 == "-" { next }
            {
                key = $1 " " $2 " " $3
                keys[key] = 1
                sum[key, 4]++
                groups = split($4, statuses, " : ") # one for each mode that was tried
                split($5, times, " : ")
                tried = split(statuses[1], status, ", ") # one for each origin
                split(times[1], time, ", ")
                if ($6 == "HIT") {
                    sum[key, 9]++
                } else if (groups > 1 && times[groups] !~ /-$/) {
                    sum[key, 8]++ # the old mode answered instead
                } else if (time[tried] == "-") {
                    sum[key, 7]++
                } else if (status[tried] ~ /^5/) {
                    sum[key, 5]++
                } else if (status[tried] ~ /^3/ && $7 == "1") {
                    sum[key, 6]++
                }
            }
            END {
                for (key in keys) {
                    printf "%s", key
                    for (i = 4; i <= 9; i++) {
                        printf " %d", sum[key, i]
                    }
                    printf "\n"
                }
            }'
    } >"$state/sums.new"
    mv "$state/sums.new" "$state/sums"
}

call_counters() {
    zone_of
    generation=$(printf '%s' "$request" | jq -r .generation)
    count_log
    awk -v id="$id" -v generation="$generation" '
        NR == 1 {
            printf "{\"processes\":[{\"process\":\"nginx\",\"epoch\":%s,\"counts\":{", $3
            next
        }
        $1 == id && $2 == generation {
            printf "%s\"%s\":{\"requests\":%s,\"server_errors\":%s,\"redirects\":%s,", comma, $3,
                $4, $5, $6
            printf "\"connect_failures\":%s,\"fallbacks\":%s,\"cache_hits\":%s}", $7, $8, $9
            comma = ","
        }
        END { print "}}]}" }' "$state/sums"
}

call_forget() {
    zone_of
    generation=$(printf '%s' "$request" | jq -r .generation)
    count_log
    awk -v id="$id" -v generation="$generation" '$1 != id || $2 != generation' \
        "$state/sums" >"$state/sums.new"
    mv "$state/sums.new" "$state/sums"
}

call_probe() {
    zone_of
    name=$(printf '%s' "$request" | jq -r .zone.name)
    side=$(printf '%s' "$request" | jq -r '.cohort | ltrimstr("probe_")')
    trust='--insecure'
    [ -z "$probe_ca" ] || trust="--cacert $probe_ca"
    # The secret goes by standard input: arguments can be seen by every user.
    # shellcheck disable=SC2086 # two words, or one
    if seen=$(printf 'X-Sslauto-Probe: %s %s\n' "$(secret)" "$side" |
        curl --silent --show-error --max-time 5 $trust --connect-to "::$visitors" --header @- \
            --output /dev/null --write-out '%{http_code} %header{x-sslauto-mode}' \
            "https://$name/" 2>"$state/words"); then
        jq -nc --arg seen "$seen" '($seen | split(" ")) as $s
            | {answered: true, status: ($s[0] | tonumber)}
            + if $s[1] == "" or $s[1] == null then {} else {mode: $s[1]} end'
    else
        jq -nc --rawfile words "$state/words" '{answered: false, words: ($words | .[0:200])}'
    fi
}

call_stop_all() {
    count=0
    for file in "$state"/zones/*.json; do
        if [ -e "$file" ] && jq -e '.generation > 0 and .share > 0' "$file" >/dev/null; then
            jq -c '.share = 0' "$file" >"$file.new"
            mv "$file.new" "$file"
            count=$((count + 1))
        fi
    done
    [ $count = 0 ] || load
    echo "{\"count\":$count}"
}

# Whether the zone is at a stronger mode here than it is told: it keeps that, unless the operator
# says `overwrite`.
stronger() {
    [ -e "$state/zones/$1.json" ] || return 1
    printf '%s\n' "$2" | jq -r --slurpfile here "$state/zones/$1.json" '
        def rank: {off: 0, flexible: 1, full: 2, strict: 3}[.];
        if ($here[0].generation == 0) and (($here[0].old | rank) > (.old | rank)) then
            "\(.zone.name) is at \($here[0].old) there, and the store says \(.old)"
        else empty end' >"$state/left.one"
    [ -s "$state/left.one" ] || return 1
    cat "$state/left.one" >>"$state/left"
}

# Ramps that are there stay; the steady state of all other zones is what was told.
call_resync() {
    rm -rf "$state/zones.new" "$state/zones.old"
    mkdir "$state/zones.new"
    : >"$state/left"
    read -r head
    overwrite=$(printf '%s\n' "$head" | jq -r '.overwrite // false')
    jq -r 'select(.mode) | if .mode == "origin_pull" then error("\(.zone.name): origin_pull")
        else "\(.zone.id) \({zone, old: .mode, new: null, share: 0, generation: 0} | tojson)" end' |
        while read -r id line; do
            if [ "$overwrite" = false ] && stronger "$id" "$line"; then
                cp "$state/zones/$id.json" "$state/zones.new/"
            else
                printf '%s\n' "$line" >"$state/zones.new/$id.json"
            fi
        done
    find "$state/zones" -name '*.json' -exec grep -L '"generation":0}' {} + |
        while read -r file; do
            cp "$file" "$state/zones.new/"
        done
    mv "$state/zones" "$state/zones.old"
    mv "$state/zones.new" "$state/zones"
    if ! load; then
        rm -rf "$state/zones"
        mv "$state/zones.old" "$state/zones"
        exit 1
    fi
    rm -rf "$state/zones.old"
    jq -nRc '[inputs] | if . == [] then empty else {left: length, words: .[0]} end' <"$state/left"
}

if [ "${2-}" = init ]; then
    write_zones "$(wanted_serial)" >"$include.new"
    mv "$include.new" "$include"
    exit 0
fi
case ${SSLAUTO_CALL-} in
capabilities | stop_all | resync) "call_$SSLAUTO_CALL" ;;
apply | read | counters | probe | forget)
    request=$(cat)
    "call_$SSLAUTO_CALL"
    ;;
*) fail "unknown call: ${SSLAUTO_CALL-none}" ;;
esac
