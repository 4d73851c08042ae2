#!/usr/bin/env bash
# Kills of a live mount's server at random moments and at every write boundary, and power cuts under it, while threads write: see
# tests/Vt.CrashTest. After each it is mounted again with no manual step, everything that an fsync acknowledged is there, and each
# thread's files are as they were at one moment; store and archive are clean.
# Arguments: how many kills, how many power cuts (as root alone), and at every how many boundaries.
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${VT_TEST_PROGRAM:-$top/build/vt}
test=$(basename "$0" .sh)
kills=${1:-500}
cuts=${2:-100}
step=${3:-1}
seed=${VT_TEST_SEED:-$((RANDOM + 1))}
crash=$(ls "$top"/artifacts/bin/Vt.CrashTest/*/vt-crashtest 2>/dev/null | head -1)
[[ -x $program && -n $crash ]] || { echo "$test: there is no $program, or the crash test is not built" >&2; exit 1; }
scratch=$(mktemp -d)
leave() {
    umount -l "$scratch/live" 2>/dev/null
    umount "$scratch/disk" 2>/dev/null
    [[ -z ${loop:-} ]] || losetup -d "$loop"
    rm -rf "$scratch"
}
trap leave EXIT
mkdir "$scratch/work" "$scratch/disk"
broken=0
run() { "$crash" "$program" "$@" seed="$seed" | sed "s/^/$test: /" || broken=1; }
((kills == 0)) || run "$scratch/work" kills="$kills"
((step == 0)) || run "$scratch/work" boundary-step="$step"
((kills == 0)) || run "$scratch/work" kills=$(((kills + 4) / 5)) local=1
((step == 0)) || run "$scratch/work" boundary-step=$((step * 5)) local=1
if ((cuts > 0)) && [[ $(id -u) == 0 ]]; then
    truncate -s 8G "$scratch/image"
    if loop=$(losetup -f --show "$scratch/image" 2>/dev/null) && mkfs.ext4 -q "$loop" && mount "$loop" "$scratch/disk"; then
        run "$scratch/disk" power-cuts="$cuts" device="$loop"
        run "$scratch/disk" power-cuts=$(((cuts + 4) / 5)) device="$loop" local=1
    else
        echo "$test: no power was cut, as there are no loop devices here"
    fi
fi
exit "$broken"
