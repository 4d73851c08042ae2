using System.Text;
using static Vt.PosixProbe.Native;
using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <summary>readdir(3): large folders, entries that come and go meanwhile, telldir(3) and seekdir(3).</summary>
static unsafe class DirectoryProbes
{
    const int Many = 100_000;

    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("readdir: types, numbers and dots", s =>
        {
            s.File("file");
            s.Folder("folder");
            s.Symlink("file", "link");
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            s.Mknod("socket", S_IFSOCK | 0x1b6);
            s.Mknod("character", S_IFCHR | 0x1b6, 1, 3);
            s.Mknod("block", S_IFBLK | 0x1b6, 1, 3);
            s.Link("file", "hard");
            var lines = new List<string>();
            Sandbox.ForEachName(".", (name, type, number) => lines.Add($"{name} {type} {(name == ".." || number == Sandbox.InodeOf(name) ? "its number" : "another number")}"));
            lines.Sort(StringComparer.Ordinal);
            lines.ForEach(s.Log);
            s.List("none");
            s.List("file");
            s.Folder("closed", 0x1c0);
            s.As(Sandbox.Alice, () => s.List("closed"));
            s.List("folder");
            s.List("folder/..");
        }),
        ("readdir: a hundred thousand entries that come and go", s =>
        {
            s.Folder("d");
            for (var i = 0; i < Many; i++)
            {
                if (mknod($"d/{i:d6}", S_IFREG | 0x1a4, 0) != 0)
                    throw new IOException($"mknod of number {i}");
            }

            // Those that are there all the time are listed once each; those that come or go meanwhile at most once.
            var seen = new Dictionary<string, int>();
            var directory = Open("d");
            var count = 0;
            for (var entry = readdir(directory); entry is not null; entry = readdir(directory))
            {
                var name = Sandbox.NameOf(entry);
                seen[name] = seen.GetValueOrDefault(name) + 1;
                if (++count % 100 == 0 && count / 100 <= 900)
                {
                    var number = count / 100 * 100;
                    _ = unlink($"d/{number:d6}");
                    _ = mknod($"d/new{number}", S_IFREG | 0x1a4, 0);
                    _ = renameat2(AT_FDCWD, $"d/{number + 1:d6}", AT_FDCWD, $"d/moved{number}", 0);
                }
            }

            var steady = Enumerable.Range(0, Many).Where(static i => i is < 100 or > 90_001 || (i % 100 is not (0 or 1))).ToArray();
            s.Log($"steady ones that were missed: {steady.Count(i => !seen.ContainsKey($"{i:d6}"))}");
            s.Log($"seen more than once: {seen.Count(static pair => pair.Value > 1)}");
            rewinddir(directory);
            s.Log($"after a rewind: {Count(directory)}");
            closedir(directory);
        }),
        ("readdir: telldir and seekdir", s =>
        {
            s.Folder("d");
            for (var i = 0; i < 3000; i++)
                _ = mknod($"d/{i:d4}", S_IFREG | 0x1a4, 0);
            var directory = Open("d");
            var names = new List<string>();
            var places = new List<nint>();
            while (true)
            {
                places.Add(telldir(directory));
                var entry = readdir(directory);
                if (entry is null)
                    break;
                names.Add(Sandbox.NameOf(entry));
            }

            s.Log($"entries: {names.Count}");
            s.Log($"different places: {places.Distinct().Count()}");
            var wrong = 0;
            foreach (var at in (int[])[0, 1, 2, 3, 500, 1, 2999, 3001, 1700, 0, 3000])
            {
                seekdir(directory, places[at]);
                wrong += Sandbox.NameOf(readdir(directory)) == names[at] ? 0 : 1;
            }

            s.Log($"places that lead elsewhere: {wrong}");

            // A place stays what it is when the entry at it, and others before it, go.
            for (var i = 0; i < 1000; i++)
                _ = unlink($"d/{names[i]}");
            seekdir(directory, places[2000]);
            s.Log($"after others have gone: {(Sandbox.NameOf(readdir(directory)) == names[2000] ? "the same" : "another")}");
            closedir(directory);
        }),
        ("readdir: removing while listing empties a folder", s =>
        {
            s.Folder("d");
            for (var i = 0; i < 5000; i++)
                _ = mknod($"d/{i:d4}", S_IFREG | 0x1a4, 0);
            var directory = Open("d");
            for (var entry = readdir(directory); entry is not null; entry = readdir(directory))
                _ = unlink($"d/{Sandbox.NameOf(entry)}");
            closedir(directory);
            s.Rmdir("d");
        }),
    ];

    static nint Open(string path)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + "\0"))
        {
            var directory = opendir(bytes);
            return directory == 0 ? throw new IOException($"opendir({path})") : directory;
        }
    }

    static int Count(nint directory)
    {
        var count = 0;
        while (readdir(directory) is not null)
            count++;
        return count;
    }
}
