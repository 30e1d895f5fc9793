# shellcheck shell=bash
# How the product and its tests are built. Sourced, not run.

# build_tests [option of swift build…]: everything, unoptimised but for the C in it: hashing a password with scrypt would take seven times as
# long, and the tests hash some thousands.
build_tests() { swift build --build-tests -Xcc -O2 "$@"; }

# Release binaries.

build_release() {
    command -v swift >/dev/null || die "Swift 6.3 is not on the PATH: install the toolchain first."
    api=.build/release/tessera-api migrate=.build/release/tessera-migrate
    if [ -x "$api" ] && [ -x "$migrate" ] && [ -z "$(find Package.swift Modules Apps -newer "$api" -type f | head -n 1)" ]; then return; fi
    say "building (the first time takes some minutes)"
    swift build -c release --product tessera-migrate >&2
    swift build -c release --product tessera-api >&2
    touch "$migrate" "$api"
}
