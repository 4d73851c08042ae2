#!/usr/bin/env bash
# dotnet build on a live mount: of a small project, or with the argument "all" of the whole solution. A second build then finds all up to date.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export HOME=~ DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
what=${1:-small}
packages=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')
export NUGET_PACKAGES=$packages
begin_live
cd "$mnt" || fail "cd"
if [[ $what == all ]]; then
    mkdir work && git -C "$top" archive HEAD | tar -x -C work || fail "git archive"
    project=Vt.sln
else
    mkdir -p work/src && cp -a "$top"/src/{Directory.Build.props,Vt.Posix,Vt.Blocks} work/src/ 2>/dev/null
    cp "$top"/{Directory.Build.props,Directory.Packages.props,BannedSymbols.txt,global.json,.editorconfig} work/ 2>/dev/null
    project=src/Vt.Blocks
fi
[[ ! -e $top/nuget.config ]] || cp "$top/nuget.config" work/
cd work || fail "cd"
dotnet build "$project" -c Release -v q -p:UseSharedCompilation=false >"$scratch/build.log" 2>&1 || fail "dotnet build"
first=$(find artifacts -name 'Vt.*.dll' -newermt '2000-01-01' -printf '%p %T@\n' | sort)
dotnet build "$project" -c Release -v q -p:UseSharedCompilation=false >"$scratch/build.log" 2>&1 || fail "dotnet build once more"
[[ $first == "$(find artifacts -name 'Vt.*.dll' -newermt '2000-01-01' -printf '%p %T@\n' | sort)" ]] || fail "the second build did not find everything up to date"
say "$(find . -type f | wc -l) files of $project"
finish_live
