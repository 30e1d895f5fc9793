# shellcheck shell=bash
# Debian packages that a script needs. Sourced, not run.

# need WHY PACKAGE…: installs what is missing, and says what and why.
need() {
    local why=$1 missing=() package
    shift
    command -v dpkg-query >/dev/null || { say "no Debian here: please see to $* yourself ($why)"; return; }
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "installing ${missing[*]} by apt ($why)"
    as_root apt-get update -qq
    without_services as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
        || die "apt could not install ${missing[*]}: install them by hand and run again."
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null || die "root is needed for: $*. Install sudo, or run that as root once."
        sudo "$@"
    fi
}

# Runs a command during which no package starts its own service: the scripts start what they need themselves.
without_services() {
    local policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
    local code=0
    "$@" || code=$?
    as_root rm -f "$policy"
    return "$code"
}

need_build_packages() { need "to build" libpq-dev pkg-config libssl-dev zlib1g-dev; }
need_database_packages() { need "the database" postgresql-15 curl python3-minimal; }
need_test_packages() { need "parts the tests run against" nginx openssl pgbouncer prometheus python3-aiosmtpd python3-authlib python3-cryptography python3-jsonschema python3-jwt python3-requests redis-server wrk; }

# python_home NAME PACKAGE…: makes .build/NAME a Python that has Debian's packages and these of PyPI; fails where PyPI can't be reached.
python_home() {
    local home=$PWD/.build/$1
    shift
    [ "$(cat "$home/packages" 2>/dev/null)" = "$*" ] && return
    need "Python packages" python3-venv
    say "installing $* by pip"
    /usr/bin/python3 -m venv --system-site-packages "$home" && "$home/bin/python3" -m pip install -q "$@" || return
    echo "$*" >"$home/packages"
}

# What only PyPI has, for the tests: test_python is where. Without PyPI the tests that need it are left out.
need_python_packages() {
    # shellcheck disable=SC2034  # for who sources this
    test_python=/usr/bin/python3
    if python_home test-python http_sf==1.5.0; then
        # shellcheck disable=SC2034
        test_python=$PWD/.build/test-python/bin/python3
    else
        say "PyPI can't be reached: some tests are left out"
    fi
}

# For scripts/test-api: contract_python is where.
need_contract_packages() {
    python_home contract-python schemathesis==4.32.5 openapi-spec-validator==0.9.0 || die "PyPI can't be reached: schemathesis comes from there."
    # shellcheck disable=SC2034  # for who sources this
    contract_python=$PWD/.build/contract-python
}
