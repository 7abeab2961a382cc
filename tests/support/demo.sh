#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo.sh SSLAUTO OUTDIR: real origins on loopback, one per situation; scans them, shows what
# sslauto says, and leaves the store and the report in OUTDIR. Called by `./run demo`.
set -eu
[ $# -eq 2 ] || { echo "usage: demo.sh SSLAUTO OUTDIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
sslauto=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2"
out=$(cd "$2" && pwd)
# shellcheck source=tests/support/ports.sh
. "$here/ports.sh"
# shellcheck source=tests/support/servers.sh
. "$here/servers.sh"
# shellcheck source=tests/support/edge.sh
. "$here/edge.sh"
need_tools

lab=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-demo-XXXXXX")
chmod 755 "$lab" # servers that give up root must be able to enter
trap 'stop_servers; rm -rf "$lab"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# shellcheck disable=SC2046
set -- "$1" "$2" $(free_ports 4)
# shellcheck disable=SC2034 # edge.sh uses the last two
http_port=$3 https_port=$4 edge_http=$5 edge_port=$6
rm -f "$out/sslauto.db" "$out/sslauto.db-wal" "$out/sslauto.db-shm" "$out/report.html"
: >"$lab/nginx.servers"
: >"$lab/apache.servers"

# zone NAME TEXT: the next zone gets the next address; $address is set. The origins go to zones.csv.
number=0
zone() {
    number=$((number + 1))
    address=127.30.$number.1
    echo "$1.example,$address,$http_port,$https_port,${3:-flexible},${4:-dryrun}" >>"$out/zones.csv"
    printf '  %-22s %s\n' "$1.example" "$2" >>"$lab/list"
    site="root sites/boatyard;"
}

echo "name,origin,http_port,https_port,mode,edge" >"$out/zones.csv"
cat <<END
sslauto demo. Sixteen small web sites start on this machine (nginx, apache2, openssl s_server on
addresses in 127.30.0.0/16), each with another way to be ready, or not, for encryption between the
edge and the origin. No packet leaves loopback, and nothing needs root.

Making a test certificate authority and the sites ...
END
sh "$here/pki.sh" "$lab/pki" good.example self-signed.example expired.example wrong-name.example \
    incomplete.example default-page.example renewal.example https-503.example to-https.example to-http.example \
    noise.example robots.example no-https.example tls-1-0.example two-origins.example \
    other-server.example
sh "$here/sites.sh" "$lab/sites"
cp "$lab/pki/public.pem" "$out/test-ca.pem"
cp "$lab/pki/good.pem" "$lab/pki/renewal.pem"
cp "$lab/pki/good.key" "$lab/pki/renewal.key"

zone good "certificate of a (test) public authority" flexible main
nginx_http "$address" "$site"
nginx_https "$address" good "$site"
zone self-signed "certificate signed by itself"
nginx_http "$address" "$site"
nginx_https "$address" self-signed "$site"
zone expired "certificate that expired last month"
nginx_http "$address" "$site"
nginx_https "$address" expired "$site"
zone wrong-name "certificate for another name"
nginx_http "$address" "$site"
nginx_https "$address" wrong-name "$site"
zone incomplete "the intermediate certificate is not sent"
nginx_http "$address" "$site"
nginx_https "$address" incomplete "$site"
zone default-page "HTTPS shows apache's default page"
nginx_http "$address" "$site"
apache_https "$address" good apache-default
zone https-503 "HTTPS answers 503, HTTP is fine"
nginx_http "$address" "$site"
nginx_https "$address" good "location = /robots.txt { return 404; } location / { return 503; }"
zone to-https "HTTP redirects to HTTPS: loops under Flexible"
# The dollar signs of the next lines are nginx's.
# shellcheck disable=SC2016
nginx_http "$address" 'return 301 https://$host$request_uri;'
nginx_https "$address" good "$site"
zone to-http "HTTPS redirects to HTTP: loops under Full"
nginx_http "$address" "$site"
# shellcheck disable=SC2016
nginx_https "$address" good 'return 302 http://$host$request_uri;'
zone noise "another nonce and time in every answer" full main
nginx_http "$address" "root sites/noise; ssi on;"
nginx_https "$address" good "root sites/noise; ssi on;"
zone renewal "a good certificate, until somebody installs an expired one" flexible main
nginx_http "$address" "$site"
nginx_https "$address" renewal "$site"
zone robots "robots.txt asks our agent to stay away"
# shellcheck disable=SC1004
robots='location = /robots.txt { return 200 "User-agent: Cloudflare-SSLDetector\nDisallow: /\n"; }'
nginx_http "$address" "$site $robots"
nginx_https "$address" good "$site $robots"
zone no-https "nothing listens on the HTTPS port"
nginx_http "$address" "$site"
zone tls-1-0 "the origin speaks TLS 1.0 and nothing newer"
nginx_http "$address" "$site"
nginx_https "$address" good "$site ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;"
zone other-server "another program answers on the HTTPS port"
nginx_http "$address" "$site"
s_server "$address" good -www
zone two-origins "two origins: one good, one without HTTPS"
nginx_http "$address" "$site"
nginx_https "$address" good "$site"
second=127.30.$number.2
echo "two-origins.example,$second,$http_port,$https_port,flexible,dryrun" >>"$out/zones.csv"
nginx_http "$second" "$site"

start_servers
cat "$lab/list"

cat >"$out/sslauto.conf" <<END
# Written by the demo. The origins are on loopback, so that network is opened; a test authority
# stands for the public ones; pauses are short, because nobody else uses these origins.
[store]
url = sqlite://$out/sslauto.db
[crawl]
allow_nets = 127.0.0.0/8
gap = 10ms
connect_timeout = 3s
request_timeout = 5s
[scan]
second_look = 1s
[trust]
public = $out/test-ca.pem
[schedule]
confirm_gap = 0
[rollout]
# Hours become seconds, and fewer probes stand for visitors; the steps stay as they are.
dwell = 1s
slow_dwell = 1s
final_dwell = 3s
tick = 1s
idle_tick = 1s
lease = 10s
probe_requests = 10
END
edge_conf >>"$out/sslauto.conf"
(umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$lab/secret")

# What is below the current folder is named as people would type it.
below=${out#"$PWD"/}

# show ARGUMENTS...: prints the command and runs it; 3 means "looked, and something needs you".
show() {
    printf '\n$ sslauto'
    printf ' %s' "$@"
    printf '\n'
    status=0
    "$sslauto" --config "$out/sslauto.conf" "$@" || status=$?
    [ $status -eq 0 ] || [ $status -eq 3 ] || exit $status
}

show zone import "$below/zones.csv"
show scan --all
show recommendations
show explain good.example
show explain default-page.example

# -- the second half: three of the sites move to their recommended mode, with visitors on them ---------
cat <<END

Three of the sites have a real edge: HAProxy, with the configuration that sslauto prints for it. A
second scan confirms what the first one found. Then visitors come, from many addresses, and sslauto
moves them: hours become seconds here. At 40 % somebody installs an expired certificate at
renewal.example.
END
quietly() {
    status=0
    "$sslauto" --config "$out/sslauto.conf" --quiet "$@" >>"$lab/quiet.log" 2>&1 || status=$?
    if [ $status -ne 0 ] && [ $status -ne 3 ]; then
        cat "$lab/quiet.log" >&2
        exit $status
    fi
}
moving='good.example noise.example renewal.example'
start_edge
quietly edge resync main
quietly scan --all
# shellcheck disable=SC2086
start_visitors $moving
printf '\n$ sslauto run --no-scans\n'
"$sslauto" --config "$out/sslauto.conf" run --no-scans >"$lab/run.log" 2>&1 &
controller=$!
pids="$pids $controller"

# state NAME: "STATE SHARE", from the objects that `rollout status --json` prints.
state() {
    sed -n "s/^{\"zone\":\"$1\".*\"state\":\"\([a-z_]*\)\".*\"share_bp\":\([0-9]*\),.*/\1 \2/p" \
        "$lab/status"
}
begun=$(date +%s)
broken=no
working=3
while [ $working -gt 0 ] && [ $(($(date +%s) - begun)) -lt 300 ]; do
    sleep 1
    "$sslauto" --config "$out/sslauto.conf" --quiet rollout status --all --edge main --json \
        >"$lab/status"
    working=0
    line=
    for name in $moving; do
        # shellcheck disable=SC2046
        set -- "$1" "$2" $(state "$name")
        state=${3:-waiting} share=${4:-0}
        line="$line  ${name%.example} $state $((share / 100)) %"
        case $state in
        done | cooldown) ;;
        *) working=$((working + 1)) ;;
        esac
        if [ "$name" = renewal.example ] && [ "$share" -ge 4000 ] && [ $broken = no ]; then
            cp "$lab/pki/expired.pem" "$lab/pki/renewal.pem"
            cp "$lab/pki/expired.key" "$lab/pki/renewal.key"
            kill -HUP "$(cat "$lab/nginx.pid")"
            broken=yes
        fi
    done
    [ ! -t 1 ] || printf '\r%-100s' "$line"
done
[ ! -t 1 ] || printf '\r%-100s\r' ''
stop_visitors
kill -TERM $controller
wait $controller || :
quietly scan --due # what has arrived at its new mode is looked at once more

show rollout status --all --edge main
show rollout history renewal.example
"$sslauto" --config "$out/sslauto.conf" recommendations --format html >"$out/report.html"
if [ $working -gt 0 ]; then
    echo "demo: the rollouts did not end in time:" >&2
    cat "$lab/run.log" >&2
    exit 1
fi
stop_servers

printf '\nWhat the visitors saw:\n\n'
awk '{ all[$1]++; if ($2 != 200) bad[$1]++ }
    END { for (name in all) printf "  %-18s %6d visits, %d failed\n", name, all[name], bad[name] }' \
    "$lab/visits" | sort
cat <<END

All servers are stopped. What was found and done stays here:

  $below/report.html    one page for a browser, also without a network
  $below/sslauto.db     the store
  $below/sslauto.conf   the configuration the demo used
  $below/zones.csv      the sites as they were imported

Try:  $1 --config $2/sslauto.conf explain tls-1-0.example
END
