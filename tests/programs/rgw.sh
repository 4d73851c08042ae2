#!/usr/bin/env bash
# A Ceph RADOS gateway of the tests' own: one monitor, one OSD that keeps everything in memory, one gateway, all on loopback and below one folder. It says "ready" when
# the bucket is there, and runs until its standard input ends; then it ends every process that it started, by its number, and removes the folder's content.
# Arguments: folder, port of the gateway, port of the monitor, access key, secret key, bucket.
set -uo pipefail
folder=$1 port=$2 monitor=$3 access=$4 secret=$5 bucket=$6
pids=()
leave() {
    local pid i
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do kill -9 "${pids[i]}" 2>/dev/null; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
    rm -rf "${folder:?}"/*
}
trap leave EXIT
fail() {
    echo "rgw: $1" >&2
    tail -n 5 "$folder"/log/*.out >&2 2>/dev/null
    exit 1
}
begin() {
    local name=$1
    shift
    "$@" >"$folder/log/$name.out" 2>&1 </dev/null &
    pids+=($!)
}

mkdir -p "$folder"/{mon,osd/0,run,log,rgw}
cluster=$(cat /proc/sys/kernel/random/uuid)
disk=$(cat /proc/sys/kernel/random/uuid)
export CEPH_CONF=$folder/ceph.conf
cat >"$CEPH_CONF" <<EOF
[global]
fsid = $cluster
mon host = [v2:127.0.0.1:$((monitor + 1)),v1:127.0.0.1:$monitor]
public network = 127.0.0.0/8
ms bind port min = $((monitor + 10))
ms bind port max = $((monitor + 60))
# Nobody proves who he is, and so nothing can be encrypted: without these lines the gateway asks for that and hangs.
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms client mode = crc
ms cluster mode = crc
ms service mode = crc
keyring = $folder/keyring
run dir = $folder/run
admin socket = $folder/run/\$name.\$pid.asok
log file = $folder/log/\$name.log
crash dir = $folder/log
pid file =
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
[mon]
mon data = $folder/mon/\$id
mon data avail warn = 2
mon data avail crit = 1
mon initial members = a
paxos propose interval = 0.05
paxos min wait = 0.02
[osd]
osd data = $folder/osd/\$id
osd objectstore = memstore
memstore device bytes = $((8 << 30))
osd class load list = *
osd class default list = *
[client]
rgw data = $folder/rgw
rgw run sync thread = false
rgw enable usage log = false
rgw enable ops log = false
rgw dns name = localhost
rgw thread pool size = 64
# What is deleted gives its memory back soon.
rgw gc obj min wait = 5
rgw gc processor period = 5
rgw gc processor max time = 5
EOF
{
    ceph-authtool --create-keyring "$folder/keyring" --gen-key -n mon. --cap mon 'allow *' \
        && ceph-authtool "$folder/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' \
        && monmaptool --create --fsid "$cluster" --addv a "[v2:127.0.0.1:$((monitor + 1)),v1:127.0.0.1:$monitor]" "$folder/monmap" \
        && ceph-mon -i a --mkfs --monmap "$folder/monmap" --keyring "$folder/keyring"
} >"$folder/log/make.out" 2>&1 || fail "the monitor can't be made"
begin mon ceph-mon -i a -f
timeout 60 ceph --connect-timeout 50 osd new "$disk" 0 >"$folder/log/new.out" 2>&1 || fail "the monitor does not answer"
ceph-osd -i 0 --mkfs --osd-uuid "$disk" >"$folder/log/mkfs.out" 2>&1 || fail "the OSD can't be made"
begin osd ceph-osd -i 0 -f
for ((i = 0; i < 300; i++)); do
    timeout 20 ceph osd stat 2>/dev/null | grep -q '1 up' && break
    sleep 0.1
done
timeout 60 radosgw-admin user create --uid=test --display-name=test --access-key="$access" --secret-key="$secret" >"$folder/log/user.out" 2>&1 \
    || fail "the user can't be made"
begin rgw radosgw -n client.rgw -f --rgw_frontends="beast endpoint=127.0.0.1:$port tcp_nodelay=1"
for ((i = 0; i < 600; i++)); do
    curl -s -o /dev/null "http://127.0.0.1:$port/" && break
    kill -0 "${pids[-1]}" 2>/dev/null || fail "the gateway ended"
    sleep 0.05
done
code=$(curl -s -o /dev/null -w '%{http_code}' --aws-sigv4 aws:amz:us-east-1:s3 -u "$access:$secret" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' \
    -X PUT "http://127.0.0.1:$port/$bucket")
[[ $code == 200 ]] || fail "the bucket can't be made: $code"
echo ready
cat >/dev/null
