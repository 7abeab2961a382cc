#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# farm.sh DIR HOSTS: writes a farm of loopback sites into DIR and starts one nginx for all of them.
# 50 certificates: 25 P-256 under a P-384 intermediate, 25 RSA-2048 under an RSA-2048 one, both
# under RSA-4096 roots; every fifth is self-signed instead. Host number i has an address of its own
# in 127/8 and a name under the certificate i modulo 50.
#   DIR/zones.csv, DIR/zones-noise.csv, DIR/zones-slow.csv   for `sslauto zone import`
#   DIR/list                             "name address" a line
#   DIR/roots.pem                        what strict trusts
#   DIR/nginx.pid
# Ports: 28080 and 28443 serve the same bytes always; 28180 and 28543 put a request id, a nonce and a
# time into every answer; 28280 and 28643 serve the same bytes and take more than half a second for a
# page, so that each slot of the scanner has a connection open.
set -eu
dir=$1 hosts=$2
mkdir -p "$dir/tls" "$dir/pages" "$dir/tmp"
cd "$dir"
dir=$(pwd)

# authority NAME KEY-ARGS... : a root with an intermediate under it
new_key() {
    case $1 in
    rsa*) openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:${1#rsa}" -out "$2" ;;
    *) openssl genpkey -quiet -algorithm EC -pkeyopt "ec_paramgen_curve:$1" -out "$2" ;;
    esac 2>/dev/null
}

# issue NAME KEY-KIND SUBJECT DAYS SIGNER EXTENSION...
issue() {
    name=$1 kind=$2 subject=$3 days=$4 signer=$5
    shift 5
    new_key "$kind" "tls/$name.key"
    for extension in "$@"; do
        set -- "$@" -addext "$extension"
        shift
    done
    [ -z "$signer" ] || set -- "$@" -CA "tls/$signer.pem" -CAkey "tls/$signer.key"
    openssl req -x509 -new -key "tls/$name.key" -subj "$subject" -days "$days" -sha256 \
        -out "tls/$name.pem" "$@" 2>/dev/null
}

make_certificates() {
    ca='basicConstraints=critical,CA:TRUE'
    use='keyUsage=critical,keyCertSign,cRLSign'
    for family in ec rsa; do
        kind=rsa2048
        [ $family = rsa ] || kind=P-384
        issue root-$family rsa4096 "/O=Bench/CN=Bench Root $family" 3650 '' "$ca" "$use"
        issue middle-$family "$kind" "/O=Bench/CN=Bench Intermediate $family" 1825 root-$family \
            "$ca" "$use"
    done
    cat tls/root-ec.pem tls/root-rsa.pem >roots.pem
    block=0
    while [ $block -lt 50 ]; do
        family=ec kind=P-256
        [ $block -lt 25 ] || family=rsa kind=rsa2048
        signer=middle-$family
        [ $((block % 5)) != 4 ] || signer=
        issue "leaf-$block" "$kind" "/CN=v$block.bench.test" 90 "$signer" \
            'basicConstraints=critical,CA:FALSE' 'extendedKeyUsage=serverAuth' \
            "subjectAltName=DNS:*.v$block.bench.test,DNS:v$block.bench.test"
        cp "tls/leaf-$block.pem" "tls/chain-$block.pem"
        [ -z "$signer" ] || cat "tls/$signer.pem" >>"tls/chain-$block.pem"
        block=$((block + 1))
    done
}

# A page of about 51 KB: a shop's, with navigation, a few hundred sentences and a footer.
make_page() {
    awk -v noise="$1" 'BEGIN {
        srand(7)
        count = split("quiet river stone market winter garden letter bridge copper window " \
            "sailor morning orchard thunder village candle harbour meadow silver journey " \
            "kitchen paper forest lantern mirror basket anchor feather valley clock", words, " ")
        print "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Bench shop</title>"
        if (noise) {
            print "<meta name=\"csrf-token\" content=\"<!--# echo var=\"request_id\" -->\">"
            print "<script nonce=\"<!--# echo var=\"request_id\" -->\">window.t=1</script>"
        }
        print "</head><body><nav><a href=\"/\">Home</a> <a href=\"/about\">About</a>"
        print "<a href=\"/products\">Products</a> <a href=\"/contact\">Contact</a></nav><main>"
        for (i = 0; size < 50300; i++) {
            line = i % 8 ? "<p>" : "<h2>"
            for (j = 0; j < 14; j++) {
                line = line words[1 + int(rand() * count)] " "
            }
            line = line (i % 8 ? "</p>" : "</h2>")
            size += length(line) + 1
            print line
        }
        print "</main><footer>Bench shop, 1 Loopback Lane"
        if (noise) {
            print "<!-- served <!--# echo var=\"date_local\" --> by <!--# echo var=\"request_id\" -->"
            print "-->"
        }
        print "</footer></body></html>"
    }'
}

make_configuration() {
    cat <<CONF
daemon on;
pid $dir/nginx.pid;
error_log $dir/error.log error;
worker_processes auto;
worker_rlimit_nofile 65536;
events { worker_connections 16384; }
http {
    access_log off;
    default_type text/html;
    types { text/html html; text/plain txt; }
    charset utf-8;
    client_body_temp_path $dir/tmp/body;
    proxy_temp_path $dir/tmp/proxy;
    fastcgi_temp_path $dir/tmp/fastcgi;
    uwsgi_temp_path $dir/tmp/uwsgi;
    scgi_temp_path $dir/tmp/scgi;
    open_file_cache max=100 inactive=600s;
    keepalive_requests 1000;
    server_names_hash_bucket_size 128;
    ssl_protocols TLSv1.2 TLSv1.3;
    # For this machine only.
    allow 127.0.0.0/8;
    deny all;
CONF
    for variant in same noise slow; do
        case $variant in
        same) http=28080 https=28443 pages=same ssi=off rate=0 ;;
        noise) http=28180 https=28543 pages=noise ssi=on rate=0 ;;
        slow) http=28280 https=28643 pages=same ssi=off rate=32k ;;
        esac
        block=0
        while [ $block -lt 50 ]; do
            cat <<CONF
    server {
        listen $http;
        listen $https ssl;
        server_name *.v$block.bench.test;
        ssl_certificate $dir/tls/chain-$block.pem;
        ssl_certificate_key $dir/tls/leaf-$block.key;
        root $dir/pages/$pages;
        ssi $ssi;
        limit_rate $rate;
        location = /robots.txt { return 404; }
        location / { try_files /index.html =404; }
    }
CONF
            block=$((block + 1))
        done
    done
    echo '}'
}

make_lists() {
    awk -v hosts="$hosts" 'BEGIN {
        print "name,origin,http_port,https_port,mode" >"zones.csv"
        print "name,origin,http_port,https_port,mode" >"zones-noise.csv"
        print "name,origin,http_port,https_port,mode" >"zones-slow.csv"
        for (i = 0; i < hosts; i++) {
            name = sprintf("h%d.v%d.bench.test", i, i % 50)
            address = sprintf("127.%d.%d.%d", 1 + int(i / 62500), int(i / 250) % 250, 1 + i % 250)
            print name, address >"list"
            print name "," address ",28080,28443,flexible" >"zones.csv"
            print name "," address ",28180,28543,flexible" >"zones-noise.csv"
            print name "," address ",28280,28643,flexible" >"zones-slow.csv"
        }
    }'
}

[ -e tls/leaf-49.pem ] || make_certificates
mkdir -p pages/same pages/noise
make_page 0 >pages/same/index.html
make_page 1 >pages/noise/index.html
make_configuration >nginx.conf
make_lists
nginx -p "$dir" -c "$dir/nginx.conf"
