#!/usr/bin/env bash
# Millions of operations on a live mount by several processes: names come and go, files grow, shrink and are overwritten, folders are listed. The server's memory,
# descriptors and threads and the state folder are then what they were after the first tenth, and its memory is below the stated cap. Memory is what
# belongs to the process alone (RssAnon): pages of the program and of the store's index are the system's cache, and grow with the store.
# Arguments: how many millions of operations (24), and how many processes (4).
. "$(dirname "${BASH_SOURCE[0]}")/../programs/common.sh"
millions=${1:-24}
processes=${2:-4}
cap_kib=$(((128 + 48) * 1024))
begin_live

# One process's share: operations are counted as calls that the server sees.
cat >"$scratch/churn.pl" <<'PERL'
use strict; use Fcntl;
my ($at, $seed, $most) = @ARGV;
srand($seed); mkdir "$at/$seed"; chdir "$at/$seed" or die $!;
my ($done, $data, $fh) = (0, 'x' x 20000);
while ($done < $most) {
    my $n = int(rand(500)); my $what = rand();
    if ($what < .25) { sysopen($fh, "f$n", O_RDWR | O_CREAT) or die $!; sysseek($fh, int(rand(100000)), 0); syswrite($fh, $data, 1 + int(rand(length $data))); close $fh; $done += 3; }
    elsif ($what < .40) { unlink "f$n"; $done += 2; }
    elsif ($what < .55) { rename "f$n", 'f' . int(rand(500)); $done += 3; }
    elsif ($what < .65) { truncate "f$n", int(rand(100000)); $done += 2; }
    elsif ($what < .75) { mkdir "d$n"; open($fh, '>', "d$n/in") and close $fh; $done += 3; }
    elsif ($what < .85) { unlink "d$n/in"; rmdir "d$n"; $done += 4; }
    elsif ($what < .90) { unlink "l$n"; symlink "f$n", "l$n"; $done += 3; }
    elsif ($what < .94) { unlink "h$n"; link "f$n", "h$n"; $done += 4; }
    elsif ($what < .999) { sysopen($fh, "f$n", O_RDONLY) and do { sysread($fh, my $read, 20000); close $fh }; chmod 0600 + int(rand(64)), "f$n"; $done += 4; }
    else { opendir(my $dh, '.') or die $!; my @names = readdir $dh; $done += 5; }
}
PERL
figures() {
    local rss fds threads state
    rss=$(awk '/RssAnon/ { print $2 }' "/proc/$server/status")
    threads=$(awk '/Threads/ { print $2 }' "/proc/$server/status")
    fds=$(ls "/proc/$server/fd" | wc -l)
    state=$(du -sk "$scratch/a.vt.live" | cut -f1)
    echo "$rss $fds $threads $state"
}
churn() {
    local workers=() i
    for ((i = 0; i < processes; i++)); do
        perl "$scratch/churn.pl" "$mnt" "$i" "$(($1 / processes))" & workers+=($!)
    done
    wait "${workers[@]}" || fail "a process was refused"
    "$vt" sync "$mnt" || fail "sync"
    sleep 3
}
churn $((millions * 100000))
before=$(figures)
churn $((millions * 900000))
after=$(figures)
say "after a tenth: $before (KiB of memory, descriptors, threads, KiB of state folder); after $millions million operations: $after"
read -r rss fds threads state <<<"$before"
read -r rss2 fds2 threads2 state2 <<<"$after"
((rss2 < rss + 24 * 1024)) || fail "memory has grown from $rss KiB to $rss2 KiB"
((rss2 < cap_kib)) || fail "memory is $rss2 KiB"
((fds2 <= fds + 8)) || fail "descriptors have grown from $fds to $fds2"
((threads2 <= threads + 8)) || fail "threads have grown from $threads to $threads2"
((state2 <= state + 600 * 1024)) || fail "the state folder has grown from $state KiB to $state2 KiB"
finish_live
