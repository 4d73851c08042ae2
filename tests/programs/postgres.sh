#!/usr/bin/env bash
# PostgreSQL on a live mount: eight clients insert numbers and write down each one whose commit was acknowledged, while pgbench runs; the
# mount's server is killed in mid-load; after mounting again and PostgreSQL's own recovery no such number is missing.
# Argument: how many rounds.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
rounds=${1:-1}
export PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
data=$mnt/data
port=$((20000 + $(random 20000)))
as_user=()
[[ $(id -u) != 0 ]] || as_user=(setpriv --reuid=postgres --regid=postgres --clear-groups)
postmaster=
# Its children too, by their numbers: one that waits for a lock of another does not notice that they are alone.
kill_postgres() {
    kill -STOP "$postmaster"
    kill -9 $(ps -o pid= --ppid "$postmaster") "$postmaster"
    wait "$postmaster"
    postmaster=
} 2>/dev/null
at_end() { [[ -z $postmaster ]] || kill_postgres; }
sql() { psql -X -q -h "$scratch/run" -p "$port" -U tester "$@"; }

start() {
    "${as_user[@]}" postgres -D "$data" -p "$port" -k "$scratch/run" -c listen_addresses= -c shared_buffers=32MB -c max_connections=40 \
        >>"$scratch/postgres.log" 2>&1 &
    postmaster=$!
    local i
    for ((i = 0; i < 600; i++)); do
        sql -d postgres -c 'select 1' >/dev/null 2>&1 && return 0
        kill -0 "$postmaster" 2>/dev/null || break
        sleep 0.1
    done
    fail "PostgreSQL does not start"
}
# Numbers of its own, from where it left off; psql prints a number when its commit came back.
client() {
    local i
    for ((i = 0; i < 1000000; i++)); do echo "insert into acknowledged values ($1, $2, $i) returning client, round, number;"; done \
        | sql -d tests -A -t -F ' ' -v ON_ERROR_STOP=1 >>"$scratch/acknowledged.$1" 2>/dev/null
}

begin_live
mkdir "$scratch/run" "$data"
[[ $(id -u) != 0 ]] || chown postgres: "$scratch/run" "$data"
chmod 700 "$data"
(cd / && "${as_user[@]}" initdb -D "$data" -U tester -A trust >"$scratch/initdb.log" 2>&1) || fail "initdb"
start
sql -d postgres -c 'create database tests' || fail "create database"
sql -d tests -c 'create table acknowledged (client int, round int, number int)' || fail "create table"
pgbench -q -i -s 2 -h "$scratch/run" -p "$port" -U tester tests >"$scratch/pgbench.log" 2>&1 || fail "pgbench -i"
total=0
for ((round = 1; round <= rounds; round++)); do
    clients=()
    for ((c = 0; c < 8; c++)); do
        client "$c" "$round" &
        clients+=($!)
    done
    pgbench -n -c 8 -T 60 -h "$scratch/run" -p "$port" -U tester tests >>"$scratch/pgbench.log" 2>&1 &
    clients+=($!)
    sleep "$((2 + $(random 2))).$(random 10)"
    kill_live
    kill_postgres
    wait "${clients[@]}" 2>/dev/null
    rm -f "$scratch/run/.s.PGSQL.$port"*
    mount_live
    rm -f "$data/postmaster.pid"
    start
    # The last line of a client may be half a line; whole ones were acknowledged.
    for ((c = 0; c < 8; c++)); do grep -E '^[0-9]+ [0-9]+ [0-9]+$' "$scratch/acknowledged.$c" || true; done | sort >"$scratch/acknowledged"
    sql -d tests -A -t -F ' ' -c 'select client, round, number from acknowledged' | sort >"$scratch/present" || fail "select"
    missing=$(comm -23 "$scratch/acknowledged" "$scratch/present" | wc -l)
    ((missing == 0)) || fail "$missing acknowledged transactions are missing in round $round"
    total=$(wc -l <"$scratch/acknowledged")
    ((total > 0)) || fail "no transaction was acknowledged"
    sql -d tests -c 'set client_min_messages = warning; select sum(abalance) from pgbench_accounts; select count(*) from pgbench_history' >/dev/null || fail "pgbench's tables"
done
kill -INT "$postmaster"
wait "$postmaster"
postmaster=
finish_live
say "$rounds times killed in mid-load: $total acknowledged transactions, none missing"
