using static Vt.PosixProbe.Numbers;
using static Vt.PosixProbe.Sandbox;

namespace Vt.PosixProbe;

/// <summary>open(2), openat(2), O_TMPFILE, access(2), statfs(2), file handles.</summary>
static class OpeningProbes
{
    const int Create = O_CREAT | O_RDWR;

    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("open: what is not there", s =>
        {
            s.TryOpen("none");
            s.TryOpen("");
            s.TryOpen("none/deep");
            s.TryOpen("none/");
            s.TryOpen("none", O_CREAT | O_DIRECTORY);
        }),
        ("open: creation takes the mode less the mask", s =>
        {
            foreach (var (mask, mode) in new (uint, uint)[] { (0, 0x1ff), (0x17, 0x1ff), (0x12, 0x1b6), (0, 0xfff), (0x1ff, 0x1ff) })
            {
                s.Umask(mask);
                s.TryOpen($"m{mask}-{mode}", Create, mode);
                s.Stat($"m{mask}-{mode}");
            }

            s.Umask(0x12);
        }),
        ("open: O_EXCL", s =>
        {
            s.TryOpen("new", Create | O_EXCL);
            s.TryOpen("new", Create | O_EXCL);
            s.Symlink("target", "dangling");
            s.TryOpen("dangling", Create | O_EXCL);
            s.TryOpen("dangling", Create);
            s.Stat("target");
            s.Folder("folder");
            s.TryOpen("folder", Create | O_EXCL);
        }),
        ("open: symbolic links", s =>
        {
            s.File("file", "x");
            s.Symlink("file", "link");
            s.TryOpen("link");
            s.TryOpen("link", O_NOFOLLOW);
            s.TryOpen("link", O_NOFOLLOW | O_PATH);
            s.TryOpen("link", O_NOFOLLOW | O_DIRECTORY);
            s.Symlink("loop2", "loop1");
            s.Symlink("loop1", "loop2");
            s.TryOpen("loop1");
            s.TryOpen("loop1/x");
            s.TryOpen("loop1", Create);
            s.Symlink("self", "self");
            s.TryOpen("self", O_CREAT | O_WRONLY);
            s.File("c0", "deep");
            for (var i = 1; i <= 41; i++)
                s.Symlink($"c{i - 1}", $"c{i}");
            s.TryOpen("c40");
            s.TryOpen("c41");
        }),
        ("open: directories", s =>
        {
            s.Folder("folder");
            s.File("file");
            s.TryOpen("folder");
            s.TryOpen("folder", O_DIRECTORY);
            s.TryOpen("file", O_DIRECTORY);
            s.TryOpen("folder", O_WRONLY);
            s.TryOpen("folder", O_RDWR);
            s.TryOpen("folder", O_RDWR | O_CREAT);
            s.TryOpen("folder", O_CREAT);
            s.TryOpen("folder", O_TRUNC);
            s.TryOpen("file/");
            s.TryOpen("file/deep");
            s.TryOpen("file/deep", Create);
            s.TryOpen("new/", Create);
            s.TryOpen("folder/", Create);
            s.TryOpen("folder", O_PATH);
            s.TryOpen("folder/./../folder/.", O_DIRECTORY);
        }),
        ("open: O_TRUNC", s =>
        {
            s.File("file", "content");
            s.Mark("file");
            s.TryOpen("file", O_RDWR | O_TRUNC);
            s.Stat("file");
            s.Times("file");
            s.Mark("file");
            s.TryOpen("file", O_RDWR | O_TRUNC);
            s.Times("file");
            s.File("other", "content");
            s.TryOpen("other", O_RDONLY | O_TRUNC);
            s.Stat("other");
            s.File("made", "content");
            s.TryOpen("made", O_WRONLY | O_CREAT | O_TRUNC);
            s.Stat("made");
        }),
        ("open: O_APPEND", s =>
        {
            s.File("file", "abc");
            var file = s.Open("file", O_WRONLY | O_APPEND);
            s.Write(file, "def");
            s.Lseek(file, 0, SEEK_SET);
            s.Write(file, "ghi");
            s.Pwrite(file, "jkl", 0);
            s.Lseek(file, 0, SEEK_CUR);
            s.SetFlags(file, 0);
            s.Lseek(file, 1, SEEK_SET);
            s.Write(file, "X");
            s.Close(file);
            s.Content("file");
        }),
        ("open: fifos, sockets and devices", s =>
        {
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            s.TryOpen("fifo", O_WRONLY | O_NONBLOCK);
            s.TryOpen("fifo", O_RDONLY | O_NONBLOCK);
            s.TryOpen("fifo", O_RDWR | O_NONBLOCK);
            s.Mknod("socket", S_IFSOCK | 0x1b6);
            s.TryOpen("socket");
            s.TryOpen("socket", O_PATH);
            s.Mknod("null", S_IFCHR | 0x1b6, 1, 3);
            s.TryOpen("null", O_RDWR);
            s.Mknod("no-driver", S_IFCHR | 0x1b6, 250, 250);
            s.TryOpen("no-driver", O_RDWR);
            s.TryOpen("fifo", O_RDONLY | O_NONBLOCK | O_DIRECTORY);
        }),
        ("open: names and paths at their limits", s =>
        {
            s.TryOpen(new string('n', 255), Create);
            s.Stat(new string('n', 255));
            s.TryOpen(new string('n', 256), Create);
            s.TryOpen(new string('n', 256));
            s.TryOpen(new string('n', 256) + "/x");
            s.File("f", "x");
            s.TryOpen(string.Concat(Enumerable.Repeat("./", 2047)) + "f");
            s.TryOpen(string.Concat(Enumerable.Repeat("./", 2047)) + "ff");
            s.TryOpen(new string('é', 127), Create);
            s.TryOpen(new string('é', 128), Create);
            s.TryOpen("a\tb\n\\ *?\u0001", Create);
            s.List(".");
        }),
        ("open: what another user may", s =>
        {
            s.File("mine", "x", 0x180);
            s.File("readable", "x", 0x1a4);
            s.File("writable", "x", 0x192);
            s.File("alices", "x", 0x180, Alice, Alice);
            s.File("groups", "x", 0x1b0, 0, 2001);
            s.Folder("closed", 0x1c0);
            s.Folder("shut", 0x1b6);
            s.File("closed/in", "x", 0x1b6);
            s.As(Alice, () =>
            {
                s.TryOpen("mine");
                s.TryOpen("readable");
                s.TryOpen("readable", O_WRONLY);
                s.TryOpen("readable", O_RDWR);
                s.TryOpen("readable", O_RDONLY | O_TRUNC);
                s.TryOpen("readable", O_RDONLY | O_NOATIME);
                s.TryOpen("writable", O_WRONLY);
                s.TryOpen("alices", O_RDWR);
                s.TryOpen("alices", O_RDONLY | O_NOATIME);
                s.TryOpen("groups", O_RDWR);
                s.TryOpen("closed");
                s.TryOpen("closed/in");
                s.TryOpen("closed/new", Create);
                s.TryOpen("shut");
                s.TryOpen("shut/none");
                s.TryOpen("new", Create, 0);
                s.TryOpen("new");
                s.TryOpen("mine", O_PATH);
                s.Stat("new");
            });
            s.As(Alice, () => s.TryOpen("groups", O_RDWR), 2001);
            s.As(Alice, () => s.TryOpen("groups", O_RDWR), 2002);
            s.Stat("readable");
        }),
        ("open: a new file's owner and group", s =>
        {
            s.Folder("shared", 0x5ff, 0, 2001);
            s.As(Bob, () =>
            {
                s.TryOpen("own", Create, 0x1ff);
                s.TryOpen("shared/file", Create, 0x5fd);
                s.Mkdir("shared/folder");
                s.Symlink("x", "shared/link");
                s.Mknod("shared/fifo", S_IFIFO | 0x1b6);
            });
            foreach (var path in (string[])["own", "shared/file", "shared/folder", "shared/link", "shared/fifo"])
                s.Stat(path);
            s.As(Bob, () => s.TryOpen("shared/member", Create, 0x5fd), 2001);
            s.Stat("shared/member");
        }),
        ("open: O_TMPFILE", s =>
        {
            s.Folder("folder");
            s.File("file");
            s.TryOpen("folder", O_TMPFILE | O_RDONLY);
            s.TryOpen("file", O_TMPFILE | O_RDWR);
            s.TryOpen("none", O_TMPFILE | O_RDWR);
            var made = s.Open("folder", O_TMPFILE | O_RDWR, 0x1b6);
            s.Fstat(made);
            s.Write(made, "content");
            s.List("folder");
            s.LinkFile(made, "folder/named");
            s.LinkFile(made, "folder/named");
            s.Fstat(made);
            s.Content("folder/named");
            s.Close(made);
            s.Stat("folder/named");
            var closed = s.Open("folder", O_TMPFILE | O_RDWR | O_EXCL, 0x180);
            s.LinkFile(closed, "folder/other");
            s.Write(closed, "x");
            s.Close(closed);
            var empty = s.Open(".", O_TMPFILE | O_WRONLY, 0x180);
            s.LinkEmpty(empty, "by-empty-path");
            s.Close(empty);
            s.Stat("by-empty-path");
            s.As(Alice, () => s.TryOpen("folder", O_TMPFILE | O_RDWR));
        }),
        ("open: programs that run", s =>
        {
            File.Copy("/bin/sleep", "program");
            s.Chmod("program", 0x1ed);
            var writer = s.Open("program", O_WRONLY);
            End(s.Spawn("./program", "30"));
            s.Close(writer);
            var process = s.Spawn("./program", "30");
            s.TryOpen("program", O_WRONLY);
            s.TryOpen("program", O_RDWR | O_TRUNC);
            s.TryOpen("program");
            s.Truncate("program", 0);
            s.Rename("program", "renamed");
            s.TryOpen("renamed", O_WRONLY);
            s.Unlink("renamed");
            End(process);
            s.File("script", "#!/bin/none\n", 0x1ed);
            End(s.Spawn("./script", ""));
            s.File("plain", "#!/bin/sh\n", 0x1a4);
            End(s.Spawn("./plain", ""));
            s.Folder("folder");
            End(s.Spawn("./folder", ""));
        }),
        ("open: O_PATH gives no right", s =>
        {
            s.File("file", "x");
            var file = s.Open("file", O_PATH);
            s.Pread(file, 1, 0);
            s.Pwrite(file, "x", 0);
            s.Ftruncate(file, 0);
            s.Fchmod(file, 0x1ff);
            s.Fstat(file);
            s.Sync(file);
            s.Close(file);
        }),
        ("open: an unlinked file lives on", s =>
        {
            s.File("file", "content");
            var file = s.Open("file", O_RDWR);
            s.Link("file", "second");
            s.Unlink("file");
            s.Unlink("second");
            s.Fstat(file);
            s.Pread(file, 7, 0);
            s.Pwrite(file, "more", 7);
            s.Ftruncate(file, 9);
            s.Fchmod(file, 0x180);
            s.Fstat(file);
            s.Pread(file, 20, 0);
            s.LinkFile(file, "again");
            s.LinkEmpty(file, "again");
            s.Close(file);
            s.List(".");
        }),
        ("access", s =>
        {
            s.File("file", "", 0x1a4);
            s.File("program", "", 0x1c0);
            s.File("nothing", "", 0);
            s.Folder("folder", 0x140);
            s.Symlink("none", "dangling");
            foreach (var path in (string[])["file", "program", "nothing", "folder", "none", "file/x", "", "dangling"])
            {
                for (var mode = 0; mode < 8; mode++)
                    s.Access(path, mode);
            }

            s.Access("file", 8);
            s.Access("dangling", 0, AT_SYMLINK_NOFOLLOW);
            s.Access("file", 0, 0x8000);
            s.As(Alice, () =>
            {
                foreach (var path in (string[])["file", "program", "nothing", "folder"])
                {
                    for (var mode = 0; mode < 8; mode++)
                        s.Access(path, mode, AT_EACCESS);
                }

                s.Access("folder/x", 0);
                s.Access(".", 7);
            });
        }),
        ("statfs", s =>
        {
            s.File("file");
            s.Statfs(".");
            s.Statfs("file");
            s.Statfs("none");
            s.Statfs("file/x");
            s.Statfs(new string('n', 256));
        }),
        ("file handles", s =>
        {
            s.File("file", "content");
            s.Folder("folder");
            s.File("folder/in", "inner");
            s.Symlink("file", "link");
            var file = s.Handle("file");
            var folder = s.Handle("folder");
            var inner = s.Handle("folder/in");
            s.Handle("file", room: 1);
            s.Handle("none");
            s.Handle("file", flags: 0x4000);
            var open = s.OpenHandle(file, "file");
            s.Pread(open, 10, 0);
            s.Close(open);
            s.Rename("file", "folder/moved");
            open = s.OpenHandle(file, "file that has moved");
            s.Pread(open, 10, 0);
            s.Close(open);
            s.Close(s.OpenHandle(folder, "folder", O_DIRECTORY));
            s.Unlink("folder/in");
            s.OpenHandle(inner, "file that is gone");
            s.File("folder/in", "another");
            s.OpenHandle(inner, "file that is gone, with another under its name");
            s.Rename("folder", "elsewhere");
            s.Close(s.OpenHandle(folder, "folder that has moved", O_DIRECTORY));
            s.As(Alice, () => s.OpenHandle(file, "file"));
        }),
    ];
}
