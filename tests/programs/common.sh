# What the tests of real programs share: a live mount at $mnt in a scratch folder that goes at the end. Sourced, never run.
#   VT_TEST_PROGRAM  the program; build/vt where unset
#   VT_TEST_KEEP     a folder that gets what a failed test leaves
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
vt=${VT_TEST_PROGRAM:-$top/build/vt}
test=$(basename "$0" .sh)
[[ -x $vt ]] || { echo "$test: there is no program $vt" >&2; exit 1; }
scratch=$(mktemp -d)
chmod 755 "$scratch"
mnt=$scratch/mnt
server=
leave() {
    [[ $(type -t at_end) != function ]] || at_end
    [[ -z $server ]] || kill_live
    cd /
    rm -rf "$scratch"
}
trap leave EXIT
unset VT_CACHE_STORE VT_HASHNAME VT_FAULT
export HOME=$scratch VT_CONFIG=$scratch/vtrc VT_STORE=$scratch/store
: >"$VT_CONFIG"

say() { printf '%s: %s\n' "$test" "$*"; }
fail() {
    say "FAILED: $*" >&2
    tail -n 20 "$scratch"/*.log >&2 2>/dev/null
    [[ -z ${VT_TEST_KEEP:-} ]] || cp -a "$scratch" "$VT_TEST_KEEP" || true
    exit 1
}

# Makes a store and an archive, and mounts it.
begin_live() {
    mkdir -p "$mnt"
    "$vt" -q init >"$scratch/init.log" 2>&1 || fail "init"
    mount_live
}
mount_live() {
    "$vt" mount "$scratch/a.vt" "$mnt" -o allow_other,commit=1 >>"$scratch/mount.log" 2>&1 &
    server=$!
    local i
    for ((i = 0; i < 600; i++)); do
        mountpoint -q "$mnt" && return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    fail "the mount does not come up"
}
# Ends the server at once, and takes away the dead mount.
kill_live() {
    kill -9 "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    server=
    umount -l "$mnt" 2>/dev/null
}
# Ends it in order; all of it is in the archive then.
stop_live() {
    sync -f "$mnt"
    umount "$mnt" || fail "umount: $(fuser -vm "$mnt" 2>&1)"
    wait "$server" || fail "the server ended with $?"
    server=
}
# Ends it and requires that nothing is damaged.
finish_live() {
    cd "$scratch"
    stop_live
    "$vt" -q fsck "$scratch/a.vt" >"$scratch/fsck.log" 2>&1 || fail "fsck"
}
# The same content and all metadata, by another program's judgement.
same() {
    local differences
    differences=$(rsync -aHAXn --checksum --delete --itemize-changes "$1/" "$2/" 2>&1)
    [[ -z $differences ]] || fail "$1 and $2 differ: $(head -5 <<<"$differences")"
}
# A random number below another.
random() { echo $((((RANDOM << 15) | RANDOM) % $1)); }
