#!/usr/bin/env bash
# SQLite in WAL mode on a live mount: clients insert numbers and write down each one whose commit came back; the mount's server is killed
# in mid-load; after mounting again no such number is missing and the database is whole. Argument: how many rounds.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
rounds=${1:-1}
database=$mnt/tests.db

# What sqlite3 prints after an insert was committed before that.
client() {
    local i
    {
        echo 'pragma synchronous=full;'
        echo '.timeout 20000'
        for ((i = 0; i < 1000000; i++)); do echo "insert into acknowledged values ($1, $2, $i) returning client || ' ' || round || ' ' || number;"; done
    } | sqlite3 -bail "$database" >>"$scratch/acknowledged.$1" 2>/dev/null
}

begin_live
sqlite3 "$database" 'pragma journal_mode=wal; create table acknowledged (client int, round int, number int);' >"$scratch/sqlite.log" 2>&1 || fail "create table"
total=0
for ((round = 1; round <= rounds; round++)); do
    clients=()
    for ((c = 0; c < 2; c++)); do
        client "$c" "$round" &
        clients+=($!)
    done
    sleep "$((1 + $(random 2))).$(random 10)"
    kill_live
    wait "${clients[@]}" 2>/dev/null
    mount_live
    # RETURNING is printed before the commit: of each client's numbers all but the last were committed, as the next one came after.
    for ((c = 0; c < 2; c++)); do
        for ((r = 1; r <= round; r++)); do grep -E "^$c $r [0-9]+\$" "$scratch/acknowledged.$c" | sed '$d'; done
    done | sort >"$scratch/acknowledged"
    [[ $(sqlite3 "$database" 'pragma integrity_check') == ok ]] || fail "integrity_check in round $round"
    sqlite3 -separator ' ' "$database" 'select client, round, number from acknowledged' | sort >"$scratch/present" || fail "select"
    missing=$(comm -23 "$scratch/acknowledged" "$scratch/present" | wc -l)
    ((missing == 0)) || fail "$missing acknowledged transactions are missing in round $round"
    total=$(wc -l <"$scratch/acknowledged")
    ((total > 0)) || fail "no transaction was acknowledged"
done
finish_live
say "$rounds times killed in mid-load: $total acknowledged transactions, none missing"
