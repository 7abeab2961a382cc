#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_net_nginx_edge.sh EDGE_CALL: the example program packaging/examples/edge-nginx.sh, called by
# the driver exec, moves real visitors of a real nginx between real origins.
set -eu
call=$1
here=$(cd "$(dirname "$0")" && pwd)
examples=$here/../../packaging/examples
# shellcheck source=tests/support/ports.sh
. "$here/../support/ports.sh"
for tool in nginx jq curl openssl flock awk; do
    command -v $tool >/dev/null || {
        echo "skipped: there is no $tool"
        exit 77
    }
done
lab=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-nginx-edge-XXXXXX")
chmod 755 "$lab" # for workers that give up root
edge_pid='' origin_pid=''

stop() {
    for pid in $edge_pid $origin_pid; do
        kill "$pid" 2>/dev/null || :
        wait "$pid" 2>/dev/null || :
    done
    edge_pid='' origin_pid=''
}

finish() {
    stop
    rm -rf "$lab"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
    echo "FAILED: $*" >&2
    for file in "$lab/said" "$lab/edge/error.log" "$lab/zones.conf"; do
        [ ! -s "$file" ] || { echo "-- $file" && tail -n 40 "$file"; } >&2
    done
    exit 1
}

# shellcheck disable=SC2046 # seven words
set -- $(free_ports 7)
http=$1 good=$2 bad=$3 visitors_http=$4 visitors=$5 status=$6 status2=$7
sh "$here/../support/pki.sh" "$lab/pki" shop.example bad.example >/dev/null 2>&1
temp_paths='client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
    uwsgi_temp_path tmp; scgi_temp_path tmp;'

# -- the origins: one says how it was reached; one has a certificate that nobody knows ------------
mkdir -p "$lab/origin/tmp" "$lab/edge/tmp" "$lab/state"
[ "$(id -u)" != 0 ] || chown www-data "$lab/origin/tmp" "$lab/edge/tmp"
user=
[ "$(id -u)" != 0 ] || user='user www-data;'
origin_tls() {
    echo "ssl_certificate $lab/pki/$1.pem; ssl_certificate_key $lab/pki/$1.key;"
}
cat >"$lab/origin/nginx.conf" <<END
$user
worker_processes 1;
pid nginx.pid;
events { worker_connections 256; }
http {
    access_log off;
    $temp_paths
    server { listen 127.0.0.1:$http; location / { return 200 http; }
        location /moved { return 302 /; } location /broken { return 503; } }
    server { listen 127.0.0.1:$good ssl; $(origin_tls good) location / { return 200 https; }
        location /moved { return 302 /; } location /broken { return 503; } }
    server { listen 127.0.0.1:$bad ssl; $(origin_tls self-signed) location / { return 200 https; } }
}
END

# -- the edge, as the operator sets it up ---------------------------------------------------------
printf 'a-secret-of-the-probes\n' >"$lab/secret"
cp "$lab/pki/good.key" "$lab/edge/its.key"
sed -e "s|@INCLUDE@|$lab/zones.conf|" -e "s|@HTTP@|127.0.0.1:$visitors_http|" \
    -e "s|@HTTPS@|127.0.0.1:$visitors|" -e "s|@LOG@|$lab/edge/sslauto.log|" \
    -e "s|@CERTIFICATE@|$lab/pki/good.pem|" -e "s|@KEY@|$lab/edge/its.key|" \
    -e "s|@AUTHORITIES@|$lab/pki/public.pem|" \
    "$examples/edge-nginx.conf" >"$lab/edge/sslauto.conf"
cat >"$lab/edge/nginx.conf" <<END
$user
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 512; }
http {
    $temp_paths
    include sslauto.conf;
}
END
nginx="nginx -p $lab/edge/ -c $lab/edge/nginx.conf -e $lab/edge/error.log"
cat >"$lab/edge-nginx.conf" <<END
state=$lab/state
include=$lab/zones.conf
log=$lab/edge/sslauto.log
nginx='$nginx'
status='127.0.0.1:$status 127.0.0.1:$status2'
visitors=127.0.0.1:$visitors
secret_file=$lab/secret
END

start_origin() {
    rm -f "$lab/origin/nginx.pid"
    nginx -p "$lab/origin/" -c "$lab/origin/nginx.conf" -e "$lab/origin/error.log" \
        -g 'daemon off;' </dev/null &
    origin_pid=$!
    tries=0
    until [ -s "$lab/origin/nginx.pid" ]; do
        tries=$((tries + 1))
        [ $tries -le 100 ] || fail 'the origin did not come up'
        sleep 0.1
    done
}

start_edge() {
    $nginx -g 'daemon off;' </dev/null &
    edge_pid=$!
    tries=0
    until [ -s "$lab/edge/nginx.pid" ]; do
        tries=$((tries + 1))
        [ $tries -le 100 ] || fail 'nginx did not come up'
        sleep 0.1
    done
}

shop=00000000000000000000000000000001
other=00000000000000000000000000000002
edge() { # edge ZONE CALL...: what the driver says is in $lab/said
    case $1 in
    shop) set -- "$shop" shop.example 127.0.0.1 "$http" "$good" "$@" ;;
    bad) set -- "$other" bad.example 127.0.0.1 "$http" "$bad" "$@" ;;
    esac
    zone_words="$1 $2 $3 $4 $5"
    shift 6
    # shellcheck disable=SC2086 # five words
    "$call" "$examples/edge-nginx.sh" "$lab/edge-nginx.conf" $zone_words "$@" >"$lab/said" 2>&1
}

answering() { # how many of the two addresses at which a loaded file answers
    count=0
    for address in 127.0.0.1:$status 127.0.0.1:$status2; do
        ! curl --silent --max-time 2 "http://$address/serial" >/dev/null || count=$((count + 1))
    done
    echo $count
}

says() {
    grep -qF -- "$1" "$lab/said" || fail "it did not say: $1"
}

# visit HOST COUNT [PATH]: one request of each of COUNT clients; the bodies to $lab/bodies.
visit() {
    i=0
    : >"$lab/visits"
    while [ $i -lt "$2" ]; do
        [ $i = 0 ] || echo next
        printf 'url = "https://%s:%s%s"\ninterface = "127.0.%d.%d"\n' "$1" "$visitors" "${3-/}" \
            $((i / 200 + 1)) $((i % 200 + 1))
        printf 'connect-to = "::127.0.0.1:%s"\ninsecure\nsilent\nmax-time = 10\n' "$visitors"
        printf 'header = "Connection: close"\nwrite-out = " %%{http_code}\\n"\n'
        i=$((i + 1))
    done >"$lab/visits"
    curl --config "$lab/visits" >"$lab/bodies" || fail "a visitor got no answer"
    [ "$(grep -c ' [1-5][0-9][0-9]$' "$lab/bodies")" -eq "$2" ] || fail "a visitor got no answer"
}

got() { # got BODY STATUS: how many visitors
    grep -c "^$1 $2\$" "$lab/bodies" || :
}

counted() { # counted COHORT FIELD
    sed -n "s/^$1 .*$2=\([0-9]*\).*/\1/p" "$lab/said"
}

equal() { # equal A B WHAT
    [ "$1" = "$2" ] || fail "$3: $1, not $2"
}

sh "$examples/edge-nginx.sh" "$lab/edge-nginx.conf" init || fail 'init'
start_origin
start_edge

# -- steady ---------------------------------------------------------------------------------------
edge shop resync flexible || fail 'resync'
edge shop read || fail 'read'
says 'nginx known flexible none 0 0'
visit shop.example 5
equal "$(got http 200)" 5 'visitors in flexible'
edge bad read || fail 'read of a zone it was not told'
says 'nginx unknown'

# -- preflight: probes in both modes, no visitor moved --------------------------------------------
edge shop apply flexible strict 0 1 || fail 'apply share 0'
edge shop probe new || fail 'probe new'
says 'answered 200 strict'
edge shop probe old || fail 'probe old'
says 'answered 200 flexible'
visit shop.example 50
equal "$(got http 200)" 50 'visitors in the old mode at share 0'

# -- 10 %: 400 clients, the binomial 99.9 % interval is 21..60 ------------------------------------
edge shop apply flexible strict 1000 1 || fail 'apply 10 %'
edge shop read || fail 'read 10 %'
says 'nginx known flexible strict 1000 1'
loads=$(cat "$lab/state/serial")
[ "$(answering)" = 1 ] || fail 'apply did not wait for the workers of before'
edge shop apply flexible strict 1000 1 || fail 'apply again'
equal "$(cat "$lab/state/serial")" "$loads" 'the same again is not loaded again'
visit shop.example 400
new=$(got https 200)
if [ "$new" -lt 21 ] || [ "$new" -gt 60 ]; then
    fail "$new of 400 visitors in the new mode at 10 %"
fi
equal "$(got http 200)" $((400 - new)) 'the others are in the old mode'
cp "$lab/bodies" "$lab/at10"
visit shop.example 400
cmp -s "$lab/bodies" "$lab/at10" || fail 'clients changed their cohort'
edge shop counters 1 || fail 'counters'
equal "$(counted new requests)" $((2 * new)) 'requests of the new mode'
equal "$(counted old requests)" $((850 - 2 * new)) 'requests of the old mode'
equal "$(counted probe_new requests)" 1 'probes of the new mode'
equal "$(counted new connect)" 0 'failures of the new mode'

# -- 50 %: who was in stays in; what the origin answers is counted --------------------------------
edge shop apply flexible strict 5000 1 || fail 'apply 50 %'
visit shop.example 400
left=$(paste -d ' ' "$lab/at10" "$lab/bodies" | grep -c '^https 200 http ' || :)
equal "$left" 0 'visitors who left the new mode on the way up'
edge shop counters 1 || fail 'counters at 50 %'
before=$(counted new requests)
visit shop.example 40 /broken
visit shop.example 40 /moved
edge shop counters 1 || fail 'counters after errors'
fresh=$((($(counted new requests) - before) / 2))
equal "$(counted new server_errors)" "$fresh" '5xx of the new mode'
equal "$(counted new redirects)" "$fresh" 'redirects of the new mode'
equal "$(counted old server_errors)" $((40 - fresh)) '5xx of the old mode'

# -- a certificate that strict cannot accept: visitors see nothing of it --------------------------
edge bad apply flexible strict 5000 7 || fail 'apply bad'
edge bad probe new || fail 'probe bad'
says 'answered 502 strict'
visit bad.example 100
equal "$(got http 200)" 100 'visitors served by the old mode'
edge bad counters 7 || fail 'counters bad'
[ "$(counted new fallbacks)" -gt 20 ] || fail 'no fallbacks'
equal "$(counted new fallbacks)" "$(counted new requests)" 'every one of them is a fallback'
equal "$(counted probe_new connect)" 1 'the probe failed'
edge bad apply flexible full 5000 8 || fail 'apply full'
visit bad.example 100
[ "$(got https 200)" -gt 20 ] || fail 'full does not accept the certificate'

# -- an outage of the origin is counted in both ---------------------------------------------------
kill "$origin_pid"
wait "$origin_pid" || :
visit shop.example 40
edge shop counters 1 || fail 'counters of the outage'
equal "$(counted new fallbacks)" 0 'nothing to fall back to'
down=$(counted new connect)
[ "$down" -gt 5 ] || fail 'the new mode does not fail'
equal "$(counted old connect)" $((40 - down)) 'the old mode fails too'
start_origin

# -- a file that nginx refuses is not loaded, and visitors do not notice --------------------------
mv "$lab/edge/its.key" "$lab/edge/away.key"
edge shop apply flexible strict 9000 1 && fail 'a refused file is a success'
says 'edge lab: '
says 'nginx refuses the file'
mv "$lab/edge/away.key" "$lab/edge/its.key"
edge shop read || fail 'read after the refusal'
says 'nginx known flexible strict 5000 1'
edge shop apply flexible origin_pull 100 2 && fail 'origin_pull is a success'
says 'does not serve this zone: origin_pull is not configured'

# -- the log is rotated, nginx restarted ----------------------------------------------------------
edge shop counters 1 || fail 'counters before the rotation'
before=$(counted old requests)
mv "$lab/edge/sslauto.log" "$lab/edge/sslauto.log.1"
$nginx -s reopen
tries=0
until [ -e "$lab/edge/sslauto.log" ]; do
    tries=$((tries + 1))
    [ $tries -le 50 ] || fail 'the log was not reopened'
    sleep 0.1
done
visit shop.example 40
edge shop counters 1 || fail 'counters after the rotation'
equal $(($(counted old requests) - before)) "$(got http 200)" 'requests after the rotation'
kill "$edge_pid"
wait "$edge_pid" || :
edge shop read && fail 'an nginx that is gone is read'
says 'nginx does not answer'
start_edge
edge shop read || fail 'read after the restart'
says 'nginx known flexible strict 5000 1'

# -- the red button, the end of a rollout, forgetting ---------------------------------------------
by_hand() { # by_hand CALL: as the operator calls it, without sslauto
    printf '{"version":1,"call":"%s","edge":"lab","zone":{"id":"%s"},"generation":1}\n' "$1" "$shop" |
        SSLAUTO_CALL=$1 sh "$examples/edge-nginx.sh" "$lab/edge-nginx.conf"
}
# A controller takes the share for stopped, and does not raise it again, when it became 0 in the
# epoch that its counters have.
epoch=$(by_hand counters | jq '.processes[0].epoch')
equal "$(by_hand stop_all)" '{"count":2}' 'ramps that were stopped by hand'
equal "$(by_hand read | jq '.processes[0] | "\(.epoch) \(.share_bp) \(.generation)"')" "\"$epoch 0 1\"" \
    'the epoch after a stop by hand'
edge bad apply flexible full 5000 8 || fail 'apply after a stop by hand'
edge shop stop_all || fail 'stop_all'
equal "$(cat "$lab/said")" 1 'ramps that were stopped'
visit shop.example 60
equal "$(got http 200)" 60 'visitors after stop_all'
edge shop apply flexible strict 10000 2 || fail 'apply 100 %'
visit shop.example 60
equal "$(got https 200)" 60 'visitors at 100 %'
edge shop apply strict strict 0 0 || fail 'apply for good'
edge shop read || fail 'read at the end'
says 'nginx known strict none 0 0'
visit shop.example 60
equal "$(got https 200)" 60 'visitors at the end'
edge shop forget 1 || fail 'forget'
edge shop counters 1 || fail 'counters of a forgotten generation'
equal "$(counted old requests)" 0 'requests of a forgotten generation'
edge bad apply flexible full 100 9 || fail 'another ramp'
edge shop resync full && fail 'resync to a weaker mode was no failure'
says 'left as it was; the first: shop.example is at strict there, and the store says full'
edge shop read || fail 'read after a careful resync'
says 'nginx known strict none 0 0'
edge bad read || fail 'read the other ramp after a careful resync'
says 'nginx known flexible full 100 9'
edge shop resync full overwrite || fail 'resync at the end'
edge bad read || fail 'read the other ramp'
says 'nginx known flexible full 100 9'
edge shop read || fail 'read after resync'
says 'nginx known full none 0 0'
stop
[ -z "$(sed '/signal\|worker\|upstream\|no live\|SSL_do\|gracefully\|exiting\|exited/d' "$lab/edge/error.log" |
    grep -v "cannot load certificate key\|BIO_new_file" || :)" ] ||
    fail 'nginx has something else to say'
echo 'the example for nginx is fine'
