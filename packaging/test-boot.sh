#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test-boot.sh ROOT DEB: boots a Debian root (as debootstrap makes one, with nothing mounted inside)
# under systemd-nspawn, with the package installed, and has its units do their work under a live
# systemd: started when ready, reloaded, watched, stopped; the passes of the timers; the API.
# Needs to be root, systemd-nspawn here, and in ROOT a working apt. Nothing outside ROOT is changed.
set -eu
[ $# = 2 ] || { echo 'usage: test-boot.sh ROOT DEB' >&2; exit 2; }
root=$1
deb=$2
[ -x "$root/usr/bin/apt-get" ] || { echo "$root is no Debian root" >&2; exit 2; }
command -v systemd-nspawn >/dev/null || { echo 'there is no systemd-nspawn' >&2; exit 2; }
mkdir -p "$root/var/tmp/test-boot"
cp "$deb" "$root/var/tmp/test-boot/sslauto.deb"
rm -rf "$root/var/tmp/test-boot/said" "$root/var/lib/sslauto"
systemd-nspawn -q -D "$root" --register=no --keep-unit sh -euc '
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -y -q --no-install-recommends systemd systemd-sysv dbus curl
    apt-get install -y -q --no-install-recommends --reinstall --allow-downgrades \
        /var/tmp/test-boot/sslauto.deb' </dev/null >"$root/var/tmp/test-boot/apt.log" 2>&1 || {
    tail -n 20 "$root/var/tmp/test-boot/apt.log" >&2
    exit 1
}

cat >"$root/var/tmp/test-boot/inside.sh" <<'INSIDE'
set -eu
step() { printf '== %s\n' "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*"
    systemctl --no-pager status 'sslauto*' || true
    journalctl -b --no-pager -n 40 || true
    exit 1
}
main_pid() { systemctl show -p MainPID --value "$1"; }

step "systemd $(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p'), Debian $(cat /etc/debian_version)"
[ "$(systemctl is-active sslauto)" = active ] || fail 'sslauto.service is not active after the boot'
pid=$(main_pid sslauto)
[ "$(stat -c %U /proc/"$pid")" = sslauto ] || fail 'it does not run as its user'
[ "$(systemctl show -p StatusText --value sslauto)" = running ] || fail 'it does not say that it runs'

step 'reload'
systemctl reload sslauto || fail 'reload'
sleep 2
[ "$(main_pid sslauto)" = "$pid" ] || fail 'a reload is no restart'

step 'a store made by the service is used by the operator, and the other way round'
runuser -u sslauto -- sslauto zone add boot.example --origin 127.0.0.1 >/dev/null || fail 'zone add'
runuser -u sslauto -- sslauto db check >/dev/null || fail 'db check'

step 'killed: started again'
kill -KILL "$pid"
tries=0
until [ "$(systemctl is-active sslauto)" = active ] && [ "$(main_pid sslauto)" != "$pid" ]; do
    tries=$((tries + 1))
    [ $tries -le 60 ] || fail 'it is not started again'
    sleep 0.5
done

step 'what is due is scanned'
tries=0
until runuser -u sslauto -- sslauto recommendations --format jsonl | grep -q '"scanned_at": *"2'; do
    tries=$((tries + 1))
    [ $tries -le 60 ] || fail 'the zone is not scanned'
    sleep 0.5
done
[ "$(journalctl -b -u sslauto --no-pager -o cat | grep -c 'tried again')" = 0 ] || fail 'it complains'

step 'stopped cleanly'
systemctl stop sslauto || fail 'stop'
[ "$(systemctl show -p Result --value sslauto)" = success ] || fail 'the stop was no success'

step 'the passes of the timers'
runuser -u sslauto -- sslauto zone rescan boot.example >/dev/null || fail 'zone rescan'
systemctl start sslauto-tick.service || fail 'tick'
cp -p /etc/sslauto/sslauto.conf /run/sslauto.conf.before
printf '[mail]\nserver = smtp://127.0.0.1:9\nfrom = sslauto@boot.example\n' >>/etc/sslauto/sslauto.conf
systemctl start sslauto-digest.service || fail 'a digest that has nothing to tell'
cp -p /run/sslauto.conf.before /etc/sslauto/sslauto.conf
systemctl start sslauto-tick.timer sslauto-digest.timer || fail 'timers'
systemctl list-timers --no-pager 'sslauto*' | grep -c '\.service' >/dev/null || fail 'no timer waits'

step 'the API'
systemctl start sslauto-serve || fail 'serve'
code=$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8787/client/v4/zones)
[ "$code" = 400 ] || [ "$code" = 401 ] || [ "$code" = 403 ] || fail "an unknown caller gets $code"
systemctl stop sslauto-serve || fail 'stop of serve'
[ -z "$(systemctl list-units --failed --no-legend 'sslauto*')" ] || fail 'a unit failed'
step 'all units did their work'
INSIDE

cat >"$root/etc/systemd/system/test-boot.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
StandardOutput=file:/var/tmp/test-boot/said
StandardError=inherit
ExecStart=/bin/sh /var/tmp/test-boot/inside.sh
ExecStopPost=/bin/systemctl --no-block poweroff
[Install]
WantedBy=graphical.target
UNIT
wants=$root/etc/systemd/system/graphical.target.wants
mkdir -p "$wants"
ln -sf /etc/systemd/system/test-boot.service "$wants/"
# The variable: systemd of Debian 13 boots on the cgroups of version 1 too, where this machine has them.
timeout 300 systemd-nspawn -q -D "$root" --boot --register=no --keep-unit --private-network \
    --setenv=SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 </dev/null >"$root/var/tmp/test-boot/boot.log" 2>&1 || true
rm -f "$root/etc/systemd/system/test-boot.service" "$wants/test-boot.service"
cat "$root/var/tmp/test-boot/said"
grep -q '^== all units did their work$' "$root/var/tmp/test-boot/said"
