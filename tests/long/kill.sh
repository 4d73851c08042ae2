#!/usr/bin/env bash
# kill -9 at random moments of an import, spread over its whole length, and at every write boundary through the fault hook. After each
# the store verifies clean, the same import succeeds with no manual step, and every state that was acknowledged before is whole.
# At the end of a store's life its archives come out as they went in.
# Arguments: how many kills at random moments, and at how many boundaries at most (0: all).
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
kills=${1:-200}
boundaries=${2:-0}
per_store=10
trees=(drivers/net/ethernet drivers/net/wireless drivers/media drivers/scsi drivers/usb drivers/staging drivers/clk drivers/misc drivers/gpu/drm/i915 fs)

begin() {
    rm -rf store ./*.vt
    "$vt" -q init >/dev/null || fail "init"
}
import() { "$vt" import -q "$kernel/$1" "$2"; }
verify() {
    "$vt" datadir verify -q >verify.log 2>&1 || fail "verify after $1: $(head -5 verify.log)"
}
finish() {
    local archive tree
    verify "$1"
    for archive in *.vt; do
        tree=$(tr % / <<<"${archive%.vt}")
        "$vt" fsck -q "$archive" || fail "fsck $archive after $1"
        rm -rf out
        "$vt" export -q "$archive" out || fail "export $archive after $1"
        same "$kernel/$tree" out
    done
    rm -rf out
}

# How long an import of each takes here, alone in a new store: where kills have to fall.
declare -A lasts
for tree in "${trees[@]}"; do
    begin
    start=$(now)
    import "$tree" time.vt || fail "import $tree"
    lasts[$tree]=$(($(now) - start))
done

killed=0
escaped=0
unfinished=0
begin
for ((round = 0; killed < kills; round++)); do
    if ((round % per_store == 0 && round > 0)); then
        finish "round $round"
        begin
    fi
    tree=${trees[round % ${#trees[@]}]}
    archive=$(tr / % <<<"$tree").vt
    moment=$(random "${lasts[$tree]}")
    # stdbuf and timeout would be processes of their own: this one is killed itself, by its number.
    "$vt" import -q "$kernel/$tree" "$archive" >import.log 2>&1 &
    victim=$!
    sleep "$((moment / 1000000000)).$(printf %09d $((moment % 1000000000)))"
    if kill -9 "$victim" 2>/dev/null; then killed=$((killed + 1)); else escaped=$((escaped + 1)); fi
    wait "$victim" 2>/dev/null
    [[ -s $archive ]] || unfinished=$((unfinished + 1))
    verify "kill $killed at $((moment / 1000000)) ms of $tree"
    # What was acknowledged stays: every second time also what an archive holds that the killed import had nothing to do with.
    if ((round % 2 == 1)); then
        for other in *.vt; do
            [[ ! -s $other ]] || "$vt" fsck -q "$other" || fail "fsck $other after kill $killed"
        done
    fi
    import "$tree" "$archive" || fail "import $tree after kill $killed"
done
finish "kill $killed"
say "$killed killed at random moments of imports of $(printf '%s ' "${lasts[@]}" | awk '{ for (i = 1; i <= NF; i++) s += $i; printf "%.1f", s / NF / 1e9 }') s on average" \
    "($escaped more had ended before, $unfinished had not yet written their archive): verified, imported again, exported equal"

# Small enough that all its boundaries can be had, large enough for several frames and a second state.
tree=drivers/net/phy
lost=0
for ((boundary = 1; boundaries == 0 || boundary <= boundaries; boundary++)); do
    begin
    mkdir -p small
    rsync -a --delete "$kernel/drivers/net/hamradio/" small/
    "$vt" import -q small small.vt || fail "import before boundary $boundary"
    rsync -a "$kernel/$tree/" small/
    VT_FAULT=kill:$boundary "$vt" import -q small small.vt >import.log 2>&1 &
    wait $! 2>/dev/null
    code=$?
    ((code == 137 || code == 0)) || fail "boundary $boundary: exit code $code: $(head -3 import.log)"
    verify "boundary $boundary"
    "$vt" fsck -q --all small.vt || fail "fsck after boundary $boundary"
    "$vt" import -q small small.vt || fail "import after boundary $boundary"
    verify "boundary $boundary and an import"
    rm -rf out
    "$vt" export -q small.vt out || fail "export after boundary $boundary"
    same small out
    ((code == 137)) || break
    lost=$((lost + 1))
done
say "$lost killed at write boundaries, every one that an import crosses: verified, imported again, exported equal"
