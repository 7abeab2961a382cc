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
need_tools

lab=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-demo-XXXXXX")
chmod 755 "$lab" # servers that give up root must be able to enter
trap 'stop_servers; rm -rf "$lab"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

http_port=$(free_port)
https_port=$(free_port)
while [ "$https_port" = "$http_port" ]; do
    https_port=$(free_port)
done
rm -f "$out/sslauto.db" "$out/sslauto.db-wal" "$out/sslauto.db-shm" "$out/report.html"
: >"$lab/nginx.servers"
: >"$lab/apache.servers"

# zone NAME TEXT: the next zone gets the next address; $address is set. The origins go to zones.csv.
number=0
zone() {
    number=$((number + 1))
    address=127.30.$number.1
    echo "$1.example,$address,$http_port,$https_port,flexible" >>"$out/zones.csv"
    printf '  %-22s %s\n' "$1.example" "$2" >>"$lab/list"
    site="root sites/boatyard;"
}

echo "name,origin,http_port,https_port,mode" >"$out/zones.csv"
cat <<END
sslauto demo. Fifteen small web sites start on this machine (nginx, apache2, openssl s_server on
addresses in 127.30.0.0/16), each with another way to be ready, or not, for encryption between the
edge and the origin. No packet leaves loopback, and nothing needs root.

Making a test certificate authority and the sites ...
END
sh "$here/pki.sh" "$lab/pki" good.example self-signed.example expired.example wrong-name.example \
    incomplete.example default-page.example https-503.example to-https.example to-http.example \
    noise.example robots.example no-https.example tls-1-0.example two-origins.example \
    other-server.example
sh "$here/sites.sh" "$lab/sites"
cp "$lab/pki/public.pem" "$out/test-ca.pem"

zone good "certificate of a (test) public authority"
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
zone noise "another nonce and time in every answer"
nginx_http "$address" "root sites/noise; ssi on;"
nginx_https "$address" good "root sites/noise; ssi on;"
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
echo "two-origins.example,$second,$http_port,$https_port,flexible" >>"$out/zones.csv"
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
END

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
"$sslauto" --config "$out/sslauto.conf" recommendations --format html >"$out/report.html"
stop_servers
cat <<END

All servers are stopped. What the scan found stays here:

  $below/report.html    one page for a browser, also without a network
  $below/sslauto.db     the store
  $below/sslauto.conf   the configuration the demo used
  $below/zones.csv      the sites as they were imported

Try:  $1 --config $2/sslauto.conf explain tls-1-0.example
END
