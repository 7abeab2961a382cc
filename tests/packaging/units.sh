#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# units.sh SSLAUTO UNITS PACKAGING: each command of units and crontab is one of the program's; where
# systemd is, it takes the units and finds little to expose in the services.
set -eu
sslauto=$1
units=$2
packaging=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
complain() {
    printf '%s\n' "$*" >&2
    failed=1
}

# -- what is started is a command, with options that it has ------------------------------------
{
    sed -n 's/^Exec[A-Za-z]*=\/.*\/sslauto \(.*\)/\1/p' "$units"/*.service
    # What stands in front of the command: five times and a user.
    sed -n 's/^[0-9*][^ ]* [^ ]* [^ ]* [^ ]* [^ ]* sslauto //p' "$packaging/crontab.example" |
        grep -oE '(^| )sslauto [^&|]*' | sed -e 's/^ *sslauto //' -e 's/--quiet //'
} | sed "s/ [/$%].*//" | sort -u >"$work/started"
[ "$(wc -l <"$work/started")" -ge 5 ] || complain "only: $(cat "$work/started")"
while read -r words; do
    command=${words%% -*}
    # shellcheck disable=SC2086 # the words of the command
    "$sslauto" help $command >"$work/help" 2>&1 || complain "no such command: $words"
    for word in $words; do
        case $word in
        --*) grep -qE -- " $word( |\$)" "$work/help" || complain "no such option: $words" ;;
        esac
    done
done <"$work/started"

# The guard lists this machine's addresses, which needs netlink: without it no scan begins. A minimal
# system has no /bin/kill.
for unit in sslauto sslauto-tick sslauto-serve; do
    grep -q '^RestrictAddressFamilies=.*AF_NETLINK' "$units/$unit.service" ||
        complain "$unit.service cannot list addresses"
done
! grep -n '=/bin/kill' "$units"/*.service || complain 'needs procps'

command -v systemd-analyze >/dev/null || {
    echo 'no systemd here'
    exit $failed
}

# -- systemd takes them; the program is where it was built, not where it will be -----------------
for unit in "$units"/*.service "$packaging"/systemd/*.timer; do
    sed "s|=/[^ ]*/sslauto |=$sslauto |" "$unit" >"$work/${unit##*/}"
done
for unit in "$work"/*.service "$work"/*.timer; do
    # Units that this machine lacks are not the fault of ours.
    systemd-analyze verify --man=no "$unit" 2>&1 |
        grep -vE 'Failed to (prepare filename|add dependency)|Unit .* not found' >"$work/said" || true
    ! grep -q "${unit##*/}" "$work/said" || complain "$(cat "$work/said")"
done
# 0 is nothing exposed, 100 all of it; 20 is systemd's own bound of what is "OK".
for unit in "$work"/*.service; do
    systemd-analyze security --offline=true --threshold=20 --no-pager "$unit" >"$work/said" 2>&1 ||
        complain "$(cat "$work/said")"
    tail -n 1 "$work/said"
done
if command -v systemd-sysusers >/dev/null; then
    mkdir -p "$work/root/etc"
    systemd-sysusers --root="$work/root" - <"$packaging/sysusers.conf"
    grep -q '^sslauto:.*:/var/lib/sslauto:/usr/sbin/nologin$' "$work/root/etc/passwd" ||
        complain 'sysusers.conf makes no user sslauto'
    systemd-tmpfiles --root="$work/root" --create - <"$packaging/tmpfiles.conf" ||
        complain 'tmpfiles.conf is not taken'
    [ "$(stat -c %a "$work/root/var/lib/sslauto")" = 750 ] || complain 'the folder of the store'
fi
exit $failed
