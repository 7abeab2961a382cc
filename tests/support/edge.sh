# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced, after servers.sh. A real HAProxy as the edge of the demo, and visitors who use it.
#
#   edge_conf                      lines of sslauto.conf for the fleet "main"
#   start_edge                     runs HAProxy with the configuration that sslauto prints
#   start_visitors NAME...         a steady load on those sites from many client addresses
#   stop_visitors                  ends it; every visit is a line "NAME STATUS" in $lab/visits
#
# The caller sets lab, out, sslauto, http_port, https_port, edge_http and edge_port.
# shellcheck disable=SC2154

edge_conf() {
    cat <<END
[edge]
main = haproxy unix:$lab/edge.sock
[haproxy]
maps_dir = $lab/maps
http_port = $http_port
https_port = $https_port
ca_file = $out/test-ca.pem
probe_url = https://127.0.0.1:$edge_port
probe_secret_file = $lab/secret
probe_ca_file = $out/test-ca.pem
END
}

# What an operator changes in the printed configuration: where it listens, its user, its logs.
start_edge() {
    mkdir -p "$lab/maps" "$lab/edge-certs"
    for map in zone ramp origin; do
        : >"$lab/maps/$map.map"
    done
    cat "$lab/pki/good.pem" "$lab/pki/good.key" >"$lab/edge-certs/all.pem"
    "$sslauto" --config "$out/sslauto.conf" edge show main >"$lab/printed.cfg"
    sed -e '/^ *user /d' -e '/^ *group /d' -e 's| group haproxy mode 660| mode 600|' \
        -e "s|^    bind :80\$|    bind 127.0.0.1:$edge_http|" \
        -e "s|^    bind :$edge_port |    bind 127.0.0.1:$edge_port |" \
        -e "s|crt /etc/haproxy/certs/|crt $lab/edge-certs/|" \
        -e 's|^    log /dev/log local0|    nbthread 1|' -e '/^    log global/d' \
        "$lab/printed.cfg" >"$lab/haproxy.cfg"
    if ! haproxy -c -q -f "$lab/haproxy.cfg" >"$lab/haproxy.log" 2>&1; then
        echo "demo: haproxy does not take its configuration:" >&2
        cat "$lab/haproxy.log" >&2
        exit 1
    fi
    haproxy -db -f "$lab/haproxy.cfg" </dev/null >>"$lab/haproxy.log" 2>&1 &
    pids="$pids $!"
    tries=0
    until [ -S "$lab/edge.sock" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ]; then
            echo "demo: haproxy did not come up:" >&2
            cat "$lab/haproxy.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# One round: each site is visited once from each of 20 addresses, each time over a new connection.
# Every third visit is to the home page, which the edge has in its cache; the others it must fetch.
visit_round() {
    awk -v round="$1" -v port="$edge_port" -v ca="$out/test-ca.pem" -v names="$2" 'BEGIN {
        srand(round)
        count = split(names, name, " ")
        for (client = 0; client < 20; client++) {
            from = sprintf("127.40.%d.%d", int(rand() * 250), 1 + int(rand() * 250))
            for (i = 1; i <= count; i++) {
                if (client + i > 1) print "next"
                query = client % 3 ? sprintf("?visit=%d.%d", round, client) : ""
                printf "url = \"https://%s:%d/%s\"\n", name[i], port, query
                printf "resolve = \"%s:%d:127.0.0.1\"\n", name[i], port
                printf "interface = %s\ncacert = \"%s\"\nmax-time = 10\nsilent\n", from, ca
                printf "output = /dev/null\nwrite-out = \"%s %%{http_code}\\n\"\n", name[i]
            }
        }
    }' >"$lab/visits.conf"
    curl -q -Z --parallel-max 20 -K "$lab/visits.conf" >>"$lab/visits" 2>>"$lab/visits.log" || :
}

start_visitors() {
    : >"$lab/visits"
    rm -f "$lab/visitors-stop"
    (
        round=0
        while [ ! -e "$lab/visitors-stop" ]; do
            round=$((round + 1))
            visit_round $round "$*"
            sleep 0.2
        done
    ) &
    visitors=$!
}

stop_visitors() {
    : >"$lab/visitors-stop"
    wait "$visitors" || :
}
