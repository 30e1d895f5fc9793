#!/usr/bin/env bash
# What the compiler doesn't check of the house's rules: who imports whom, where unsafe code may be, and what isn't left behind.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

faults=0
fault() {
    printf '%s\n' "$1" >&2
    faults=1
}

# only MODULE "ALLOWED…": of our own modules, a module imports those.
only() {
    local module=$1 allowed=" $2 " found
    while read -r found; do
        case $allowed in *" $found "*) ;; *) fault "Modules/$module imports $found, which its wall forbids." ;; esac
    done < <(grep -rhoE '^(package |public )?import (Domain|Postgres|CLibPQ|Limits|Redis|Mail|Auth|Persistence|Monitoring|Migrations|HTTP|Admin)$' "Modules/$module" | awk '{print $NF}' | sort -u)
}
only Domain ""
only Redis ""
only Limits "Redis"
only Mail ""
only Postgres "CLibPQ"
only Auth "Domain"
only Monitoring "Domain"
only Persistence "Postgres Domain"
only Migrations "Postgres"
only HTTP "Auth Monitoring Limits Domain"
only Admin "HTTP Domain"

# nowhere PATTERN WHERE WHAT
nowhere() {
    local found
    # shellcheck disable=SC2086
    found=$(grep -rnE "$1" $2 --include='*.swift' || true)
    [ -z "$found" ] || fault "$3:
$found"
}
product=$(find Modules -mindepth 1 -maxdepth 1 -type d ! -name Postgres ! -name CLibPQ)
nowhere '\bunsafe\b' "$product Apps" "unsafe code outside the driver"
nowhere '\b(TODO|FIXME|XXX)\b' "Modules Apps Tests" "left for later"
nowhere '\btry!|\bas! |fatalError\(|Task\.detached' "Modules Apps" "crashes or unstructured tasks"
nowhere '^import Foundation$' "Modules/Domain" "Domain imports FoundationEssentials only"
while read -r lines file; do
    [ "$lines" -le 400 ] || fault "$file has $lines lines; 400 are the most."
done < <(git ls-files 'Modules/*.swift' 'Apps/*.swift' 'Tests/*.swift' | xargs wc -l | grep -v ' total$')
! git ls-files | grep -qE '(^|/)(Package\.resolved|\.build/)' || fault "Package.resolved or .build is tracked."
exit "$faults"
