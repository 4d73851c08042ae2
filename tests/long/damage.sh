#!/usr/bin/env bash
# Seeded damage to every kind of file in a store and to the archive: a flipped byte, a zeroed range, a shorter file, no file. verify always finds
# it (or the file is derived and is made anew), fsck names the files and ranges that it costs and no others, and no command and no mount
# ends in anything but an exit status of its own.
# Argument: how many seeds for each kind and each damage.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
seeds=${1:-4}
tree=$kernel/${2:-drivers/net/ethernet/intel}
runs=0
hurt=0
rebuilt=0

# Damages a file; fails where it could not be changed.
damage() {
    local file=$1 how=$2 size at length
    size=$(stat -c %s "$file")
    ((size > 0)) || { [[ $how == delete ]] && rm "$file"; return; }
    at=$(random "$size")
    length=$((1 + $(random 8000)))
    ((at + length <= size)) || length=$((size - at))
    case $how in
    flip)
        local byte
        byte=$(od -An -tu1 -j "$at" -N 1 "$file")
        printf "\\x$(printf %02x $((byte ^ (1 << $(random 8)))))" | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
        ;;
    zero) dd if=/dev/zero of="$file" bs=1 seek="$at" count="$length" conv=notrunc status=none ;;
    truncate) truncate -s "$at" "$file" ;;
    delete) rm "$file" ;;
    esac
}

# Runs a command that may report damage, but must end by itself and without an exception's trace.
run() {
    timeout 120 "$vt" -q "$@" >run.out 2>run.err
    local code=$?
    runs=$((runs + 1))
    case $code in 0 | 1 | 3) ;; *) fail "$what: vt $* ended with $code: $(tail -3 run.err)" ;; esac
    ! grep -qE 'Unhandled|   at |Exception' run.err || fail "$what: vt $*: $(head -5 run.err)"
    return "$code"
}

# A store with closed packs of data and trees, an open pack that a killed writer left, merged runs, claims, references.
begin() {
    "$vt" -q init >/dev/null || fail "init"
    cp -r "$tree" tree
    local i
    for i in 1 2 3 4 5 6 7 8 9; do
        head -c 300000 /dev/urandom >"tree/new$i"
        "$vt" import -q tree a.vt || fail "import"
    done
    # An index that has been merged holds the tables of contents of all these sessions.
    "$vt" datadir reindex || fail "reindex"
    head -c 20000000 /dev/urandom >tree/last
    "$vt" -q import tree a.vt || fail "import"
    mv tree/last last
    head -c 30000000 /dev/urandom >tree/lost
    local moment
    for moment in 20 30 40 50 60 70 80 90 100 110 120 130 140 150; do
        VT_FAULT=kill:$moment "$vt" -q import tree killed.vt 2>/dev/null &
        wait $! 2>/dev/null
        compgen -G 'store/packs/*.open' >/dev/null && break
    done
    rm -f tree/lost killed.vt
    mv last tree/last
    "$vt" -q datadir verify 2>/dev/null || fail "verify of the sound store"
    "$vt" -q fsck --all a.vt || fail "fsck of the sound store"
    mv store sound
    cp a.vt sound.vt
    (cd tree && find . -type f | cut -c 3- | sort) >files
}

files_of() {
    case $1 in
    config | catalogue | claims | lock) find store -name "$1" ;;
    closed) find store/packs -name '*.vtd' ;;
    open) find store/packs -name '*.open' ;;
    run) find store/index -name '*.run' ;;
    refs) find store/refs -type f ;;
    archive) echo a.vt ;;
    esac
}

# Whether fsck named a file, or a folder above it that can't be read.
is_named() {
    local path=$1
    while ! grep -qF "\"path\":\"$path\"" fsck.out; do
        [[ -n $path ]] || return 1
        if [[ $path == */* ]]; then path=${path%/*}; else path=; fi
    done
}

check() {
    local kind=$1 how=$2 found=0
    run datadir verify || found=$?
    [[ $kind == archive ]] && { run fsck a.vt; found=$?; }
    case $kind/$how in
    # Derived, and made anew by whoever comes next; or rubbish of a dead writer, of which nothing was acknowledged.
    run/delete | claims/* | lock/* | open/*) rebuilt=$((rebuilt + 1)) ;;
    *) ((found == 1 || found == 3)) || fail "$what was not found" ;;
    esac
    run datadir info
    run datadir info --json
    run ls -R a.vt
    run fsck --json a.vt
    cp run.out fsck.out
    local bad
    bad=$(grep -c '"path"' fsck.out)
    hurt=$((hurt + (bad > 0)))
    if [[ $kind == config || $kind == archive ]]; then return; fi

    # Exactly the files that fsck names can't be read.
    if [[ $kind == closed ]]; then
        rm -rf out
        run export a.vt out
        (cd out 2>/dev/null && find . -type f | cut -c 3- | sort) >exported
        while read -r file; do
            if ! cmp -s "tree/$file" "out/$file"; then
                is_named "$file" || fail "$what: $file is damaged and fsck does not say so"
            fi
        done <files
        if ((bad > 0)) && mount_archive a.vt; then
            tar cf - -C mnt . >/dev/null 2>tar.err
            kill -0 "$mounted" 2>/dev/null || fail "$what: the mount's server died: $(tail -3 mount.log)"
            unmount || fail "$what: the mount ended with $?"
        fi
    else
        ((bad == 0)) || fail "$what cost content: $(head -2 fsck.out)"
    fi

    # Whatever it was: the same content can be stored again, and then all is there.
    if [[ $how != delete || $kind != catalogue ]]; then
        run import --reread tree again.vt || fail "$what: import afterwards: $(cat run.err)"
        run fsck again.vt || fail "$what: fsck after importing again: $(head -3 run.out)"
    fi
}

begin
for kind in closed open run refs config catalogue claims lock archive; do
    for how in flip zero truncate delete; do
        for ((seed = 0; seed < seeds; seed++)); do
            rm -rf store again.vt
            cp -r sound store
            cp sound.vt a.vt
            mapfile -t candidates < <(files_of "$kind" | sort)
            ((${#candidates[@]} > 0)) || { say "there is no file of kind $kind"; break 2; }
            file=${candidates[$(random ${#candidates[@]})]}
            what="$how $file (seed $VT_TEST_SEED, number $seed)"
            damage "$file" "$how"
            # A range of zeros may have been zeros before.
            if [[ -e $file ]]; then
                original=${file/#store/sound}
                [[ $file == a.vt ]] && original=sound.vt
                cmp -s "$file" "$original" && continue
            fi
            check "$kind" "$how"
        done
    done
    say "$kind: done"
done
say "$runs commands on damaged stores; $hurt of them lost content, which fsck named; $rebuilt times derived data was made anew"
