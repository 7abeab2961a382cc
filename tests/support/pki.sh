#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pki.sh DIR NAME...: makes a test PKI in DIR. The leafs carry the NAMEs.
#
#   public.pem      the roots that stand for the public ones
#   private-ca.pem  a root that is in no public set
#   KIND.pem        the chain that a server of that KIND sends; KIND.key its key
#   client-ca.pem   what a server that demands client certificates trusts
#
# Dates are made with `openssl ca`, because `openssl x509 -not_before` came with OpenSSL 3.4.
set -eu
[ $# -ge 2 ] || { echo "usage: pki.sh DIR NAME..." >&2; exit 2; }
mkdir -p "$1"
cd "$1"
shift

sans=
for name; do
    sans="$sans${sans:+,}DNS:$name"
done
first=$1

day() { # day N: N days from now in the form `openssl ca` takes
    date -u -d "@$(($(date +%s) + $1 * 86400))" +%Y%m%d%H%M%SZ
}
now=$(day -2)
year=$(day 300)
decade=$(day 3650)
mkdir -p issued
: >issued/index
: >issued/index.attr

cat >ca.conf <<END
[ca]
default_ca = any
[any]
database = issued/index
new_certs_dir = issued
unique_subject = no
rand_serial = yes
default_md = sha256
policy = policy
copy_extensions = none
[policy]
commonName = optional
organizationName = optional
[req]
distinguished_name = req_dn
prompt = no
[req_dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[inter]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = \${ENV::SAN}
[nosan]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
authorityKeyIdentifier = keyid
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
subjectAltName = \${ENV::SAN}
END

SAN=$sans
export SAN

ec() { openssl ecparam -name "${2:-prime256v1}" -genkey -noout -out "$1"; }
rsa() { openssl genrsa -out "$1" "$2" 2>/dev/null; }
request() { # request KEY SUBJECT OUT
    openssl req -new -config ca.conf -key "$1" -subj "$2" -sha256 -out "$3"
}
# issue OUT KEY SUBJECT SECTION START END CA [OPTION...]: CA is the base name, or "self"
issue() {
    out=$1 key=$2 subject=$3 section=$4 start=$5 end=$6 ca=$7
    shift 7
    request "$key" "$subject" request.pem
    if [ "$ca" = self ]; then
        set -- "$@" -selfsign -keyfile "$key"
    else
        set -- "$@" -cert "$ca.crt" -keyfile "$ca.key"
    fi
    openssl ca -config ca.conf -batch -notext -preserveDN -extensions "$section" \
        -startdate "$start" -enddate "$end" -in request.pem -out "$out" "$@" 2>ca.log ||
        { cat ca.log >&2; exit 1; }
}
root() { # root BASE SUBJECT
    [ -f "$1.key" ] || ec "$1.key"
    issue "$1.crt" "$1.key" "$2" root "$now" "$decade" self
}
leaf() { # leaf KIND SECTION START END CA [OPTION...]: with the common key, chain is the leaf alone
    kind=$1
    shift
    cp -f leaf.key "$kind.key"
    section=$1 start=$2 end=$3 ca=$4
    shift 4
    issue "$kind.crt" leaf.key "/CN=${CN:-$first}" "$section" "$start" "$end" "$ca" "$@"
    cat "$kind.crt" >"$kind.pem"
}
chained() { # the same, and the intermediate is sent
    leaf "$@"
    cat inter.crt >>"$1.pem"
}

root root "/O=Test Trust/CN=Test Public Root EC"
rsa root-rsa.key 2048
root root-rsa "/O=Test Trust/CN=Test Public Root RSA"
root private-root "/O=Example Corp/CN=Example Corp Private Root"
root other-root "/O=Nobody/CN=Untrusted Root"
root client-root "/O=Edge/CN=Edge Client Root"
ec inter.key
issue inter.crt inter.key "/O=Test Trust/CN=Test Issuing CA" inter "$now" "$decade" root
cp -f inter.key old-inter.key
issue old-inter.crt inter.key "/O=Test Trust/CN=Test Old Issuing CA" inter "$(day -900)" \
    "$(day -3)" root
ec leaf.key
cat root.crt root-rsa.crt >public.pem
cp -f private-root.crt private-ca.pem
cp -f client-root.crt client-ca.pem

chained good leaf "$now" "$year" inter
leaf incomplete leaf "$now" "$year" inter
leaf direct leaf "$now" "$year" root
chained with-root leaf "$now" "$year" inter
cat root.crt >>with-root.pem
leaf disordered leaf "$now" "$year" inter
cat root.crt inter.crt >>disordered.pem
chained unrelated leaf "$now" "$year" inter
cat other-root.crt >>unrelated.pem
leaf old-intermediate leaf "$now" "$year" old-inter
cat old-inter.crt >>old-intermediate.pem
chained expired leaf "$(day -400)" "$(day -35)" inter
chained not-yet leaf "$(day 30)" "$year" inter
chained soon leaf "$now" "$(day 5)" inter
chained month leaf "$now" "$(day 30)" inter
CN=elsewhere.example SAN=DNS:elsewhere.example,DNS:www.elsewhere.example \
    chained wrong-name leaf "$now" "$year" inter
CN=127.0.0.1 SAN=IP:127.0.0.1,IP:::1 chained ip-only leaf "$now" "$year" inter
chained cn-only nosan "$now" "$year" inter
CN=wild.test SAN="DNS:*.wild.test" chained wildcard leaf "$now" "$year" inter
CN=xn--mnchen-3ya.test SAN=DNS:xn--mnchen-3ya.test chained idn leaf "$now" "$year" inter
CN=target.cdn.test SAN=DNS:target.cdn.test chained target leaf "$now" "$year" inter
chained client-only client "$now" "$year" inter
leaf private leaf "$now" "$year" private-root
leaf other leaf "$now" "$year" other-root
cat other-root.crt >>other.pem
leaf self-signed leaf "$now" "$year" self
leaf self-signed-expired leaf "$(day -400)" "$(day -35)" self
chained sha1 leaf "$now" "$year" inter -md sha1
CN="Issued by a leaf" leaf not-a-ca leaf "$now" "$year" good
cat good.pem >>not-a-ca.pem

many=
i=0
while [ $i -lt 150 ]; do
    many="$many${many:+,}DNS:n$i.many.test"
    i=$((i + 1))
done
SAN="$many,$sans" chained many-names leaf "$now" "$year" inter

rsa rsa.key 2048
issue rsa.crt rsa.key "/CN=$first" leaf "$now" "$year" root-rsa
cp -f rsa.crt rsa.pem
rsa rsa-1024.key 1024
issue rsa-1024.crt rsa-1024.key "/CN=$first" leaf "$now" "$year" inter
cat rsa-1024.crt inter.crt >rsa-1024.pem
ec p384.key secp384r1
issue p384.crt p384.key "/CN=$first" leaf "$now" "$year" inter
cat p384.crt inter.crt >p384.pem

chmod 644 ./*.key
rm -rf issued request.pem ca.log ca.conf
