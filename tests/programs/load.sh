#!/usr/bin/env bash
# fio with verification and stress-ng's stressors of file systems on a live mount. Arguments: how many MiB fio writes in each job, and for how
# many seconds each stressor runs.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
size=${1:-16}
seconds=${2:-2}
begin_live
cd "$mnt" || fail "cd"
for job in 'write 1m 0' 'randwrite 4k 0' 'randrw 4k 32' 'randwrite 68k 8' 'rw 3k 0'; do
    read -r kind block sync <<<"$job"
    fio --name=job --rw="$kind" --bs="$block" --size="${size}m" --fsync="$sync" --verify=crc32c --verify_fatal=1 --do_verify=1 --numjobs=2 --group_reporting \
        --ioengine=psync --randseed=1 --output="$scratch/fio.log" >/dev/null 2>&1 || fail "fio --rw=$kind --bs=$block --fsync=$sync"
    rm -f job*
done
fio --name=map --rw=randrw --bs=4k --size="${size}m" --ioengine=mmap --verify=crc32c --verify_fatal=1 --output="$scratch/fio.log" >/dev/null 2>&1 || fail "fio with mmap"
rm -f map*
stressors=0
# Not file-ioctl: it takes FIOQSIZE for the size, which on FUSE is the room that the kernel knew of last.
for stressor in access chdir chmod chown copy-file dentry dir dirdeep fallocate fcntl fiemap filename flock fstat getdent hdd iomix lease link \
    lockf mmap open readahead rename seek sync-file symlink touch utime xattr; do
    stress-ng --"$stressor" 2 --timeout "$seconds" --temp-path "$mnt" --verify --hdd-bytes 16m --fallocate-bytes 16m --readahead-bytes 16m --iomix-bytes 16m \
        --copy-file-bytes 128m --seek-size 16m --sync-file-bytes 16m --mmap-bytes 16m --mmap-file --dentries 512 --dirdeep-inodes 512 \
        >"$scratch/stress.log" 2>&1
    code=$?
    # 4: nothing that this stressor needs is here.
    ((code == 0 || code == 4)) || fail "stress-ng --$stressor ended with $code"
    ((code == 4)) || stressors=$((stressors + 1))
done
finish_live
say "6 jobs of fio with $size MiB, $stressors stressors for $seconds s each"
