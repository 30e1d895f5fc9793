# shellcheck shell=bash
# A throw-away PostgreSQL and what a tessera-api over it is told, for scripts that measure. Sourced after postgres.sh and serve.sh.

# prepare_measured NAME POSTGRES-OPTIONS: a database that goes with the script, free ports, a key, no limits; start_api is next.
# What runs beside it and is to end with it: its process ids in also_running.
prepare_measured() {
    directory=$(mktemp -d "/tmp/tessera-$1.XXXXXX")
    chmod 755 "$directory"
    also_running=()
    trap stop_measured EXIT
    trap 'exit 130' INT TERM
    pg_start "$directory" "$2"
    TESSERA_HTTP_PORT=$(free_port) TESSERA_OPERATIONS_PORT=$(free_port) TESSERA_AUTH_KEY_ENCRYPTION_KEY=$(random_hex)
    export TESSERA_HTTP_PORT TESSERA_OPERATIONS_PORT TESSERA_AUTH_KEY_ENCRYPTION_KEY TESSERA_LOG_LEVEL=warning TESSERA_MAIL_DIRECTORY=$directory/mail
    local limit
    for limit in ADDRESS TOKEN USER TENANT REGISTER RESET REPORT LOGIN LOGIN_ADDRESS REFRESH; do export "TESSERA_LIMITS_$limit=off"; done
    prepare_database 2>/dev/null
}

stop_measured() {
    stop_api
    [ ${#also_running[@]} -eq 0 ] || kill "${also_running[@]}" 2>/dev/null || true
    pg_stop
    rm -rf "$directory"
}
