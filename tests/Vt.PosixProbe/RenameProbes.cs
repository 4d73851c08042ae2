using static Vt.PosixProbe.Numbers;
using static Vt.PosixProbe.Sandbox;

namespace Vt.PosixProbe;

/// <summary>rename(2) and renameat2(2).</summary>
static class RenameProbes
{
    const uint All3 = RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT;

    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("rename: files", s =>
        {
            s.File("a", "aa");
            s.File("b", "b");
            s.Folder("folder");
            s.Mark("a", ".", "folder");
            s.Rename("a", "folder/c");
            s.Times(".");
            s.Times("folder");
            s.Stat("folder/c");
            s.Rename("folder/c", "b");
            s.Content("b");
            s.Mark("b");
            s.Rename("b", "d");
            s.Stat("b");
            s.Rename("d", "d");
            s.Link("d", "e");
            s.Rename("d", "e");
            s.Stat("d");
            s.Rename("none", "x");
            s.Rename("d", "none/x");
            s.Rename("d", "e/x");
            s.Rename("e/x", "y");
            s.Rename("d", "folder");
            s.Rename("folder", "d");
            s.Rename("d", "x/");
            s.Rename("d/", "x");
            s.Rename("", "x");
            s.Rename("d", "");
            s.Rename("d", ".");
            s.Rename(".", "x");
            s.Rename("folder/.", "x");
            s.Rename("folder/..", "x");
            s.Rename("d", new string('n', 256));
            s.Rename("d", new string('n', 255));
            s.List(".");
        }),
        ("rename: the times of what moves", s =>
        {
            s.File("a");
            s.Folder("folder");
            s.Mark("a", "folder");
            s.Rename("a", "b");
            s.Rename("folder", "moved");
            s.Rename("b", "a");
            s.Rename("moved", "folder");
            s.Times("a");
            s.Times("folder");
            s.File("replaced");
            var open = s.Open("replaced");
            s.Rename("a", "replaced");
            s.Fstat(open);
            s.Close(open);
        }),
        ("rename and link: to another filesystem", s =>
        {
            s.File("file", "content");
            s.Folder("folder");
            s.Rename("file", "/proc/file");
            s.Rename("file", "/proc/self/status");
            s.Rename("folder", "/proc/folder");
            s.Link("file", "/proc/file");
            s.Rename("/proc/self/status", "status");
            s.Link("/proc/self/status", "status");
            s.Content("file");
        }),
        ("rename: folders", s =>
        {
            s.Folder("a");
            s.Folder("a/b");
            s.Folder("a/b/c");
            s.Folder("empty");
            s.Folder("full");
            s.File("full/file");
            s.Rename("a", "a/b/c/d");
            s.Rename("a", "a/b");
            s.Rename("a/b", "a");
            s.Rename("a/b/c", "a");
            s.Rename("empty", "full");
            s.Rename("full", "empty");
            s.Stat(".");
            s.Rename("a/b", "moved");
            s.Stat("a");
            s.Stat(".");
            s.Stat("moved/..");
            s.Rename("moved/", "back/");
            s.List("back");
            s.Symlink("back", "link");
            s.Rename("link", "link2");
            s.Stat("link2");
            s.Rename("link2/", "x");
            s.Rename("a", "link2");
        }),
        ("rename: NOREPLACE, EXCHANGE and WHITEOUT", s =>
        {
            s.File("a", "aa");
            s.File("b", "b");
            s.Folder("folder");
            s.Folder("folder/deep");
            s.File("folder/file", "f");
            s.Rename("a", "b", RENAME_NOREPLACE);
            s.Rename("a", "folder", RENAME_NOREPLACE);
            s.Rename("a", "a", RENAME_NOREPLACE);
            s.Rename("none", "x", RENAME_NOREPLACE);
            s.Rename("a", "c", RENAME_NOREPLACE);
            s.Rename("c", "b", RENAME_EXCHANGE);
            s.Content("b");
            s.Content("c");
            s.Mark("b", "folder", ".");
            s.Rename("b", "folder", RENAME_EXCHANGE);
            s.Stat("b");
            s.Stat("folder");
            s.Times(".");
            s.Rename("b/deep", "folder", RENAME_EXCHANGE);
            s.Stat("b");
            s.Stat(".");
            s.Rename("b", "b/deep", RENAME_EXCHANGE);
            s.Rename("folder/x", "b", RENAME_EXCHANGE);
            s.Rename("b", "none", RENAME_EXCHANGE);
            s.Rename("c", "c", RENAME_EXCHANGE);
            s.Rename("c", "b", RENAME_NOREPLACE | RENAME_EXCHANGE);
            s.Rename("c", "b", RENAME_WHITEOUT | RENAME_EXCHANGE);
            s.Rename("c", "b", All3);
            s.Rename("c", "d", 8);
            s.Rename("c", "d", RENAME_WHITEOUT);
            s.Stat("c");
            s.Stat("d");
            s.File("e", "e");
            s.Rename("d", "e", RENAME_WHITEOUT);
            s.Stat("d");
            s.Content("e");
            s.Rename("e", "d", RENAME_WHITEOUT | RENAME_NOREPLACE);
            s.Rename("e", "f", RENAME_WHITEOUT | RENAME_NOREPLACE);
            s.Stat("e");
            s.Folder("g");
            s.Rename("g", "h", RENAME_WHITEOUT);
            s.Stat("g");
            s.Stat("h");
            s.Unlink("g");
            s.List(".");
        }),
        ("rename: another user", s =>
        {
            s.Folder("fixed");
            s.File("fixed/file", "", 0x1b6);
            s.Folder("fixed/folder", 0x1ff);
            s.Folder("open", 0x1ff);
            s.Folder("open2", 0x1ff);
            s.Folder("open/roots", 0x1ed);
            s.Folder("open/alices", 0x1ed, Alice, Alice);
            s.File("open/file", "", 0x1b6);
            s.Folder("closed", 0x1c0);
            s.As(Alice, () =>
            {
                s.Rename("fixed/file", "x");
                s.Rename("open/file", "fixed/x");
                s.Rename("open/file", "closed/x");
                s.Rename("open/file", "open2/file");
                s.Rename("open/roots", "open/renamed");
                s.Rename("open/renamed", "open2/roots");
                s.Rename("open/alices", "open2/alices");
                s.Rename("open2/file", "open/w", RENAME_WHITEOUT);
                s.Stat("open2/file");
                s.Rename("open/w", "fixed/file", RENAME_EXCHANGE);
                s.Rename("open/renamed", "open2/alices", RENAME_EXCHANGE);
            });
            s.List("open");
            s.List("open2");
        }),
    ];
}
