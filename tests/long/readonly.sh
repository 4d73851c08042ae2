#!/usr/bin/env bash
# A store on a file system that is mounted read-only serves all that only reads, stays as it is, and says why it takes nothing. Needs root.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[[ $(id -u) == 0 ]] || { say "skipped: only root can make a bind mount"; exit 0; }
"$vt" -q init >/dev/null || fail "init"
cp -r "$kernel/drivers/net/phy" tree
"$vt" -q import tree a.vt || fail "import"
mount --bind store store && mount -o remount,bind,ro store || fail "no bind mount"
trap 'umount store; leave' EXIT
before=$(cd store && find . -type f -exec md5sum {} + | sort)
for command in "ls -lR a.vt" "stat a.vt" "cat a.vt/phy.c" "fsck a.vt" "datadir verify" "datadir info" "export a.vt out"; do
    # shellcheck disable=SC2086
    "$vt" -q $command >run.out 2>&1 || fail "vt $command: $(tail -3 run.out)"
done
same tree out
mount_archive a.vt || fail "mount: $(cat mount.log)"
same tree mnt
unmount || fail "the mount ended with $?"
"$vt" -q import tree b.vt 2>run.err && fail "an import into it succeeded"
grep -q 'Read-only file system' run.err || fail "import: $(cat run.err)"
[[ $(cd store && find . -type f -exec md5sum {} + | sort) == "$before" ]] || fail "something changed"
umount store
trap leave EXIT
"$vt" -q import tree b.vt || fail "import after it can be written again"
say "ls, stat, cat, fsck, verify, info, export and a mount work on a store that is mounted read-only; import says why not"
