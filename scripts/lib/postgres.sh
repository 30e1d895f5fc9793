# shellcheck shell=bash
# A PostgreSQL of one's own: unix socket only, so that no port can clash. Sourced, not run.
#
# Authentication is trust, on a socket in a folder that only its owner may enter: whoever gets there could read the data
# files as well. PostgreSQL refuses to run as root, so root lends it the user that Debian's package made.

pg_bin=${TESSERA_TEST_PG_BIN:-/usr/lib/postgresql/15/bin}

as_database_user() {
    if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

# pg_start DIRECTORY [OPTION…]: makes a cluster there if there is none and starts it. Sets pg_socket and pg_data.
pg_start() {
    pg_data=$1/postgres
    shift
    mkdir -p "$pg_data"
    if [ "$(id -u)" -eq 0 ]; then
        # Somewhere the database user can't reach, such as below /root: keep the data where it can.
        if ! as_database_user test -x "$(dirname "$pg_data")"; then
            pg_data=/var/lib/tessera/$(printf '%s' "$pg_data" | cksum | cut -d' ' -f1)
            mkdir -p "$pg_data"
            say "PostgreSQL can't enter ${PWD}: its data is in $pg_data"
        fi
        chown postgres "$pg_data"
    fi
    chmod 700 "$pg_data"
    # A socket's path may have 107 bytes, so it gets a short folder of its own.
    pg_socket=$(mktemp -d /tmp/tessera.XXXXXX)
    [ "$(id -u)" -ne 0 ] || chown postgres "$pg_socket"
    [ -s "$pg_data/PG_VERSION" ] || as_database_user "$pg_bin/initdb" -D "$pg_data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 >/dev/null
    as_database_user "$pg_bin/pg_ctl" -D "$pg_data" -w -t 60 -l "$pg_data/server.log" -o "-c listen_addresses='' -c unix_socket_directories='$pg_socket' $*" start >/dev/null \
        || die "PostgreSQL did not start: see $pg_data/server.log."
}

pg_stop() {
    [ -n "${pg_data:-}" ] || return 0
    as_database_user "$pg_bin/pg_ctl" -D "$pg_data" -m fast -w stop >/dev/null 2>&1 || true
    rm -rf "$pg_socket"
}

# pg_url DATABASE USER
pg_url() { printf 'postgresql:///%s?host=%s&user=%s' "$1" "$pg_socket" "$2"; }
