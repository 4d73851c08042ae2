using static Vt.PosixProbe.Numbers;
using static Vt.PosixProbe.Sandbox;

namespace Vt.PosixProbe;

/// <summary>Access lists (acl(5)): what they say, what they let, and what new files inherit.</summary>
static class AclProbes
{
    const int Create = O_CREAT | O_RDWR;

    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("acl: the list and the mode are one", s =>
        {
            s.File("file", "", 0x1a4);
            s.GetXattr("file", AccessList);
            s.Mark("file");
            s.SetXattr("file", AccessList, Acl("u::6 u:1001:6 g::4 m::6 o::0"));
            s.Times("file");
            s.Stat("file");
            s.GetXattr("file", AccessList);
            s.Chmod("file", 0x1ed);
            s.GetXattr("file", AccessList);
            s.Chmod("file", 0x180);
            s.Stat("file");
            s.GetXattr("file", AccessList);
            s.SetXattr("file", AccessList, Acl("u::7 g::5 o::1"));
            s.Stat("file");
            s.GetXattr("file", AccessList);
            s.ListXattr("file");
            s.SetXattr("file", AccessList, Acl("u::7 u:5:1 g::5 g:9:2 m::3 o::1"));
            s.ListXattr("file");
            s.RemoveXattr("file", AccessList);
            s.Stat("file");
            s.GetXattr("file", AccessList);
            s.RemoveXattr("file", AccessList);
        }),
        ("acl: lists that are none", s =>
        {
            s.File("file");
            s.Folder("folder");
            foreach (var list in (string[])["u::7", "u::7 g::7", "u::7 u:5:7 g::7 o::7", "u::7 g::7 o::7 u::7", "u::7 g::7 o::8", "u::7 u:5:7 u:5:7 g::7 m::7 o::7", "u::7 u:6:7 u:5:7 g::7 m::7 o::7"])
            {
                s.SetXattr("file", AccessList, Acl(list));
                s.SetXattr("folder", DefaultList, Acl(list));
            }

            s.SetXattr("file", AccessList, [2, 0, 0]);
            s.SetXattr("file", AccessList, [1, 0, 0, 0]);
            s.SetXattr("file", AccessList, [2, 0, 0, 0, 1]);
            s.SetXattr("file", AccessList, [2, 0, 0, 0]);
            s.SetXattr("file", AccessList, []);
            s.Stat("file");
            s.SetXattr("file", DefaultList, Acl("u::7 g::7 o::7"));
            s.GetXattr("file", DefaultList);
            s.Symlink("file", "link");
            s.SetXattr("link", AccessList, Acl("u::7 g::7 o::7"));
            s.GetXattr("link", AccessList);
            s.Mknod("fifo", S_IFIFO | 0x1a4);
            s.SetXattr("fifo", AccessList, Acl("u::7 u:5:7 g::7 m::7 o::7"));
            s.Stat("fifo");
        }),
        ("acl: who may what", s =>
        {
            s.File("user", "x", 0x180);
            s.SetXattr("user", AccessList, Acl("u::6 u:1001:6 g::0 m::6 o::0"));
            s.File("masked", "x", 0x180);
            s.SetXattr("masked", AccessList, Acl("u::6 u:1001:6 g::0 m::4 o::0"));
            s.File("group", "x", 0x180);
            s.SetXattr("group", AccessList, Acl("u::6 g::0 g:2001:6 m::6 o::0"));
            s.File("denied", "x", 0x180);
            s.SetXattr("denied", AccessList, Acl("u::6 u:1001:0 g::6 m::6 o::6"));
            s.File("two-groups", "x", 0x180, 0, 2002);
            s.SetXattr("two-groups", AccessList, Acl("u::6 g::4 g:2001:2 m::6 o::0"));
            s.Folder("folder", 0x1c0);
            s.SetXattr("folder", AccessList, Acl("u::7 u:1001:5 g::0 m::7 o::0"));
            s.File("folder/in", "x");
            foreach (var (user, groups) in new (uint, uint[])[] { (Alice, []), (Bob, []), (Bob, [2001]), (Bob, [2001, 2002]) })
            {
                s.As(user, () =>
                {
                    foreach (var path in (string[])["user", "masked", "group", "denied", "two-groups", "folder/in"])
                    {
                        s.TryOpen(path);
                        s.TryOpen(path, O_WRONLY);
                        s.TryOpen(path, O_RDWR);
                        s.Access(path, 2, AT_EACCESS);
                    }

                    s.TryOpen("folder/new", Create);
                    s.SetXattr("user", AccessList, Acl("u::7 g::7 o::7"));
                    s.RemoveXattr("user", AccessList);
                    s.GetXattr("user", AccessList);
                }, groups);
            }
        }),
        ("acl: what is inherited", s =>
        {
            foreach (var (name, list) in new (string, string)[] { ("plain", "u::7 g::5 o::0"), ("named", "u::7 u:1001:7 g::5 m::7 o::1"), ("narrow", "u::6 u:1001:7 g::4 m::4 o::0") })
            {
                s.Folder(name, 0x1ff);
                s.SetXattr(name, DefaultList, Acl(list));
                s.GetXattr(name, DefaultList);
                s.Stat(name);
                foreach (var mask in (uint[])[0, 0x12, 0x3f])
                {
                    s.Umask(mask);
                    s.TryOpen($"{name}/file{mask}", Create, 0x1b6);
                    s.TryOpen($"{name}/program{mask}", Create, 0x1ff);
                    s.TryOpen($"{name}/narrow{mask}", Create, 0x100);
                    s.Mkdir($"{name}/folder{mask}", 0x1ff);
                    s.Mknod($"{name}/fifo{mask}", S_IFIFO | 0x1b6);
                    s.Symlink("x", $"{name}/link{mask}");
                    foreach (var below in (string[])["file", "program", "narrow", "folder", "fifo", "link"])
                    {
                        s.Stat($"{name}/{below}{mask}");
                        s.GetXattr($"{name}/{below}{mask}", AccessList);
                        s.GetXattr($"{name}/{below}{mask}", DefaultList);
                    }
                }

                s.Umask(0x12);
                var unnamed = s.Open(name, O_TMPFILE | O_RDWR, 0x1b6);
                s.Fstat(unnamed);
                s.Close(unnamed);
                s.SetXattr(name, DefaultList, [2, 0, 0, 0]);
                s.GetXattr(name, DefaultList);
                s.TryOpen($"{name}/after", Create, 0x1b6);
                s.Stat($"{name}/after");
            }

            s.SetXattr("plain", DefaultList, Acl("u::7 g::5 o::0"));
            s.RemoveXattr("plain", DefaultList);
            s.RemoveXattr("plain", DefaultList);
            s.ListXattr("plain");
        }),
        ("acl: setgid goes when the owner isn't of the group", s =>
        {
            s.File("file", "", 0x5ed, Alice, 2001);
            s.File("member", "", 0x5ed, Alice, 2001);
            s.As(Alice, () => s.SetXattr("file", AccessList, Acl("u::7 u:5:7 g::7 m::7 o::7")));
            s.As(Alice, () => s.SetXattr("member", AccessList, Acl("u::7 u:5:7 g::7 m::7 o::7")), 2001);
            s.Stat("file");
            s.Stat("member");
        }),
    ];
}
