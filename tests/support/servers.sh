# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced. Starts nginx, apache2 and openssl s_server below $lab and stops them by process id.
# nginx and apache2 configuration is added to $lab/nginx.servers and $lab/apache.servers.
#
#   need_tools                     ends with a remedy when a program is missing
#   nginx_http  ADDRESS DIRECTIVES...         a server block on $http_port
#   nginx_https ADDRESS CERT DIRECTIVES...    and on $https_port
#   apache_https ADDRESS CERT SITE
#   s_server ADDRESS CERT OPTIONS...
#   start_servers, stop_servers
#
# The caller sets lab, http_port and https_port.
# shellcheck disable=SC2154

# Programs in sbin are not on every user's path.
PATH=$PATH:/usr/sbin:/sbin
pids=

need_tools() {
    for tool in nginx apache2 openssl; do
        if ! command -v "$tool" >/dev/null; then
            echo "demo: $tool is missing. On Debian: apt-get install nginx apache2-bin openssl" >&2
            exit 1
        fi
    done
}

nginx_http() {
    address=$1
    shift
    printf 'server { listen %s:%s; %s }\n' "$address" "$http_port" "$*" >>"$lab/nginx.servers"
}

nginx_https() {
    address=$1 cert=$2
    shift 2
    tls="ssl_certificate pki/$cert.pem; ssl_certificate_key pki/$cert.key;"
    printf 'server { listen %s:%s ssl; %s %s }\n' "$address" "$https_port" "$tls" "$*" \
        >>"$lab/nginx.servers"
}

apache_https() {
    cat >>"$lab/apache.servers" <<END
Listen $1:$https_port http
<VirtualHost $1:$https_port>
ServerName default
DocumentRoot "$lab/sites/$3"
SSLEngine on
SSLCertificateFile pki/$2.pem
SSLCertificateKeyFile pki/$2.key
</VirtualHost>
END
}

s_server() {
    address=$1 cert=$2
    shift 2
    openssl s_server -quiet -accept "$address:$https_port" -cert "$lab/pki/$cert.pem" \
        -cert_chain "$lab/pki/$cert.pem" -key "$lab/pki/$cert.key" "$@" \
        </dev/null >/dev/null 2>>"$lab/s_server.log" &
    pids="$pids $!"
}

start_nginx() {
    mkdir -p "$lab/tmp"
    {
        [ "$(id -u)" -ne 0 ] || echo "user root;"
        cat <<END
worker_processes 1;
pid nginx.pid;
error_log nginx.log;
events { worker_connections 500; }
http {
access_log off;
default_type text/html;
charset utf-8;
index index.html;
ssl_protocols TLSv1.2 TLSv1.3;
client_body_temp_path tmp;
proxy_temp_path tmp;
fastcgi_temp_path tmp;
uwsgi_temp_path tmp;
scgi_temp_path tmp;
END
        cat "$lab/nginx.servers"
        echo "}"
    } >"$lab/nginx.conf"
    nginx -p "$lab/" -c "$lab/nginx.conf" -e "$lab/nginx.log" -g 'daemon off;' </dev/null &
    pids="$pids $!"
}

start_apache() {
    {
        for module in mpm_event authz_core dir mime ssl; do
            echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
        done
        # Apache does not serve as root.
        [ "$(id -u)" -ne 0 ] || printf 'User www-data\nGroup www-data\n'
        cat <<END
ServerName localhost
PidFile apache.pid
ErrorLog apache.log
DefaultRuntimeDir "$lab"
TypesConfig /dev/null
AddType text/html html
DirectoryIndex index.html
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
Mutex "file:$lab" default
END
        cat "$lab/apache.servers"
    } >"$lab/apache.conf"
    apache2 -d "$lab" -f apache.conf -DFOREGROUND </dev/null &
    pids="$pids $!"
}

start_servers() {
    start_nginx
    start_apache
    tries=0
    until [ -s "$lab/nginx.pid" ] && [ -s "$lab/apache.pid" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ]; then
            echo "demo: the servers did not come up:" >&2
            cat "$lab"/*.log >&2
            exit 1
        fi
        sleep 0.1
    done
}

stop_servers() {
    for pid in $pids; do
        kill "$pid" 2>/dev/null || :
    done
    for pid in $pids; do
        wait "$pid" 2>/dev/null || :
    done
    pids=
}
