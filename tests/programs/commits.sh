#!/usr/bin/env bash
# PostgreSQL under pgbench on a mounted volume, and commits meanwhile, without stopping anything. Each commit is forked and mounted, PostgreSQL recovers on it, and
# its own checks and pgbench's sums hold: what one commit has is one instant. In the end the volume is reset to the first one, under its mount.
# Argument: how many commits.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
commits=${1:-3}
export PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1) VT_AUTHOR='Tester <tester@example.org>'
port=$((20000 + $(random 20000)))
as_user=()
[[ $(id -u) != 0 ]] || as_user=(setpriv --reuid=postgres --regid=postgres --clear-groups)
postmaster=
load=
fork=
stop_load() {
    [[ -z $load ]] || kill "$load" 2>/dev/null
    wait "$load" 2>/dev/null
    load=
}
stop_postgres() {
    kill -INT "$postmaster" 2>/dev/null
    wait "$postmaster" 2>/dev/null
    postmaster=
}
at_end() {
    stop_load
    [[ -z $postmaster ]] || stop_postgres
    [[ -z $fork ]] || { kill -9 "$fork"; wait "$fork"; umount -l "$scratch/fork"; } 2>/dev/null
}
sql() { psql -X -q -A -t -h "$scratch/run" -p "$port" -U tester -d "${database:-tests}" "$@"; }
start() {
    "${as_user[@]}" postgres -D "$1" -p "$port" -k "$scratch/run" -c listen_addresses= -c shared_buffers=32MB -c max_connections=40 >>"$scratch/postgres.log" 2>&1 &
    postmaster=$!
    local i
    for ((i = 0; i < 600; i++)); do
        database=postgres sql -c 'select 1' >/dev/null 2>&1 && return 0
        kill -0 "$postmaster" 2>/dev/null || break
        sleep 0.1
    done
    fail "PostgreSQL does not start on $1"
}
# pgbench moves each amount in one transaction: of what is whole, all these sums are the same.
check() {
    local sums
    sums=$(sql -c 'select (select coalesce(sum(abalance),0) from pgbench_accounts), (select coalesce(sum(tbalance),0) from pgbench_tellers), (select coalesce(sum(bbalance),0) from pgbench_branches), (select coalesce(sum(delta),0) from pgbench_history)') || fail "select on $1"
    [[ $(tr '|' '\n' <<<"$sums" | sort -u | wc -l) == 1 ]] || fail "the sums of $1 differ: $sums"
    sql -v ON_ERROR_STOP=1 -c 'set client_min_messages = warning; create extension if not exists amcheck; select bt_index_check(c.oid, true) from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam where a.amname = '"'btree'"' and c.relpersistence <> '"'t'"' and i.indisvalid' >/dev/null 2>>"$scratch/amcheck.log" || fail "amcheck of $1"
    sql -c 'select count(*) from pgbench_history'
}

mkdir -p "$mnt" "$scratch/fork" "$scratch/run"
"$vt" -q init >"$scratch/init.log" 2>&1 || fail "init"
"$vt" -q volume init db >>"$scratch/init.log" 2>&1 || fail "volume init"
"$vt" mount db "$mnt" -o allow_other >>"$scratch/mount.log" 2>&1 &
server=$!
for ((i = 0; i < 600; i++)); do mountpoint -q "$mnt" && break; sleep 0.05; done
mkdir "$mnt/data"
[[ $(id -u) != 0 ]] || chown postgres: "$scratch/run" "$mnt/data"
chmod 700 "$mnt/data"
(cd / && "${as_user[@]}" initdb -D "$mnt/data" -U tester -A trust >"$scratch/initdb.log" 2>&1) || fail "initdb"
start "$mnt/data"
database=postgres sql -c 'create database tests' || fail "create database"
pgbench -q -i -s 2 -h "$scratch/run" -p "$port" -U tester tests >"$scratch/pgbench.log" 2>&1 || fail "pgbench -i"
pgbench -n -c 4 -T 3600 -h "$scratch/run" -p "$port" -U tester tests >>"$scratch/pgbench.log" 2>&1 &
load=$!
ids=()
for ((i = 1; i <= commits; i++)); do
    sleep "0.$((1 + $(random 9)))"
    ids+=("$("$vt" commit -V db -m "under load $i" 2>>"$scratch/commit.log")") || fail "commit $i"
done
kill -0 "$load" 2>/dev/null || fail "pgbench did not get through: $(tail -3 "$scratch/pgbench.log")"
stop_load
now=$(check "the volume")
stop_postgres

last=-1
for ((i = 0; i < commits; i++)); do
    "$vt" mount "db@${ids[i]}" "$scratch/fork" -o fork,allow_other >>"$scratch/fork.log" 2>&1 &
    fork=$!
    for ((j = 0; j < 600; j++)); do mountpoint -q "$scratch/fork" && break; sleep 0.05; done
    rm -f "$scratch/fork/data/postmaster.pid"
    start "$scratch/fork/data"
    history=$(check "commit $((i + 1))")
    ((history >= last && history <= now)) || fail "commit $((i + 1)) has $history transactions, the one before has $last, and the volume $now"
    last=$history
    stop_postgres
    umount "$scratch/fork" || fail "umount of the fork"
    wait "$fork"
    fork=
done

"$vt" -q reset --hard -V db "${ids[0]}" >>"$scratch/commit.log" 2>&1 || fail "reset: $(tail -2 "$scratch/commit.log")"
rm -f "$mnt/data/postmaster.pid"
start "$mnt/data"
check "the volume after the reset" >/dev/null
stop_postgres
sync -f "$mnt"
umount "$mnt" || fail "umount"
wait "$server" || fail "the server ended with $?"
server=
"$vt" -q fsck db >"$scratch/fsck.log" 2>&1 || fail "fsck"
say "$commits commits under load, $last transactions in the last one: all of them recover, and their sums and indexes are right"
