#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test-deb.sh ROOT DEB: installs the package in a Debian root (as debootstrap makes one, with /proc,
# /sys and /dev mounted and apt working), uses it, upgrades it over itself, removes and purges it.
# Needs to be root; nothing outside ROOT is changed.
set -eu
[ $# = 2 ] || { echo 'usage: test-deb.sh ROOT DEB' >&2; exit 2; }
root=$1
deb=$2
[ -x "$root/usr/bin/apt-get" ] || { echo "$root is no Debian root" >&2; exit 2; }
work=$root/var/tmp/test-deb
rm -rf "$work"
mkdir -p "$work/next"
cp "$deb" "$work/first.deb"

# The next version: another number, and another default in the conffile.
dpkg-deb -R "$deb" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
echo '# next' >>"$work/next/etc/sslauto/sslauto.conf"
dpkg-deb --root-owner-group -b "$work/next" "$work/next.deb" >/dev/null
rm -rf "$work/next"

cat >"$work/inside.sh" <<'INSIDE'
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
cd /var/tmp/test-deb
step() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
as_user() { setpriv --reuid=sslauto --regid=sslauto --init-groups "$@"; }
state() { dpkg-query -W -f='${db:Status-Abbrev}' sslauto 2>/dev/null || true; }

step "install on Debian $(cat /etc/debian_version)"
apt-get update -q >apt.log 2>&1 || cat apt.log
apt-get install -y -q --no-install-recommends ./first.deb >apt.log 2>&1 || { cat apt.log; exit 1; }
grep -iE 'warning|error' apt.log | grep -v 'unsandboxed' || true
[ "$(state)" = 'ii ' ] || fail 'not installed'
getent passwd sslauto
[ "$(stat -c '%U:%G %a' /var/lib/sslauto)" = 'sslauto:sslauto 750' ] || fail 'folder of the store'
[ "$(stat -c '%U %a' /etc/sslauto/sslauto.conf)" = 'root 644' ] || fail 'conffile'

step 'use'
sslauto version | head -n 1
sslauto config check
as_user sslauto config check
as_user sslauto db init
[ "$(stat -c %U /var/lib/sslauto/sslauto.db)" = sslauto ] || fail 'owner of the store'
as_user sslauto zone add shop.example --origin 203.0.113.7
# --foreground: one signal; with two the program ends at once, not cleanly.
as_user timeout --foreground --preserve-status -s TERM 2 sslauto run --no-scans ||
    fail "run ended with $?"
sslauto zone list
as_user sslauto db check
[ -z "$(find /var/lib/sslauto ! -user sslauto)" ] || fail 'files of others among the store'

step 'upgrade: the operator changed the conffile, the package too'
echo '# mine' >>/etc/sslauto/sslauto.conf
before=$(dpkg-query -W -f='${Version}' sslauto)
dpkg --force-confdef --force-confold -i ./next.deb >dpkg.log 2>&1 || { cat dpkg.log; exit 1; }
after=$(dpkg-query -W -f='${Version}' sslauto)
echo "$before -> $after"
[ "$before" != "$after" ] || fail 'same version'
grep -q '^# mine$' /etc/sslauto/sslauto.conf || fail 'the changed conffile was lost'
sslauto config check
as_user sslauto zone show shop.example >/dev/null || fail 'the zone was lost'

step 'remove'
apt-get remove -y -q sslauto >apt.log 2>&1 || { cat apt.log; exit 1; }
[ "$(state)" = 'rc ' ] || fail "after remove: $(state)"
[ ! -e /usr/bin/sslauto ] || fail 'the program stayed'
[ -e /var/lib/sslauto/sslauto.db ] || fail 'remove took the store'
[ -e /etc/sslauto/sslauto.conf ] || fail 'remove took the conffile'

step 'install again, then purge'
apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold ./first.deb >apt.log 2>&1 ||
    { cat apt.log; exit 1; }
as_user sslauto zone show shop.example >/dev/null || fail 'the zone was lost'
apt-get purge -y -q sslauto >apt.log 2>&1 || { cat apt.log; exit 1; }
[ -z "$(state)" ] || [ "$(state)" = 'un ' ] || fail "after purge: $(state)"
for path in /usr/bin/sslauto /etc/sslauto /var/lib/sslauto /usr/share/doc/sslauto; do
    [ ! -e $path ] || fail "purge left $path"
done
left=$(find /etc /usr /var/lib -xdev -name '*sslauto*')
[ -z "$left" ] || fail "purge left $left"
getent passwd sslauto >/dev/null || fail 'the user went, and with it who its files belong to'
step 'all good'
INSIDE
chroot "$root" sh /var/tmp/test-deb/inside.sh
rm -rf "$work"
