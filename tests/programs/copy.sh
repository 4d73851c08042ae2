#!/usr/bin/env bash
# rsync -aHAX both ways, tar with xattrs, ACLs, sparse files and hard links, and dpkg -x, on a live mount and compared by rsync.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source=$scratch/source
cp -a "$top/src" "$source"
rm -rf "$source"/*/obj "$source"/*/bin
cd "$source" || fail "cd"
mkdir -p odd/deep/er && cd odd || fail "cd"
ln ../Vt.Posix/*.csproj hard
ln -s ../no/where symbolic
mkfifo fifo
truncate -s 50M sparse && printf x | dd of=sparse bs=1 seek=30000000 conv=notrunc status=none
head -c 3000000 /dev/urandom >random
printf 'a name\nof two lines' >"$(printf 'two\nlines')"
setfacl -m u:65534:rwx,g:65534:r hard random
setfacl -d -m u:65534:rx deep
setfattr -n user.comment -v 'a value' random
setfattr -n user.long -v "$(head -c 3000 /dev/zero | tr '\0' v)" deep
chmod 4755 random && chmod 1777 deep/er
if [[ $(id -u) == 0 ]]; then
    setcap cap_net_raw+ep sparse
    mknod device c 1 3
    chown 65534:65534 hard
fi
touch -d '1999-12-31 23:59:59.123456789' random deep
touch -h -d '2001-02-03 04:05:06.7' symbolic
begin_live
rsync -aHAXS "$source/" "$mnt/rsync/" >"$scratch/rsync.log" 2>&1 || fail "rsync to the mount"
same "$source" "$mnt/rsync"
rsync -aHAXS "$mnt/rsync/" "$scratch/back/" >>"$scratch/rsync.log" 2>&1 || fail "rsync from the mount"
same "$source" "$scratch/back"
tar=(tar --xattrs --xattrs-include='*' --acls --sparse --numeric-owner)
"${tar[@]}" -C "$source" -cf "$mnt/all.tar" . 2>"$scratch/tar.log" || fail "tar -c to the mount"
mkdir "$mnt/tar" && "${tar[@]}" -C "$mnt/tar" -xpf "$mnt/all.tar" 2>>"$scratch/tar.log" || fail "tar -x on the mount"
same "$source" "$mnt/tar"
"${tar[@]}" -C "$mnt/tar" -cf - . 2>>"$scratch/tar.log" | { mkdir "$scratch/untarred" && "${tar[@]}" -C "$scratch/untarred" -xpf -; } || fail "tar -c of the mount"
same "$source" "$scratch/untarred"
(($(stat -c %b "$mnt/tar/odd/sparse") < 2000)) || fail "a sparse file has $(stat -c %b "$mnt/tar/odd/sparse") sectors"

# A package of our own, built where dpkg-deb is.
mkdir -p "$scratch/package/DEBIAN" "$scratch/package/usr/share"
printf 'Package: vt-test\nVersion: 1\nArchitecture: all\nMaintainer: tester <tester@localhost>\nDescription: a test\n' >"$scratch/package/DEBIAN/control"
cp -a "$source/Vt.Posix" "$scratch/package/usr/share/posix"
dpkg-deb --root-owner-group -b "$scratch/package" "$mnt/vt-test.deb" >"$scratch/dpkg.log" 2>&1 || fail "dpkg-deb -b"
dpkg -x "$mnt/vt-test.deb" "$mnt/dpkg" 2>>"$scratch/dpkg.log" || fail "dpkg -x"
diff -r "$source/Vt.Posix" "$mnt/dpkg/usr/share/posix" >"$scratch/diff.log" || fail "dpkg -x"
finish_live
mount_live
same "$source" "$mnt/rsync"
same "$source" "$mnt/tar"
say "$(find "$mnt" | wc -l) names"
finish_live
