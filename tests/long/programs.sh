#!/usr/bin/env bash
# The real programs of tests/programs on a live mount, in full.
set -uo pipefail
programs=$(cd "$(dirname "${BASH_SOURCE[0]}")/../programs" && pwd)
broken=0
run() { "$programs/$1.sh" "${@:2}" || broken=1; }
run postgres 20
run sqlite 20
run git
run copy
run load 256 20
run build all
run commits 100
exit "$broken"
