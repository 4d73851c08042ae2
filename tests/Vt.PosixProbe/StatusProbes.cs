using static Vt.PosixProbe.Numbers;
using static Vt.PosixProbe.Sandbox;

namespace Vt.PosixProbe;

/// <summary>chmod(2), chown(2), utimensat(2).</summary>
static class StatusProbes
{
    static readonly (long, long) Now = (0, UTIME_NOW);
    static readonly (long, long) Omit = (0, UTIME_OMIT);
    static readonly (long, long) Then = (1_111_111_111, 123_456_789);

    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("chmod", s =>
        {
            s.File("file");
            s.Folder("folder");
            s.Symlink("file", "link");
            s.Symlink("none", "dangling");
            s.Symlink("loop", "loop");
            foreach (var mode in (uint[])[0, 0x1ff, 0xfff, 0x800, 0x400, 0x200, 0x1a4, 0xffffffff])
            {
                s.Mark("file", "folder");
                s.Chmod("file", mode);
                s.Stat("file");
                s.Times("file");
                s.Chmod("folder", mode);
                s.Stat("folder");
            }

            s.Chmod("link", 0x180);
            s.Stat("file");
            s.Stat("link");
            s.Chmod("link", 0x1ff, AT_SYMLINK_NOFOLLOW);
            s.Chmod("file", 0x1b6, AT_SYMLINK_NOFOLLOW);
            s.Stat("file");
            s.Chmod("dangling", 0x180);
            s.Chmod("loop", 0x180);
            s.Chmod("none", 0x180);
            s.Chmod("file/x", 0x180);
            s.Chmod("", 0x180);
            s.Chmod(new string('n', 256), 0x180);
            s.Chmod("file", 0x180, 0x8000);
        }),
        ("chmod: another user", s =>
        {
            s.File("roots", "", 0x1b6);
            s.File("alices", "", 0x180, Alice, Alice);
            s.File("of-another-group", "", 0x180, Alice, 2001);
            s.Folder("folder", 0x1c0, Alice, 2001);
            s.Folder("closed", 0x1c0);
            s.As(Alice, () =>
            {
                s.Chmod("roots", 0x180);
                s.Chmod("alices", 0xdff);
                s.Stat("alices");
                s.Chmod("alices", 0x3ff);
                s.Stat("alices");
                s.Chmod("of-another-group", 0x5ff);
                s.Stat("of-another-group");
                s.Chmod("of-another-group", 0xdb6);
                s.Stat("of-another-group");
                s.Chmod("folder", 0x7ff);
                s.Stat("folder");
                s.Chmod("closed/x", 0x180);
            });
            s.As(Alice, () =>
            {
                s.Chmod("of-another-group", 0x5ff);
                s.Stat("of-another-group");
                s.Chmod("folder", 0x7ff);
                s.Stat("folder");
            }, 2001);
        }),
        ("chown", s =>
        {
            s.File("file", "", 0xded);
            s.Folder("folder", 0xded);
            s.Symlink("file", "link");
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            s.Mark("file");
            s.Chown("file", Alice, Bob);
            s.Stat("file");
            s.Times("file");
            s.Chown("folder", Alice, Bob);
            s.Stat("folder");
            s.Chown("link", Bob, Unchanged, AT_SYMLINK_NOFOLLOW);
            s.Stat("link");
            s.Stat("file");
            s.Chown("link", Bob, Unchanged);
            s.Stat("file");
            s.Chown("file", Unchanged, 5);
            s.Stat("file");
            s.Chown("fifo", 7, 8);
            s.Stat("fifo");
            s.Chmod("file", 0xc0);
            s.Chmod("file", 0xda4);
            s.Chown("file", 0, 0);
            s.Stat("file");
            s.Chown("file", 4_000_000_000, 4_000_000_001);
            s.Stat("file");
            s.Chown("none", 0, 0);
            s.Chown("file/x", 0, 0);
            s.Chown("", 0, 0);
            s.Chown(new string('n', 256), 0, 0);
            s.Chown("file", 0, 0, 0x8000);
        }),
        ("chown: to nobody in particular", s =>
        {
            s.File("file", "", 0x1a4, Alice, Alice);
            s.Mark("file");
            s.Chown("file", Unchanged, Unchanged);
            s.Stat("file");
            s.Times("file");
            s.File("setuid", "", 0xded, Alice, Alice);
            s.Chown("setuid", Unchanged, Unchanged);
            s.Stat("setuid");
            s.File("setgid", "", 0x5a4, Alice, Alice);
            s.Chown("setgid", Unchanged, Unchanged);
            s.Stat("setgid");
            s.Folder("folder", 0xded, Alice, Alice);
            s.Chown("folder", Unchanged, Unchanged);
            s.Stat("folder");
            s.File("alices", "", 0xded, Alice, Alice);
            s.As(Alice, () =>
            {
                s.Chown("alices", Unchanged, Unchanged);
                s.Chown("setgid", Unchanged, Unchanged);
            });
            s.As(Bob, () => s.Chown("alices", Unchanged, Unchanged));
            s.Stat("alices");
        }),
        ("chown: another user", s =>
        {
            s.File("roots", "", 0x1b6);
            s.File("alices", "", 0xded, Alice, Alice);
            s.File("second", "", 0xda4, Alice, Alice);
            s.Folder("folder", 0xded, Alice, Alice);
            s.As(Alice, () =>
            {
                s.Chown("roots", Alice, Unchanged);
                s.Chown("roots", Unchanged, Alice);
                s.Chown("alices", Bob, Unchanged);
                s.Chown("alices", Unchanged, Bob);
                s.Chown("alices", Alice, Unchanged);
                s.Stat("alices");
                s.Chmod("alices", 0xded);
                s.Chown("alices", Unchanged, 2001);
                s.Stat("alices");
                s.Chown("alices", Alice, Alice);
                s.Stat("alices");
                s.Chown("second", Alice, 2001);
                s.Stat("second");
                s.Chown("folder", Unchanged, 2001);
                s.Stat("folder");
                s.Chown("alices", Alice, 2002);
            }, 2001);
        }),
        ("utimensat", s =>
        {
            s.File("file");
            s.Folder("folder");
            s.Symlink("file", "link");
            s.Symlink("loop", "loop");
            s.Utimens("file", Then, (1, 2));
            s.Clock("file");
            s.Utimens("file", Omit, (77, 0));
            s.Clock("file");
            s.Utimens("file", (88, 5), Omit);
            s.Clock("file");
            s.Utimens("file", Omit, Omit);
            s.Clock("file");
            s.Utimens("file", Now, Omit);
            s.Clock("file");
            s.Utimens("file", Then, Now);
            s.Clock("file");
            s.Utimens("file", Then, Then);
            s.Utimens("file");
            s.Clock("file");
            s.Utimens("file", (-5, 999_999_999), (-1, 0));
            s.Clock("file");
            s.Utimens("file", (4_000_000_000, 0), (5_000_000_000, 1));
            s.Clock("file");
            s.Utimens("file", (0, 1_000_000_000), Then);
            s.Utimens("file", Then, (0, -1));
            s.Utimens("folder", Then, (1, 2));
            s.Clock("folder");
            s.Utimens("link", Then, (3, 4), AT_SYMLINK_NOFOLLOW);
            s.Clock("link");
            s.Utimens("link", Then, (5, 6));
            s.Clock("file");
            s.Utimens("none", Then, Then);
            s.Utimens("file/x", Then, Then);
            s.Utimens("", Then, Then);
            s.Utimens("loop", Then, Then);
            s.Utimens(new string('n', 256), Then, Then);
            s.Utimens("file", Then, Then, 0x8000);
            s.Mark("file");
            s.Utimens("file", Then, Then);
            s.Times("file");
            s.Mark("file");
            s.Utimens("file", Omit, Omit);
            s.Times("file");
        }),
        ("futimens, fchmod, fchown", s =>
        {
            s.File("file", "", 0xded);
            var file = s.Open("file");
            s.Futimens(file, 5, 6);
            s.Clock("file");
            s.Fchmod(file, 0xdff);
            s.Fstat(file);
            s.Fchown(file, Alice, Bob);
            s.Fstat(file);
            s.Close(file);
            s.Fchmod(-1, 0);
            s.Fchown(-1, 0, 0);
            s.Futimens(-1, 0, 0);
            file = s.Open("file");
            s.As(Bob, () =>
            {
                s.Futimens(file, 7, 8);
                s.Fchmod(file, 0x1ff);
                s.Fchown(file, Bob, Bob);
            });
            s.Close(file);
        }),
        ("utimensat: another user", s =>
        {
            s.File("readable", "", 0x1a4);
            s.File("writable", "", 0x1b6);
            s.File("closed", "", 0x180);
            s.File("alices", "", 0, Alice, Alice);
            s.As(Alice, () =>
            {
                foreach (var path in (string[])["readable", "writable", "closed", "alices"])
                {
                    s.Utimens(path);
                    s.Utimens(path, Now, Now);
                    s.Utimens(path, Omit, Omit);
                    s.Utimens(path, Now, Omit);
                    s.Utimens(path, Omit, Now);
                    s.Utimens(path, Then, Then);
                    s.Utimens(path, Then, Now);
                }
            });
        }),
    ];
}
