using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <summary>Every call that changes something, in a mount that is for reading only: EROFS, and where something else is wrong first, that.</summary>
static class ReadOnlyProbes
{
    /// <summary>What the probes expect to be there; made while the folder may be written.</summary>
    public static void Prepare()
    {
        File.WriteAllText("file", "content");
        Directory.CreateDirectory("folder/deep");
        File.CreateSymbolicLink("link", "file");
    }

    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("read only", s =>
        {
            foreach (var flags in (int[])[O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_EXCL])
            {
                s.TryOpen("file", flags);
                s.TryOpen("new", flags);
                s.TryOpen("folder", flags);
            }

            s.TryOpen("folder", O_TMPFILE | O_RDWR);
            s.Mkdir("new");
            s.Mkdir("folder");
            s.Mknod("new", S_IFIFO | 0x1b6);
            s.Mknod("file", S_IFIFO | 0x1b6);
            s.Symlink("x", "new");
            s.Symlink("x", "file");
            s.Link("file", "new");
            s.Link("none", "new");
            s.Unlink("file");
            s.Unlink("none");
            s.Rmdir("folder");
            s.Rmdir("folder/deep");
            s.Rmdir("none");
            s.Rename("file", "new");
            s.Rename("none", "new");
            s.Rename("file", "link");
            s.Truncate("file", 0);
            s.Truncate("none", 0);
            s.Chmod("file", 0x1ff);
            s.Chown("file", 1, 1);
            s.Utimens("file");
            s.Utimens("file", (0, UTIME_OMIT), (0, UTIME_OMIT));
            s.SetXattr("file", "user.a", "v");
            s.RemoveXattr("file", "user.a");
            s.SetXattr("file", Sandbox.AccessList, Sandbox.Acl("u::7 g::7 o::7"));
            s.Access("file", 2);
            s.Access("file", 4);
            s.Access("none", 2);
            s.Content("file");
            s.Readlink("link");
            s.List(".");
            s.Stat("file");
            var file = s.Open("file");
            s.Fchmod(file, 0x1ff);
            s.Fchown(file, 1, 1);
            s.Futimens(file, 1, 1);
            s.Sync(file);
            s.Close(file);
        }),
    ];
}
