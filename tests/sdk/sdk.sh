#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # names shared with api_lab.sh
# sdk.sh SSLAUTO FOLDER: installs the product's SDK from npm into FOLDER, once, and runs test.mjs
# against `sslauto serve`. Exit code 77, with a line that says why, where npm reaches no registry:
# without a network, or behind a proxy whose authority it does not know (NODE_EXTRA_CA_CERTS names one).
set -eu
sslauto=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo 'SKIPPED: node and npm are not installed'
    exit 77
fi
mkdir -p "$folder"
if ! cmp -s "$here/package.json" "$folder/package.json"; then
    rm -rf "$folder/node_modules" "$folder/package-lock.json"
    cp "$here/package.json" "$folder/package.json"
    if ! (cd "$folder" && npm install --ignore-scripts --no-audit --no-fund --fetch-retries=1 \
        --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 >npm.log 2>&1); then
        rm -f "$folder/package.json"
        if grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|CERT|network' \
            "$folder/npm.log"; then
            echo "SKIPPED: npm reaches no registry; see $folder/npm.log"
            exit 77
        fi
        cat "$folder/npm.log" >&2
        exit 1
    fi
fi
# shellcheck source=tests/net/api_lab.sh
. "$here/../net/api_lab.sh"
api_config <<'END'
rate_requests = 0
END
api_zones 25
SSLAUTO_TOKEN=$(auto --quiet token add sdk -p zone_read -p settings_read -p settings_write)
SSLAUTO_READER=$(auto --quiet token add reader -p zone_read)
SSLAUTO_OWNED=$(auto --quiet token add owned -p zone_read --owner acme)
SSLAUTO_ACCOUNT=$(printf acme | sha256sum | cut -c1-32)
api_serve
SSLAUTO_URL=$url
SSLAUTO_ZONES=25
export SSLAUTO_TOKEN SSLAUTO_READER SSLAUTO_OWNED SSLAUTO_ACCOUNT SSLAUTO_URL SSLAUTO_ZONES
cp "$here/test.mjs" "$folder/test.mjs"
cd "$folder"
node test.mjs
