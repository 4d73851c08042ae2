# What the long tests share: a scratch folder that goes at the end, one way to run vt, and trees to store. Sourced, never run.
#   VT_TEST_PROGRAM  the program; build/vt where unset
#   VT_TEST_CORPUS   a folder with a kernel source tree in v1/linux-source-6.1 (bench/corpus.sh makes it); build/corpus where unset
#   VT_TEST_SEED     the seed of all that is random; printed, so that a failure can be had again
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
vt=${VT_TEST_PROGRAM:-$top/build/vt}
kernel=${VT_TEST_CORPUS:-$top/build/corpus}/v1/linux-source-6.1
RANDOM=${VT_TEST_SEED:=$((RANDOM + 1))}
test=$(basename "$0" .sh)
[[ -x $vt ]] || { echo "$test: there is no program $vt" >&2; exit 1; }
[[ -d $kernel ]] || { echo "$test: there is no tree $kernel" >&2; exit 1; }
scratch=$(mktemp -d)
mounted=
leave() {
    [[ -z $mounted ]] || unmount
    rm -rf "$scratch"
}
trap leave EXIT
cd "$scratch" || exit 1
unset VT_CACHE_STORE VT_HASHNAME VT_FAULT
: >vtrc
export VT_CONFIG=$scratch/vtrc VT_STORE=$scratch/store

say() { printf '%s: %s\n' "$test" "$*"; }
fail() {
    say "FAILED (seed $VT_TEST_SEED): $*" >&2
    [[ -z ${VT_TEST_KEEP:-} ]] || cp -a "$scratch" "$VT_TEST_KEEP" || true
    exit 1
}
now() { date +%s%N; }
# A number below another, up to 2^45.
random() { echo $((((RANDOM << 30) | (RANDOM << 15) | RANDOM) % $1)); }
# The bytes of packs, and what vt says of the store.
info() { "$vt" datadir info --json | grep -o "\"$1\":[0-9]*" | head -1 | cut -d : -f 2; }

# The same content and all metadata, by another program's judgement.
same() {
    local differences
    differences=$(rsync -aHAXn --checksum --delete --itemize-changes "$1/" "$2/" 2>&1)
    [[ -z $differences ]] || fail "$1 and $2 differ: $(head -5 <<<"$differences")"
}

# A mount of an archive at mnt, in the background; its process is ours, by its number.
mount_archive() {
    mkdir -p mnt
    "$vt" -q mount -r "$1" mnt >mount.log 2>&1 &
    mounted=$!
    local i
    for ((i = 0; i < 200; i++)); do
        mountpoint -q mnt && return 0
        kill -0 "$mounted" 2>/dev/null || break
        sleep 0.05
    done
    wait "$mounted"
    local code=$?
    mounted=
    return "$code"
}
unmount() {
    umount mnt 2>/dev/null || umount -l mnt 2>/dev/null || fusermount3 -u -z mnt
    wait "$mounted"
    local code=$?
    mounted=
    return "$code"
}
