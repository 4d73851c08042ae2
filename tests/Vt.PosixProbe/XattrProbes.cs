using static Vt.PosixProbe.Numbers;
using static Vt.PosixProbe.Sandbox;

namespace Vt.PosixProbe;

/// <summary>setxattr(2), getxattr(2), listxattr(2), removexattr(2) in every namespace.</summary>
static class XattrProbes
{
    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("xattr: values", s =>
        {
            s.File("file");
            s.ListXattr("file");
            s.Mark("file");
            s.SetXattr("file", "user.a", "value");
            s.Times("file");
            s.GetXattr("file", "user.a");
            s.GetXattr("file", "user.a", 0);
            s.GetXattr("file", "user.a", 4);
            s.GetXattr("file", "user.a", 5);
            s.SetXattr("file", "user.a", "");
            s.GetXattr("file", "user.a");
            s.GetXattr("file", "user.a", 0);
            s.SetXattr("file", "user.binary", [0, 255, 0, 10]);
            s.GetXattr("file", "user.binary");
            s.ListXattr("file");
            s.ListXattr("file", 0);
            s.ListXattr("file", 5);
            s.Mark("file");
            s.GetXattr("file", "user.binary");
            s.ListXattr("file");
            s.Times("file");
            s.RemoveXattr("file", "user.a");
            s.Times("file");
            s.RemoveXattr("file", "user.a");
            s.GetXattr("file", "user.a");
            s.ListXattr("file");
            s.SetXattr("file", "user.b", "1", XATTR_CREATE);
            s.SetXattr("file", "user.b", "2", XATTR_CREATE);
            s.SetXattr("file", "user.b", "3", XATTR_REPLACE);
            s.SetXattr("file", "user.c", "4", XATTR_REPLACE);
            s.SetXattr("file", "user.c", "5", XATTR_CREATE | XATTR_REPLACE);
            s.SetXattr("file", "user.b", "6", 4);
            s.GetXattr("file", "user.b");
        }),
        ("xattr: limits", s =>
        {
            s.File("file");
            s.SetXattr("file", "user.large", new byte[2000]);
            s.GetXattr("file", "user.large", 0);
            s.SetXattr("file", "user.huge", new byte[65537]);
            s.SetXattr("file", "user." + new string('n', 250), "v");
            s.GetXattr("file", "user." + new string('n', 250));
            s.SetXattr("file", "user." + new string('n', 251), "v");
            s.GetXattr("file", "user." + new string('n', 251));
            s.RemoveXattr("file", "user." + new string('n', 251));
            s.SetXattr("file", "user.", "v");
            s.GetXattr("file", "user.");
            s.SetXattr("file", "user", "v");
            s.SetXattr("file", "", "v");
            s.GetXattr("file", "");
            s.RemoveXattr("file", "");
        }),
        ("xattr: namespaces", s =>
        {
            s.File("file");
            foreach (var name in (string[])["trusted.a", "security.a", "system.a", "other.a", "noname", "os2.a"])
            {
                s.SetXattr("file", name, "v");
                s.GetXattr("file", name);
                s.RemoveXattr("file", name);
            }

            s.SetXattr("file", "trusted.b", "v");
            s.SetXattr("file", "security.b", "v");
            s.SetXattr("file", "user.b", "v");
            s.ListXattr("file");
            s.SetXattr("none", "user.a", "v");
            s.GetXattr("none", "user.a");
            s.ListXattr("none");
            s.RemoveXattr("none", "user.a");
            s.GetXattr("file/x", "user.a");
            s.GetXattr(new string('n', 256), "user.a");
        }),
        ("xattr: other kinds of files", s =>
        {
            s.Folder("folder");
            s.Symlink("folder", "link");
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            s.Mknod("device", S_IFCHR | 0x1b6, 1, 3);
            s.Folder("sticky", 0x3ff);
            foreach (var path in (string[])["folder", "link", "fifo", "device", "sticky"])
            {
                s.SetXattr(path, "user.a", "v");
                s.GetXattr(path, "user.a");
                s.SetXattr(path, "trusted.a", "v");
                s.GetXattr(path, "trusted.a");
                s.SetXattr(path, "security.a", "v");
                s.ListXattr(path);
                s.RemoveXattr(path, "trusted.a");
                s.RemoveXattr(path, "user.a");
            }
        }),
        ("xattr: another user", s =>
        {
            s.File("readable", "", 0x1a4);
            s.File("writable", "", 0x1b6);
            s.File("closed", "", 0x180);
            s.File("write-only", "", 0x92);
            s.File("alices", "", 0, Alice, Alice);
            s.Folder("sticky", 0x3ff);
            s.Folder("open", 0x1ff);
            foreach (var path in (string[])["readable", "writable", "closed", "write-only"])
            {
                s.SetXattr(path, "user.a", "v");
                s.SetXattr(path, "trusted.a", "v");
                s.SetXattr(path, "security.a", "v");
            }

            s.As(Alice, () =>
            {
                foreach (var path in (string[])["readable", "writable", "closed", "write-only", "alices", "sticky", "open"])
                {
                    s.GetXattr(path, "user.a");
                    s.SetXattr(path, "user.b", "v");
                    s.RemoveXattr(path, "user.a");
                    s.GetXattr(path, "trusted.a");
                    s.SetXattr(path, "trusted.b", "v");
                    s.RemoveXattr(path, "trusted.a");
                    s.GetXattr(path, "security.a");
                    s.SetXattr(path, "security.b", "v");
                    s.RemoveXattr(path, "security.a");
                    s.ListXattr(path);
                }
            });
        }),
        ("xattr: capabilities go when somebody writes", s =>
        {
            byte[] capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            s.File("written", "content", 0x1ff);
            s.File("given-away", "content", 0x1ff);
            s.File("truncated", "content", 0x1ff);
            foreach (var path in (string[])["written", "given-away", "truncated"])
                s.SetXattr(path, "security.capability", capability);
            s.GetXattr("written", "security.capability");
            s.Chown("given-away", Alice, Alice);
            s.As(Alice, () =>
            {
                var file = s.Open("written", O_WRONLY);
                s.Write(file, "x");
                s.Close(file);
                s.Truncate("truncated", 3);
            });
            foreach (var path in (string[])["written", "given-away", "truncated"])
                s.GetXattr(path, "security.capability");
        }),
    ];
}
