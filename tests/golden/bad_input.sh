#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bad_input.sh SSLAUTO: wrong files, values, stores and disks. Each row: the exit code, words that
# the message must hold (the place and the remedy), and the command. Nothing may be lost.
set -eu
[ $# -eq 1 ] || { echo "usage: bad_input.sh SSLAUTO" >&2; exit 2; }
sslauto=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/sslauto-bad-XXXXXX")
disk=$work/disk
trap 'umount "$disk" 2>/dev/null || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
unset SSLAUTO_CONFIG NO_COLOR
export LC_ALL=C.UTF-8
cd "$work"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null \
    -out public.pem -subj /CN=Bad -days 30 2>/dev/null
printf '[trust]\npublic = %s/public.pem\n' "$work" >good.conf
failed=0
rows=0
conf=good.conf
as_somebody= # a command that becomes another user
store="sqlite://$work/store.db"
db=$store

say_failed() {
    echo "FAILED: $1" >&2
    sed 's/^/    /' err >&2
    failed=1
}

# bad EXIT WORDS... -- ARGUMENTS...: every group of words must be in what is said on stderr.
bad() {
    want=$1
    shift
    : >words
    while [ "$1" != -- ]; do
        echo "$1" >>words
        shift
    done
    shift
    rows=$((rows + 1))
    status=0
    # shellcheck disable=SC2086 # a command and its options, or nothing
    $as_somebody "$sslauto" --config "$conf" --db "$db" "$@" >out 2>err </dev/null || status=$?
    [ "$status" -eq "$want" ] || say_failed "$*: exit $status, not $want"
    while read -r word; do
        grep -qF -- "$word" err || say_failed "$*: does not say \"$word\""
    done <words
}

zones() {
    "$sslauto" --config good.conf --db "sqlite://$1" zone list --format jsonl | wc -l
}

"$sslauto" --config good.conf --db "$store" --quiet zone add kept.example \
    --origin 192.0.2.1

# Files that cannot be read.
bad 1 'missing.csv: cannot be opened: No such file' 'check its name' -- zone import missing.csv
bad 1 'is a folder' 'name a file in it' -- zone import "$work"
bad 1 'missing.conf: cannot be opened' 'check its name' -- config check missing.conf
bad 1 'missing.html: cannot be read' 'check its name' -- compare public.pem missing.html
printf 'public.pem\tpublic.pem\npublic.pem\tmissing.html\n' >pairs
bad 1 'pairs:2: missing.html: cannot be read: No such file' 'check its name' -- compare --pairs pairs
[ "$(cat out)" = "$(printf '1.000000\tsame')" ] || say_failed "pairs before the bad line are lost"
printf 'one\n' >pairs
bad 1 'pairs:1: 1 fields; allowed are 2, 3, 4 or 7' -- compare --pairs pairs
printf 'public.pem\tpublic.pem\n\npublic.pem\tpublic.pem\n' >pairs
bad 1 'pairs:2: the line is empty' -- compare --pairs pairs
bad 1 '--ca-file missing.pem: cannot be read' 'check its name' -- check a.example --ca-file missing.pem
printf 'no certificate\n' >junk.pem
bad 1 'junk.pem' -- check a.example --origin 127.0.0.1 --ca-file junk.pem
bad 1 '--done missing/done.txt: cannot be written: No such file' 'name a file that this user' -- \
    zone opt-out kept.example --done missing/done.txt
touch locked.csv
chmod 000 locked.csv
as_somebody=
if [ "$(id -u)" -eq 0 ]; then # who may read everything
    as_somebody='setpriv --reuid=65534 --regid=65534 --clear-groups'
    chmod 755 "$work"
    mkdir -m 777 "$work/theirs"
    db="sqlite://$work/theirs/store.db"
fi
if $as_somebody "$sslauto" version >/dev/null 2>&1; then
    bad 1 'locked.csv: cannot be opened: Permission denied' 'let this user read it' -- \
        zone import locked.csv
else
    echo 'no other user can run this program: nothing is tried with an unreadable file' >&2
fi
as_somebody=
db=$store

# Bad lines, names and ports: nothing is imported without --skip-bad.
long=$(printf 'x%.0s' $(seq 300))
{
    echo 'name,origin,http_port,https_port'
    echo 'good.example,192.0.2.1,80,443'
    echo 'unclosed.example,"192.0.2.1,80,443'
    echo "$long,192.0.2.1,80,443"
    echo 'port.example,192.0.2.1,70000,443'
    echo 'short.example'
} >bad.csv
bad 1 'bad.csv:3: a quoted field is not closed' 'bad.csv:4: host name of 300 bytes: 253 at most' \
    'bad.csv:5: http_port "70000" is no port; allowed: 1 to 65535' 'bad.csv:6: 1 fields' \
    'nothing was imported' '--skip-bad' -- zone import bad.csv
[ "$(zones "$work/store.db")" -eq 1 ] || say_failed "a refused import left zones"
bad 3 'Imported: 1 zones (1 new, 0 updated), 4 bad lines' -- zone import --skip-bad bad.csv
[ "$(zones "$work/store.db")" -eq 2 ] || say_failed "--skip-bad lost the good zone"
bad 1 'good.example of account default exists already; --update changes it' -- zone import bad.csv
bad 2 '253 at most' 'Try: sslauto zone add --help' -- zone add "$long" --origin 192.0.2.1
bad 2 '--http-port "70000" is no port; allowed: 1 to 65535' -- \
    zone add p.example --origin 192.0.2.1 --http-port 70000
bad 2 'HTTPS port "0" is no port' -- check p.example --origin 192.0.2.1:80:0
bad 2 'write the address as 127.0.0.1' -- check p.example --origin 0x7f.1
# Rows of one zone stand together, or the zone is left out whole; what --update would change stays.
printf 'name,origin\nq.test,127.0.0.1\nr.test,127.0.0.1\nq.test,127.0.0.300\n' >apart.csv
bad 1 'apart.csv:4: rows of q.test must follow each other (first at line 2)' \
    'nothing was imported' -- zone import apart.csv
bad 3 'apart.csv:4: rows of q.test' 'Imported: 1 zones (1 new, 0 updated)' '1 zones left out' -- \
    zone import --skip-bad apart.csv
bad 1 'no zone q.test' -- zone show q.test
printf 'name,origin\nr.test,192.0.2.7\nkept.example,192.0.2.8\nr.test,192.0.2.9\n' >apart.csv
bad 3 'apart.csv:4: rows of r.test' 'Imported: 1 zones (0 new, 1 updated)' -- \
    zone import --skip-bad --update apart.csv
bad 0 -- zone show r.test
grep -q '127.0.0.1' out || say_failed "--update changed a part of a zone"
bad 0 -- zone show kept.example
grep -q '192.0.2.8' out || say_failed "--update left out a good zone"
# The same from a pipe.
status=0
printf 'name,origin\nq.test,127.0.0.1\nr2.test,127.0.0.1\nq.test,127.0.0.1\n' |
    "$sslauto" --config "$conf" --db "$db" zone import --skip-bad - >out 2>err || status=$?
[ $status -eq 3 ] || say_failed "rows apart from a pipe: exit $status, not 3"
grep -q 'standard input:4: rows of q.test' err || say_failed "rows apart from a pipe"
"$sslauto" --config "$conf" --db "$db" -q zone remove r.test r2.test
printf 'name,orgin\n' >header.csv
bad 1 'header.csv:1: unknown column "orgin"; did you mean origin?' -- zone import header.csv
: >empty.csv
bad 1 'empty.csv: is empty' -- zone import empty.csv

# The command line.
bad 2 'unknown option --orgin; did you mean --origin?' 'Try: sslauto check --help' -- \
    check a.example --orgin x
bad 2 'unknown command "chek"; did you mean check?' -- chek
bad 2 'HOST... is missing' -- check
bad 2 '--mode takes one of off|flexible|full|strict|origin_pull' -- recommendations --mode FULL
bad 2 '--limit "0" is no number above 0' -- zone list --limit 0
bad 2 'only one of them' -- scan --due --all
bad 2 '"70000" is no port' -- check p.example --origin 127.0.0.1:70000:1
bad 2 '"70000" is no port' -- zone set kept.example --origin 127.0.0.1:70000:1
bad 2 "probe path \"no\": begin with '/'" -- check p.example --probe 'no slash'
bad 2 '--extra-ca "foo": write NAME=FILE' -- check p.example --extra-ca foo
bad 1 '--extra-ca missing.pem: cannot be read' -- check p.example --extra-ca corp=missing.pem
bad 2 'begins or ends' -- check -- -p.example
bad 2 'is an address' -- check 192.0.2.1
bad 2 '--timeout' -- check p.example --timeout soon
bad 2 'would accept no certificate' -- check p.example --origin 192.0.2.1 --replace-roots
bad 2 'would accept no certificate' -- zone add p.example --origin 192.0.2.1 --replace-roots
bad 2 'would accept no certificate' -- zone set kept.example --replace-roots
bad 2 'nothing to change' 'Try: sslauto zone set --help' -- zone set kept.example
bad 2 'unknown option --nope' -- zone set kept.example --nope
! grep -q 'did you mean' err || say_failed "--nope is far from every option"
bad 2 'there is no command "scan2"; did you mean scan?' 'Try: sslauto --help' -- help scan2

# The configuration.
printf '[crawl]\nslotz = 1\nslots = 70000\n' >bad.conf
bad 1 'bad.conf:2: crawl.slotz: unknown key; `sslauto config show` lists them all' \
    'bad.conf:3: crawl.slots: "70000" is out of range; allowed: 1 to 5000' \
    'the configuration is not valid' -- config check bad.conf
printf '[trust]\ncorp = /nonexistent/corp.pem\n[crawl]\nallow_nets = 10.0.0.0/33\n' >order.conf
bad 1 'order.conf:2: trust.corp' 'order.conf:4: crawl.allow_nets' -- config check order.conf
sed -n 's/^sslauto: order.conf:\([0-9]*\):.*/\1/p' err >order
sort -n order | cmp -s - order || say_failed "config check: complaints are not in order of lines"
printf '[crawl]\nnonsense\nslotz = 1\nslots = 70000\n' >order.conf
bad 1 'order.conf:2: neither' 'order.conf:3: crawl.slotz' -- config check order.conf
sed -n 's/^sslauto: order.conf:\([0-9]*\):.*/\1/p' err >order
sort -n order | cmp -s - order || say_failed "config check: complaints are not in order of lines"
conf=bad.conf
bad 1 'bad.conf:2:' 'nothing was done' -- zone list
conf=good.conf
printf '[crawl]\nallow_nets = 10.0.0.0/33\n' >cidr.conf
bad 1 'cidr.conf:2: crawl.allow_nets: "10.0.0.0/33" is no network; write it as 10.0.0.0/8' -- \
    config check cidr.conf
bad 2 '--allow-net "10.0.0.1/8" is no network' -- \
    check a.example --origin 10.0.0.1 --allow-net 10.0.0.1/8
bad 2 '--allow-net "127.0.0.0/33" is no network' -- scan --allow-net 127.0.0.0/33
bad 2 '--concurrency' 'allowed: 1 to 5000' -- scan --concurrency 0
bad 2 '--rate' 'allowed' -- scan --rate -1
bad 2 '--threads' 'allowed' -- scan --threads x
printf '[trust]\ncorp = /nonexistent/corp.pem\n' >trust.conf
bad 1 'trust.conf:2: trust.corp: /nonexistent/corp.pem cannot be read: No such file' -- \
    config check trust.conf
bad 1 'trust set "corp" is not in the configuration' -- \
    zone add t.example --origin 192.0.2.1 --trust corp

# Stores.
db="sqlite://$work/nothing.db"
bad 1 'nothing.db' 'sslauto db init' -- zone list
db=$store
[ ! -e nothing.db ] || say_failed "a reading command made a store"
db=oracle://x
bad 1 'sqlite:///' -- zone list
db=$store
bad 1 'none.example' -- explain none.example
head -c 100000 /dev/urandom >corrupt.db
db="sqlite://$work/corrupt.db"
bad 1 'corrupt.db' 'restore a copy made with `sslauto db backup`' -- zone list
db=$store
# A page of the file is lost: each complaint is one line of its own about that, and no advice to do
# what was just done.
{
    echo 'name,origin'
    i=0
    while [ $i -lt 500 ]; do
        echo "p$i.example,192.0.2.1"
        i=$((i + 1))
    done
} >pages.csv
db="sqlite://$work/damaged.db"
bad 0 -- zone import pages.csv
dd if=/dev/zero of=damaged.db bs=4096 seek=20 count=1 conv=notrunc 2>/dev/null
bad 1 'file: ' 'restore one made with `sslauto db backup`' -- db check
! LC_ALL=C grep -q '[^ -~]' err || say_failed "db check: not plain text"
! grep -q 'run `sslauto db check`' err || say_failed "db check advises db check"
! grep -v -e 'sslauto: file: ' -e 'damaged.db: the file is damaged; ' err >/dev/null ||
    say_failed "db check tells what follows from one fault"
! grep -q 'disk image is malformed' err || say_failed "db check stumbles and says so too"
db=$store
cp store.db newer.db
if command -v python3 >/dev/null; then
    python3 -c 'import sqlite3, sys
d = sqlite3.connect(sys.argv[1]); d.execute("PRAGMA user_version = 999"); d.commit()' newer.db
    db="sqlite://$work/newer.db"
    bad 1 'newer.db' '999' 'use the newer sslauto that wrote it' -- zone list
    python3 -c 'import sqlite3, sys
d = sqlite3.connect(sys.argv[1]); d.execute("PRAGMA user_version = 1"); d.commit()' newer.db
    bad 1 'newer.db: has schema 1' 'run `sslauto db migrate`' -- zone list
    bad 1 'newer.db: has schema 1' 'run `sslauto db migrate`' -- zone add x.example --origin 192.0.2.1
    bad 1 'newer.db: has schema 1' 'run `sslauto db migrate`' -- zone import pages.csv
    bad 1 'newer.db: has schema 1' 'run `sslauto db migrate`' -- token add x -p zone_read
    bad 1 'newer.db: has schema 1' 'run `sslauto db migrate`' -- db init
    bad 0 -- db backup "$work/before.db"
    [ -s before.db ] || say_failed "no backup of an older store"
    db=$store
fi
bad 1 'copy.db' 'exists already' -- db backup "$(touch copy.db; echo "$work/copy.db")"

# Full and read-only disks. Where mounting is not allowed the store's own tests still do it.
mkdir "$disk"
if mount -t tmpfs -o size=400k none "$disk" 2>/dev/null; then
    "$sslauto" --config good.conf --db "sqlite://$disk/s.db" --quiet zone add kept.example \
        --origin 192.0.2.1
    {
        echo 'name,origin'
        i=0
        while [ $i -lt 5000 ]; do
            echo "z$i.example,192.0.2.1"
            i=$((i + 1))
        done
    } >many.csv
    db="sqlite://$disk/s.db"
    bad 1 's.db' 'space' 'nothing was imported' -- zone import many.csv
    db=$store
    [ "$(zones "$disk/s.db")" -eq 1 ] || say_failed "a full disk lost or left zones"
    mount -o remount,ro "$disk"
    db="sqlite://$disk/s.db"
    bad 1 's.db' 'Read-only file system' -- zone add x.example --origin 192.0.2.1
    db=$store
    umount "$disk"
else
    echo 'not run: full and read-only disk (mount is not permitted)' >&2
fi

# What was printed counts only when it arrived.
status=0
"$sslauto" --config good.conf config show >/dev/full 2>err || status=$?
[ $status -eq 1 ] || say_failed "a full standard output: exit $status, not 1"
grep -q 'standard output cannot be written: No space left' err || say_failed "/dev/full"

"$sslauto" --config good.conf --db "$store" db check >out 2>err ||
    say_failed "the store is not sound in the end"
echo "$rows kinds of bad input"
exit $failed
