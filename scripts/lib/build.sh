# shellcheck shell=bash
# Release binaries of the product. Sourced, not run.

build_release() {
    command -v swift >/dev/null || die "Swift 6.3 is not on the PATH: install the toolchain first."
    api=.build/release/tessera-api migrate=.build/release/tessera-migrate
    if [ -x "$api" ] && [ -x "$migrate" ] && [ -z "$(find Package.swift Modules Apps -newer "$api" -type f | head -n 1)" ]; then return; fi
    say "building (the first time takes some minutes)"
    swift build -c release --product tessera-migrate >&2
    swift build -c release --product tessera-api >&2
    touch "$migrate" "$api"
}
