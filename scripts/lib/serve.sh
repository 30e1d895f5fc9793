# shellcheck shell=bash disable=SC2154
# Starting and stopping the API over a private PostgreSQL. Sourced, not run.

# Makes roles, database and schema, and points tessera-api at them.
prepare_database() {
    export TESSERA_DATABASE_URL=${TESSERA_DATABASE_URL:-postgresql:///tessera?host=$pg_socket}
    export TESSERA_DATABASE_BOOTSTRAP_URL=${TESSERA_DATABASE_BOOTSTRAP_URL:-$(pg_url postgres postgres)}
    export TESSERA_DATABASE_MIGRATOR_URL=${TESSERA_DATABASE_MIGRATOR_URL:-$(pg_url tessera tessera_migrator)}
    "$migrate" bootstrap >/dev/null
    "$migrate" up
}

# Starts tessera-api in the background and waits until it answers. Sets api_pid.
start_api() {
    "$api" &
    api_pid=$!
    wait_until 30 api_answers_or_is_gone || die "tessera-api did not answer within 30 s."
    kill -0 "$api_pid" 2>/dev/null || die "tessera-api ended; its last words are above."
}

api_url() { printf 'http://%s:%s' "${TESSERA_HTTP_HOST:-127.0.0.1}" "${TESSERA_HTTP_PORT:-8080}"; }

api_answers_or_is_gone() { ! kill -0 "$api_pid" || curl -fs "$(api_url)/readyz"; }

stop_api() {
    [ -n "${api_pid:-}" ] || return 0
    kill -TERM "$api_pid" 2>/dev/null || true
    wait "$api_pid" 2>/dev/null || true
}
