# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced. free_port: prints a TCP port nobody listens on, below the range that the kernel gives to
# outgoing connections. free_ports N: so many different ones.
free_port() {
    while :; do
        port=$(($(od -An -N2 -tu2 /dev/urandom) % 17000 + 15000))
        hex=$(printf '%04X' "$port")
        if ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q ":$hex [0-9A-F]*:0000 0A"; then
            echo "$port"
            return
        fi
    done
}

free_ports() {
    ports=
    while [ "$(echo "$ports" | wc -w)" -lt "$1" ]; do
        port=$(free_port)
        case " $ports " in
        *" $port "*) ;;
        *) ports="$ports $port" ;;
        esac
    done
    echo "$ports"
}
