using System.Globalization;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>The archive that every folder of a mount has, as programs see it.</summary>
public sealed class VirtualArchiveTests
{
    // A line that fails ends the script; "refuse" is one that has to fail.
    const string Strict = "set -e -o pipefail; refuse() { if \"$@\" > /dev/null 2>&1; then echo \"not refused: $*\"; return 1; fi; }; ";

    static string AsNobody => $"setpriv {string.Join(' ', MountAbility.OrdinaryUser)}";

    [MountFact]
    public void A_live_mount_gives_each_folder_as_an_archive()
    {
        using var mount = new LiveMount("commit=3600,allow_other");
        new TreeGenerator(21, 0.2).Make(mount.Point);
        mount.Run(Strict + "find . -type s -delete");
        Assert.DoesNotContain(".vt-archive", Shell.Succeed($"ls -A '{mount.Point}'"), StringComparison.Ordinal);
        var restored = mount.Folder.Make("restored");
        Shell.Succeed($"tar -xpf '{mount[".vt-archive.tar"]}' --warning=no-timestamp --xattrs --xattrs-include='*' --acls --numeric-owner -C '{restored}'");
        Assert.Empty(TreeComparer.Compare(mount.Point, restored));
        var copy = mount.Folder["copy.tar"];
        mount.Run($"{Strict}cp .vt-archive.tar '{copy}'; test $(stat -c %s .vt-archive.tar) = $(stat -c %s '{copy}'); cmp .vt-archive.tar '{copy}'; rsync .vt-archive.tar '{copy}.2'; cmp '{copy}' '{copy}.2'");
        mount.Run(Strict + "tar tf many/.vt-archive.tar | grep -c ^entry-000001$ > /dev/null; cp many/.vt-archive.tar kept.tar; cmp kept.tar many/.vt-archive.tar");

        // Read here and there, and by several at once, it is the same.
        mount.Run($"{Strict}for at in 700 3 411 89 1000 2; do (dd if=.vt-archive.tar bs=1000 skip=$at count=77 status=none | cmp - <(dd if='{copy}' bs=1000 skip=$at count=77 status=none)) & done; wait");
        var size = new FileInfo(copy).Length;
        Assert.Equal(size.ToString(CultureInfo.InvariantCulture), Shell.Succeed($"wc -c < '{mount[".vt-archive.tar"]}' | sed 's/ //g' > /dev/null; stat -c %s '{copy}'"));
    }

    [MountFact]
    public void An_open_archive_is_one_instant_and_the_next_one_has_what_came_since()
    {
        using var mount = new LiveMount();
        mount.Run(
            Strict + "mkdir d; echo one > d/x; exec 5< d/.vt-archive.tar; echo two > d/x; echo new > d/y; test \"$(tar xO x <&5)\" = one; exec 5<&-; "
            + "test \"$(tar xOf d/.vt-archive.tar x)\" = two; tar tf d/.vt-archive.tar | grep -c ^y$ > /dev/null; rm -r d; refuse test -e d/.vt-archive.tar");
    }

    [RootFact]
    public void Only_the_owner_of_a_mount_reads_its_archives_and_nobody_changes_them()
    {
        if (MountAbility.WhyNot() is not null)
            return;
        using var mount = new LiveMount("commit=3600,allow_other");
        mount.Run(Strict + "mkdir -m 777 d; echo secret > d/x; chmod 600 d/x");
        mount.Run($"{Strict}refuse {AsNobody} cat d/.vt-archive.tar; refuse {AsNobody} stat d/.vt-archive.tar; cat d/.vt-archive.tar > /dev/null; refuse {AsNobody} cat d/.vt-archive.tar");
        mount.Run(Strict + "refuse rm d/.vt-archive.tar; refuse sh -c 'echo x > d/.vt-archive.tar'; refuse mv d/.vt-archive.tar z; refuse ln d/.vt-archive.tar z; refuse chmod 644 d/.vt-archive.tar");
        mount.Run(Strict + "refuse setfattr -n user.a -v b d/.vt-archive.tar; refuse truncate -s 0 d/.vt-archive.tar; test \"$(stat -c '%a %u' d/.vt-archive.tar)\" = '400 0'");

        // An entry of this name hides it.
        mount.Run(Strict + "echo mine > d/y; mv d/y d/.vt-archive.tar; test \"$(cat d/.vt-archive.tar)\" = mine; ls -A d | grep -c ^.vt-archive.tar$ > /dev/null; rm d/.vt-archive.tar; tar tf d/.vt-archive.tar | grep -c ^x$ > /dev/null");
    }

    [RootFact]
    public void A_mount_for_reading_gives_each_folder_as_an_archive_to_its_owner()
    {
        if (MountAbility.WhyNot() is not null)
            return;
        using var folder = new TempFolder();
        var vt = new VtCommand(folder["home"]);
        vt.Succeed("init");
        var source = folder.Make("source");
        new TreeGenerator(22, 0.2).Make(source);
        Shell.Succeed($"find '{source}' -type s -delete");
        vt.Succeed("import", "-q", source, folder["a.vt"]);
        vt.Succeed("archive", "-q", folder["a.vt"], folder["whole.tar"]);
        vt.Succeed("archive", "-q", folder["a.vt"] + "/links", folder["links.tar"]);
        var point = folder.Make("mnt");
        vt.Succeed("mount", "-d", "-r", "-o", "allow_other", folder["a.vt"], point);
        try
        {
            Shell.Succeed($"cd '{point}'; {Strict}refuse {AsNobody} cat .vt-archive.tar; cmp .vt-archive.tar '{folder["whole.tar"]}'; cmp links/.vt-archive.tar '{folder["links.tar"]}'; refuse {AsNobody} cat .vt-archive.tar");
            Shell.Succeed($"cd '{point}'; {Strict}refuse rm .vt-archive.tar; test -z \"$(ls -A | grep archive)\"; cp --sparse=auto .vt-archive.tar '{folder["copy.tar"]}'; cmp '{folder["copy.tar"]}' '{folder["whole.tar"]}'");
        }
        finally
        {
            Shell.Succeed($"umount '{point}'");
        }
    }
}
