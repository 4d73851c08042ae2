#!/bin/bash
# Makes the benchmark's data in a folder: v1 and v2, each a kernel source tree plus unpacked Debian packages and the packages
# themselves, in two neighbouring versions. About 3 GB and 85,000 files each. Does nothing where it is there already.
set -euo pipefail
corpus=${1:?usage: corpus.sh FOLDER}
mkdir -p "$corpus"
corpus=$(cd "$corpus" && pwd)

# The oldest and the newest version that the archive offers of a package.
versions() { apt-cache madison "$1" | awk '{print $3}' | sort -V | uniq | sed -n '1p;$p'; }

fetch() {
    local package=$1 version=$2 into=$3
    (cd "$into" && apt-get download -q -q "$package=$version" >/dev/null)
}

unpack() {
    local which=$1 line=$2 tree="$corpus/$1" debs="$corpus/debs-$1" deb
    [ -e "$tree/.complete" ] && return
    rm -rf "$tree" "$debs"
    mkdir -p "$tree" "$debs"
    fetch linux-source-6.1 "$(versions linux-source-6.1 | sed -n "${line}p")" "$debs"
    dpkg-deb --fsys-tarfile "$debs"/linux-source*.deb | tar -xO ./usr/src/linux-source-6.1.tar.xz | tar -xJ -C "$tree"
    rm "$debs"/linux-source*.deb
    for package in chromium firefox-esr libreoffice-core openjdk-17-jre-headless postgresql-15; do
        fetch "$package" "$(versions "$package" | sed -n "${line}p")" "$debs"
    done
    for deb in "$debs"/*.deb; do
        dpkg -x "$deb" "$tree/$(basename "$deb" | cut -d_ -f1)"
    done
    mkdir "$tree/debs"
    mv "$debs"/firefox-esr*.deb "$debs"/postgresql*.deb "$debs"/chromium*.deb "$tree/debs/"
    rm -rf "$debs"
    touch "$tree/.complete"
}

unpack v1 1
unpack v2 2
