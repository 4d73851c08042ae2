using static Vt.PosixProbe.Numbers;
using static Vt.PosixProbe.Sandbox;

namespace Vt.PosixProbe;

/// <summary>link(2), symlink(2), readlink(2), unlink(2), mkdir(2), rmdir(2), mknod(2), and what sticky folders keep.</summary>
static class NameProbes
{
    static readonly string LongName = new('n', 256);

    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("link", s =>
        {
            s.File("file", "content");
            s.Folder("folder");
            s.Folder("folder/deep");
            s.Mark("file", "folder", ".");
            s.Link("file", "folder/second");
            s.Stat("file");
            s.Times("file");
            s.Times("folder");
            s.Times(".");
            s.Log($"the same file: {InodeOf("file") == InodeOf("folder/second")}");
            s.Link("file", "folder/second");
            s.Link("file", "folder");
            s.Link("folder", "other");
            s.Link("none", "other");
            s.Link("file", "none/other");
            s.Link("file", "file/other");
            s.Link("file/other", "third");
            s.Link("file", LongName);
            s.Link(LongName, "third");
            s.Link("file", "");
            s.Link("", "third");
            s.Link("file", "third/");
            s.Link("file", ".");
            s.Link("file", "folder/..");
        }),
        ("link: symbolic links and other kinds", s =>
        {
            s.File("file");
            s.Symlink("file", "link");
            s.Link("link", "hard");
            s.Stat("hard");
            s.Link("link", "followed", AT_SYMLINK_FOLLOW);
            s.Stat("followed");
            s.Symlink("none", "dangling");
            s.Link("dangling", "hard2");
            s.Link("dangling", "followed2", AT_SYMLINK_FOLLOW);
            s.Link("file", "dangling");
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            s.Link("fifo", "fifo2");
            s.Stat("fifo2");
            s.Link("file", "x", 0x4000);
        }),
        ("link: another user", s =>
        {
            s.File("file", "", 0x180);
            s.File("alices", "", 0x180, Alice, Alice);
            s.Folder("closed", 0x1c0);
            s.Folder("fixed", 0x1ed);
            s.As(Alice, () =>
            {
                s.Link("alices", "second");
                s.Link("alices", "closed/second");
                s.Link("alices", "fixed/second");
                s.Link("closed/x", "second2");
            });
        }),
        ("symlink and readlink", s =>
        {
            s.Symlink("target", "link");
            s.Stat("link");
            s.Readlink("link");
            s.Readlink("link", 3);
            s.Readlink("link", 0);
            s.Symlink("target", "link");
            s.Symlink("", "empty");
            s.Symlink("x", "");
            s.Symlink("x", "none/link");
            s.File("file");
            s.Symlink("x", "file/link");
            s.Symlink("x", LongName);
            s.Symlink("x", "new/");
            s.Symlink("x", ".");
            s.Readlink("file");
            s.Readlink("none");
            s.Readlink(".");
            s.Readlink("link/");
            foreach (var length in (int[])[59, 60, 127, 128, 129, 255, 1024, 4094, 4095])
            {
                s.Symlink(new string('t', length), $"l{length}");
                s.Readlink($"l{length}");
                s.Stat($"l{length}");
            }

            s.Symlink(new string('t', 4096), "too-long");
            s.Folder("closed", 0x1c0);
            s.As(Alice, () =>
            {
                s.Symlink("x", "closed/link");
                s.Readlink("closed/link");
                s.Symlink("x", "own");
                s.Stat("own");
            });
        }),
        ("unlink", s =>
        {
            s.File("file");
            s.Link("file", "second");
            s.Folder("folder");
            s.Mark("file", ".");
            s.Unlink("second");
            s.Times("file");
            s.Times(".");
            s.Stat("file");
            s.Unlink("folder");
            s.Unlink("none");
            s.Unlink("file/x");
            s.Unlink("file/");
            s.Unlink("");
            s.Unlink(".");
            s.Unlink("folder/..");
            s.Unlink(LongName);
            s.Symlink("file", "link");
            s.Unlink("link");
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            s.Unlink("fifo");
            s.Unlink("file");
            s.List(".");
        }),
        ("unlink and rmdir: another user", s =>
        {
            s.Folder("fixed");
            s.File("fixed/file", "", 0x1b6);
            s.Folder("fixed/folder");
            s.Folder("open", 0x1ff);
            s.File("open/file", "", 0);
            s.Folder("open/folder", 0);
            s.As(Alice, () =>
            {
                s.Unlink("fixed/file");
                s.Rmdir("fixed/folder");
                s.Unlink("open/file");
                s.Rmdir("open/folder");
            });
        }),
        ("sticky folders", s =>
        {
            s.Folder("sticky", 0x3ff, Bob, Bob);
            foreach (var (name, owner) in new (string, uint)[] { ("roots", 0), ("alices", Alice), ("bobs", Bob), ("alices2", Alice), ("alices3", Alice) })
                s.File($"sticky/{name}", "", 0x1b6, owner, owner);
            s.Folder("sticky/folder", 0x1ff);
            s.Folder("sticky/alices-folder", 0x1ff, Alice, Alice);
            s.As(Alice, () =>
            {
                s.Unlink("sticky/roots");
                s.Unlink("sticky/bobs");
                s.Rmdir("sticky/folder");
                s.Rename("sticky/roots", "sticky/x");
                s.Rename("sticky/alices", "sticky/bobs");
                s.Rename("sticky/alices", "sticky/renamed");
                s.Rename("sticky/bobs", "bobs");
                s.Rename("sticky/roots", "sticky/renamed", RENAME_EXCHANGE);
                s.Unlink("sticky/renamed");
                s.Rmdir("sticky/alices-folder");
                s.TryOpen("sticky/new", O_CREAT | O_RDWR);
            });
            s.As(Bob, () =>
            {
                s.Unlink("sticky/roots");
                s.Unlink("sticky/alices2");
                s.Rmdir("sticky/folder");
            });
            s.List("sticky");
        }),
        ("mkdir", s =>
        {
            s.Mark(".");
            s.Mkdir("a");
            s.Times(".");
            s.Stat("a");
            s.Stat(".");
            s.Mkdir("a");
            s.File("file");
            s.Mkdir("file");
            s.Mkdir("file/x");
            s.Mkdir("none/x");
            s.Mkdir("");
            s.Mkdir(".");
            s.Mkdir("a/..");
            s.Mkdir("b/");
            s.Mkdir("c/.");
            s.Mkdir(LongName);
            s.Mkdir(new string('n', 255));
            s.Symlink("nowhere", "link");
            s.Mkdir("link");
            s.Symlink("loop", "loop");
            s.Mkdir("loop/x");
            foreach (var (mask, mode) in new (uint, uint)[] { (0, 0xfff), (0x12, 0x1ff), (0x1ff, 0x1ff), (0, 0x3ff) })
            {
                s.Umask(mask);
                s.Mkdir($"m{mask}-{mode}", mode);
                s.Stat($"m{mask}-{mode}");
            }

            s.Umask(0x12);
            s.Folder("setgid", 0x5ed, 0, 2001);
            s.Mkdir("setgid/below");
            s.Stat("setgid/below");
            s.Folder("fixed");
            s.As(Alice, () =>
            {
                s.Mkdir("fixed/x");
                s.Mkdir("own", 0x1c0);
                s.Stat("own");
            });
        }),
        ("rmdir", s =>
        {
            s.Folder("a");
            s.Folder("a/b");
            s.Folder("full");
            s.File("full/file");
            s.File("file");
            s.Symlink("a", "link");
            s.Mark(".", "a");
            s.Rmdir("full");
            s.Rmdir("file");
            s.Rmdir("none");
            s.Rmdir("file/x");
            s.Rmdir("");
            s.Rmdir("a/.");
            s.Rmdir("a/..");
            s.Rmdir("link");
            s.Rmdir("link/");
            s.Rmdir(LongName);
            s.Rmdir("a/b/");
            s.Times("a");
            s.Stat("a");
            s.Rmdir("a");
            s.Times(".");
            s.List(".");
        }),
        ("rmdir: a folder that is in use", s =>
        {
            s.Folder("gone");
            var gone = s.Open("gone", O_DIRECTORY);
            s.As(0, () =>
            {
                s.Chdir("gone");
                s.Rmdir("../gone");
                s.TryOpen("new", O_CREAT | O_RDWR);
                s.Mkdir("new");
                s.Symlink("x", "new");
                s.Mknod("new", S_IFIFO | 0x1b6);
                s.Link("../gone", "new");
                s.Stat(".");
                s.List(".");
                s.Stat("..");
                s.TryOpen(".", O_TMPFILE | O_RDWR);
            });
            s.Fstat(gone);
            s.Fchmod(gone, 0x1c0);
            s.Fstat(gone);
            s.Sync(gone);
            s.Close(gone);
            s.Mkdir("gone");
            s.Stat("gone");
        }),
        ("chdir", s =>
        {
            s.File("file");
            s.Folder("closed", 0x1b6);
            s.As(0, () =>
            {
                s.Chdir("file");
                s.Chdir("none");
                s.Chdir("file/x");
                s.Chdir(LongName);
                s.Chdir("closed");
            });
            s.As(Alice, () => s.Chdir("closed"));
        }),
        ("mknod", s =>
        {
            s.Mark(".");
            foreach (var (name, type) in new (string, uint)[] { ("fifo", S_IFIFO), ("socket", S_IFSOCK), ("character", S_IFCHR), ("block", S_IFBLK), ("file", S_IFREG), ("plain", 0) })
            {
                s.Mknod(name, type | 0x1b6, 7, 9);
                s.Stat(name);
                s.Mknod(name, type | 0x1b6);
            }

            s.Times(".");
            s.Mknod("large", S_IFCHR | 0x180, 4095, 255);
            s.Stat("large");
            s.Mknod("folder", S_IFDIR | 0x1ed);
            s.Mknod("link", S_IFLNK | 0x1ed);
            s.Mknod("wrong", 0x9000 | 0x1ed);
            s.Mknod("none/x", S_IFIFO | 0x1b6);
            s.Mknod("file/x", S_IFIFO | 0x1b6);
            s.Mknod(LongName, S_IFIFO | 0x1b6);
            s.Mknod("", S_IFIFO | 0x1b6);
            s.Folder("fixed");
            s.As(Alice, () =>
            {
                s.Mknod("own-fifo", S_IFIFO | 0x9ff);
                s.Stat("own-fifo");
                s.Mknod("own-socket", S_IFSOCK | 0x1b6);
                s.Mknod("own-device", S_IFCHR | 0x1b6, 1, 3);
                s.Mknod("own-block", S_IFBLK | 0x1b6, 1, 3);
                s.Mknod("own-whiteout", S_IFCHR | 0x1b6);
                s.Mknod("own-file", S_IFREG | 0x1b6);
                s.Mknod("fixed/x", S_IFIFO | 0x1b6);
            });
        }),
    ];
}
