#!/usr/bin/env bash
# The conformance suite of stores on OpenStack Swift's s3api: signatures and lengths are taken at their word, and there are no conditional puts. One node on loopback, all below one folder.
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d)
pids=()
leave() {
    local pid
    # Each of them leads a group of its own, for its workers.
    for pid in "${pids[@]}"; do kill -9 -- "-$pid" 2>/dev/null; done
    rm -rf "$scratch"
}
trap leave EXIT
fail() {
    echo "swift: FAILED: $1" >&2
    tail -n 5 "$scratch"/*.out >&2 2>/dev/null
    exit 1
}
"$top/scripts/deps" swift-proxy swift-account swift-container swift-object memcached || exit 1
port=$((20000 + RANDOM % 10000))
# The servers read this one file wherever their other settings lie.
[[ -e /etc/swift/swift.conf ]] || {
    mkdir -p /etc/swift
    printf '[swift-hash]\nswift_hash_path_suffix = test\nswift_hash_path_prefix = test\n[storage-policy:0]\nname = one\ndefault = yes\n' >/etc/swift/swift.conf
}
cd "$scratch" || exit 1
mkdir -p disks/d1
offset=1
for kind in account container object; do
    {
        swift-ring-builder "$kind.builder" create 4 1 0
        swift-ring-builder "$kind.builder" add --region 1 --zone 1 --ip 127.0.0.1 --port $((port + offset)) --device d1 --weight 1
        swift-ring-builder "$kind.builder" rebalance
    } >>rings.out 2>&1
    cat >"$kind.conf" <<EOF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $((port + offset))
workers = 1
user = $(id -un)
swift_dir = $scratch
devices = $scratch/disks
mount_check = false
disable_fallocate = true
log_level = ERROR
log_address = $scratch/none
[pipeline:main]
pipeline = $kind-server
[app:$kind-server]
use = egg:swift#$kind
EOF
    offset=$((offset + 1))
done
cat >proxy.conf <<EOF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
workers = 1
user = $(id -un)
swift_dir = $scratch
log_level = ERROR
log_address = $scratch/none
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
allow_multipart_uploads = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$((port + 9))
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
$(for filter in catch_errors gatekeeper healthcheck listing_formats bulk copy slo dlo symlink; do printf '[filter:%s]\nuse = egg:swift#%s\n' "$filter" "$filter"; done)
EOF
begin() {
    setsid "$@" >"$(basename "$1").out" 2>&1 </dev/null &
    pids+=($!)
    disown
}
begin memcached -u "$(id -un)" -l 127.0.0.1 -p $((port + 9)) -m 64
for kind in account container object; do begin "swift-$kind-server" "$scratch/$kind.conf"; done
begin swift-proxy-server "$scratch/proxy.conf"
for ((i = 0; i < 300; i++)); do
    [[ $(curl -s "http://127.0.0.1:$port/healthcheck") == OK ]] && break
    sleep 0.1
done
# By Swift's own protocol: curl can't sign with a name that has a colon.
token=$(curl -s -D - -o token.out -H 'X-Auth-User: test:tester' -H 'X-Auth-Key: testing' "http://127.0.0.1:$port/auth/v1.0" | tr -d '\r' | sed -n 's/^X-Auth-Token: //ip')
code=$(curl -s -o bucket.out -w '%{http_code}' -X PUT -H "X-Auth-Token: $token" "http://127.0.0.1:$port/v1/AUTH_test/test-bucket")
[[ $code == 201 ]] || fail "the bucket can't be made: $code"
cd "$top" || exit 1
dll=$(ls -d "$top"/artifacts/bin/Vt.SystemTests/*/Vt.SystemTests.dll | head -1)
VT_TEST_S3="http://127.0.0.1:$port test-bucket test:tester testing" timeout -s KILL 900 dotnet test "$dll" --nologo \
    --filter "FullyQualifiedName~GatewayPackTests|FullyQualifiedName~GatewayObjectTests" || fail "the suite"
echo "swift: the suite passes in both layouts"
