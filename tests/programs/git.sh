#!/usr/bin/env bash
# git on a live mount: clone of this repository, or of one made here where this is none; fsck, status, gc, a commit and fsck again.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export GIT_CONFIG_GLOBAL=$scratch/gitconfig GIT_CONFIG_SYSTEM=/dev/null
printf '[user]\n\tname = tester\n\temail = tester@localhost\n[safe]\n\tdirectory = *\n' >"$GIT_CONFIG_GLOBAL"
source=$top
if ! git -C "$top" rev-parse -q --verify HEAD >/dev/null 2>&1; then
    source=$scratch/source
    cp -r "$top/src" "$source"
    (cd "$source" && git init -q . && git add . && git commit -q -m "All") || fail "making a repository"
fi
begin_live
git clone -q --no-hardlinks "$source" "$mnt/clone" >"$scratch/git.log" 2>&1 || fail "clone"
cd "$mnt/clone" || fail "cd"
git fsck --full --strict >>"$scratch/git.log" 2>&1 || git fsck --full >>"$scratch/git.log" 2>&1 || fail "fsck"
[[ -z $(git status --porcelain) ]] || fail "status: $(git status --porcelain | head -3)"
echo more >>more && git add more && git commit -q -m "More" || fail "commit"
git gc -q --aggressive --prune=now >>"$scratch/git.log" 2>&1 || fail "gc"
git fsck --full >>"$scratch/git.log" 2>&1 || fail "fsck after gc"
finish_live
mount_live
cd "$mnt/clone" && git fsck --full >>"$scratch/git.log" 2>&1 || fail "fsck after mounting again"
[[ -z $(git status --porcelain) ]] || fail "status after mounting again"
say "$(git rev-list --count HEAD) commits, $(git ls-files | wc -l) files"
finish_live
