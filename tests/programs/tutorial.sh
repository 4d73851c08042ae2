#!/usr/bin/env bash
# Every command of doc/docker/README.md, as it is written there, with the outputs that it shows: what is installed, a Docker Engine, its networks and the plugin are in
# namespaces of their own, which take all of it with them. There is no registry to ask: images by the names that the compose files use, with the same ways in (variables,
# places, users), are made of this machine's PostgreSQL, redis and Python; sudo and systemctl stand in for those of a machine that was booted, and docker-compose for its newer form.
if [[ ${1:-} != inside ]]; then
    exec unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private bash "${BASH_SOURCE[0]}" inside
fi
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unset VT_CONFIG VT_STORE DOCKER_HOST MAKEFLAGS MAKELEVEL MFLAGS
export HOME=/root VT_AUTHOR='Ann <ann@example.org>' LC_ALL=C.UTF-8
engine=
at_end() {
    [[ -z $engine ]] || { docker ps -aq | xargs -r docker rm -f -v; kill "$engine"; wait "$engine"; } >/dev/null 2>&1
    cd /
    umount -l /root /run /usr "$scratch/over" "$scratch/source" "$scratch/engine" 2>/dev/null
}

# A machine of its own: what is written to /usr, /run and the home is in memory.
make -s -q -C "$top" build/vt || fail "build/vt is older than its sources: make"
mkdir "$scratch"/{over,source,engine,bin}

# What others have mounted is let go: a copy of it here would keep its server from ending.
while read -r _ at kind _; do [[ $kind != fuse* ]] || umount -l "$(printf %b "$at")"; done < <(cat /proc/self/mounts)
mount --bind "$top" "$scratch/source"
mount -t tmpfs none "$scratch/over"
mkdir "$scratch"/over/{upper,work}
mount -t overlay none -o "lowerdir=/usr,upperdir=$scratch/over/upper,workdir=$scratch/over/work" /usr || fail "overlay"
mount -t tmpfs none /run
mount -t tmpfs none /root
mkdir -p /run/lock /root/.docker/cli-plugins
busybox ip link set lo up
export PATH=$scratch/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ln -s /usr/bin/docker "$scratch/bin/docker"
printf '#!/bin/sh\nexec "$@"\n' >"$scratch/bin/sudo"
cat >"$scratch/bin/systemctl" <<'END'
#!/usr/bin/env bash
set -eu
unit=${!#}
file=/usr/local/lib/systemd/system/${unit%@*}@.service
case "$1 $2" in
    "enable --now")
        line=$(sed -n 's/^ExecStart=//p' "$file")
        read -ra words <<<"${line//%i/${unit#*@}}"
        env -i PATH=/usr/bin:/bin "$(sed -n 's/^Environment=//p' "$file")" setsid "${words[@]}" >/dev/null 2>>/run/plugin.log &
        echo $! >/run/plugin.pid
        until [[ -S /run/docker/plugins/${unit#*@}.sock ]]; do kill -0 $! && sleep 0.1; done
        ;;
    "disable --now")
        kill "$(</run/plugin.pid)"
        while [[ -e /run/docker/plugins/${unit#*@}.sock ]]; do sleep 0.1; done
        ;;
    *) exit 1 ;;
esac
END
cat >/root/.docker/cli-plugins/docker-compose <<'END'
#!/bin/sh
case $1 in
    docker-cli-plugin-metadata) echo '{"SchemaVersion": "0.1.0", "Vendor": "tests", "Version": "1"}' ;;
    compose) shift; exec docker-compose "$@" ;;
esac
END
chmod 755 "$scratch"/bin/{sudo,systemctl} /root/.docker/cli-plugins/docker-compose

echo '{}' >"$scratch/daemon.json"
dockerd --config-file="$scratch/daemon.json" --data-root="$scratch/engine" --exec-root=/run/engine --pidfile=/run/engine.pid --iptables=false --ip6tables=false \
    --bridge=none --storage-driver=overlay2 >"$scratch/engine.log" 2>&1 &
engine=$!
for ((i = 0; i < 300; i++)); do docker info >/dev/null 2>&1 && break; sleep 0.1; done
docker info >/dev/null 2>&1 || fail "the engine does not start"

# image NAME PROGRAM...: a folder with busybox, these programs and what they are linked with.
image() {
    root=$scratch/image
    rm -rf "$root"
    mkdir -p "$root"/{etc,data,run,usr/bin,usr/lib,usr/lib64,proc,sys,dev}
    mkdir -m 1777 "$root/tmp"
    chmod 755 "$root"
    ln -s usr/bin usr/lib usr/lib64 "$root"
    ln -s bin "$root/usr/sbin"
    cp /bin/busybox "$root/bin/"
    busybox --list | grep -vx busybox | while read -r name; do ln -s busybox "$root/bin/$name"; done
    printf 'root:x:0:0:root:/:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\nredis:x:998:998::/data:/bin/sh\n' >"$root/etc/passwd"
    printf 'root:x:0:\npostgres:x:999:\nredis:x:998:\n' >"$root/etc/group"
    add /usr/bin/setpriv "$@"
}
add() {
    local file
    { printf '%s\n' "$@"; ldd "$@" 2>/dev/null | sed -nE 's/.*(=> |^\s)(\/[^ ]+) \(.*/\2/p'; } | sort -u | while read -r file; do
        mkdir -p "$root$(dirname "$file")"
        cp -L --remove-destination "$file" "$root$file"
    done
}
# import NAME CHANGE...: makes it an image.
import() {
    local name=$1 changes=() change
    shift
    for change in "$@"; do changes+=(--change "$change"); done
    tar -C "$root" -c . | docker import "${changes[@]}" - "$name" >/dev/null || fail "image $name"
    rm -rf "$root"
}
place=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
image "$place"/{postgres,initdb,psql,pg_isready}
add $(ls "${place%bin}"lib/*.so | grep -v jit)
cp -r --parents "/usr/share/postgresql/$(basename "$(dirname "$place")")" /usr/share/zoneinfo "$root/"
cat >"$root/entry" <<'END'
#!/bin/sh
set -e
mkdir -p "$PGDATA" /run/postgresql
chown postgres "$PGDATA" /run/postgresql
chmod 700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${POSTGRES_PASSWORD:?}"
    echo "$POSTGRES_PASSWORD" >/tmp/password
    /usr/bin/setpriv --reuid=999 --regid=999 --clear-groups initdb -D "$PGDATA" -U postgres --auth-local=trust --auth-host=md5 --pwfile=/tmp/password --locale=C -E UTF8
    rm /tmp/password
fi
exec /usr/bin/setpriv --reuid=999 --regid=999 --clear-groups postgres -h '*' -k /run/postgresql
END
chmod 755 "$root/entry"
mkdir -p "$root"/var && ln -s ../run "$root/var/run"
import postgres:17 "ENV PATH=$place:/bin" "ENV PGDATA=/var/lib/postgresql/data" 'VOLUME /var/lib/postgresql/data' 'ENTRYPOINT ["/entry"]' 'CMD ["postgres"]'
image /usr/bin/redis-check-rdb
ln -s redis-check-rdb "$root/bin/redis-server"
printf '#!/bin/sh\nchown -R redis .\nexec /usr/bin/setpriv --reuid=998 --regid=998 --clear-groups "$@" --protected-mode no\n' >"$root/entry"
chmod 755 "$root/entry"
import redis:7 'ENV PATH=/bin' 'WORKDIR /data' 'VOLUME /data' 'ENTRYPOINT ["/entry"]' 'CMD ["redis-server"]'
python=$(readlink -f /usr/bin/python3)
library=/usr/lib/$(basename "$python")
image "$python"
add "$library"/lib-dynload/*.so
(cd / && find "${library#/}" -name '*.py' -not -path '*/test/*' -not -path '*-packages/*' -print0 | xargs -0 cp --parents -t "$root")
ln -s "$(basename "$python")" "$root/bin/python"
import python:3-alpine 'ENV PATH=/bin' 'CMD ["python"]'

# command I and what it shows I, out of the blocks of code; in the folder of the compose files but for the first ones.
commands=() shown=() in_code=
while IFS= read -r line; do
    case $line in
        '```'*) [[ -n $in_code ]] && in_code= || in_code=1 ;;
        '$ '*) [[ -z $in_code ]] || { commands+=("${line#\$ }"); shown+=(""); } ;;
        *) [[ -z $in_code ]] || shown[-1]+=$line$'\n' ;;
    esac
done <"$top/doc/docker/README.md"
((${#commands[@]} > 20)) || fail "only ${#commands[@]} commands"
plain() { sed -e 's/[[:space:]]*$//' -e '/^$/d'; }
# What waits for a container that has ended would wait for ever.
exec 3>&2
trap 'exec >&3 2>&3; docker ps -a >"$scratch/containers.log"; for id in $(docker ps -aq); do docker logs $id; done >>"$scratch/containers.log" 2>&1; fail "${commands[step]} goes on"' USR1
(sleep "${VT_TUTORIAL_SECONDS:-180}"; kill -USR1 $$) &
cd "$scratch/source"
for ((step = 0; step < ${#commands[@]}; step++)); do
    [[ ${commands[step]} != *.yml* ]] || cd "$scratch/source/doc/docker"
    eval "${commands[step]}" >"$scratch/out" 2>"$scratch/errors.log" </dev/null || fail "${commands[step]}: exit code $?; $(<"$scratch/out"); plugin: $(cat /run/plugin.log)"
    if [[ -n ${shown[step]} ]]; then
        diff <(plain <<<"${shown[step]}") <(plain <"$scratch/out") >"$scratch/differs.log" || fail "${commands[step]} shows something else"
    fi
done
left=$(grep ' fuse\.vt ' /proc/self/mounts)
[[ -z $left ]] || fail "left mounted: $left"
say "${#commands[@]} commands"
