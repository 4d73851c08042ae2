using static Vt.PosixProbe.Numbers;
using static Vt.PosixProbe.Sandbox;

namespace Vt.PosixProbe;

/// <summary>read(2), write(2), lseek(2), truncate(2), fallocate(2), copy_file_range(2), fsync(2), O_DIRECT.</summary>
static class ContentProbes
{
    const int Create = O_CREAT | O_RDWR;
    const int Page = 4096;
    const int Large = 65536;
    const int Collapse = 8;
    const int Insert = 32;

    static byte[] Of(char letter, int length) => [.. Enumerable.Repeat((byte)letter, length)];

    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("read and write", s =>
        {
            var file = s.Open("file", Create);
            s.Write(file, "hello");
            s.Write(file, "");
            s.Pread(file, 10, 0);
            s.Pread(file, 10, 3);
            s.Pread(file, 10, 5);
            s.Pread(file, 10, 1L << 40);
            s.Pread(file, 0, 0);
            s.Pread(file, 1, -1);
            s.Pwrite(file, "x", -1);
            s.Pwrite(file, "far", 100_000);
            s.Fstat(file);
            s.Content("file");
            s.Lseek(file, 0, SEEK_SET);
            s.Fault(file);
            s.Close(file);
            s.Close(file);
            var reader = s.Open("file", O_RDONLY);
            s.Write(reader, "x");
            s.Ftruncate(reader, 0);
            s.Fallocate(reader, 0, 0, 10);
            s.Close(reader);
            var writer = s.Open("file", O_WRONLY);
            s.Read(writer, 1);
            s.Close(writer);
            var folder = s.Open(".");
            s.Read(folder, 10);
            s.Pread(folder, 10, 0);
            s.Write(folder, "x");
            s.Ftruncate(folder, 0);
            s.Close(folder);
        }),
        ("write: the times", s =>
        {
            s.File("file", "content");
            s.Mark("file");
            var file = s.Open("file", O_RDWR);
            s.Times("file");
            s.Pread(file, 3, 0);
            s.Times("file");
            s.Write(file, "");
            s.Times("file");
            s.Write(file, "x");
            s.Times("file");
            s.Close(file);
        }),
        ("write: setuid and setgid go", s =>
        {
            foreach (var mode in (uint[])[0x9ff, 0x5ff, 0xdff, 0x5f7, 0xdb6])
            {
                s.File($"w{mode}", "content", mode, Alice, Alice);
                s.File($"t{mode}", "content", mode, Alice, Alice);
                s.File($"o{mode}", "content", mode, Alice, Alice);
                s.File($"f{mode}", "content", mode, Alice, Alice);
                s.File($"e{mode}", "content", mode, Alice, Alice);
                s.File($"r{mode}", "content", mode, Alice, Alice);
                s.As(Alice, () =>
                {
                    var file = s.Open($"w{mode}", O_WRONLY);
                    s.Write(file, "x");
                    s.Fstat(file);
                    s.Close(file);
                    s.Truncate($"t{mode}", 3);
                    s.TryOpen($"o{mode}", O_WRONLY | O_TRUNC);
                    file = s.Open($"f{mode}", O_WRONLY);
                    s.Fallocate(file, 0, 0, 100);
                    s.Close(file);
                    s.TryOpen($"e{mode}", O_RDWR);
                });
                var roots = s.Open($"r{mode}", O_WRONLY);
                s.Write(roots, "x");
                s.Ftruncate(roots, 2);
                s.Close(roots);
                foreach (var way in "wtofer")
                    s.Stat($"{way}{mode}");
            }
        }),
        ("lseek", s =>
        {
            var file = s.Open("file", Create);
            s.Write(file, "0123456789");
            s.Lseek(file, 4, SEEK_SET);
            s.Read(file, 2);
            s.Lseek(file, -3, SEEK_CUR);
            s.Read(file, 2);
            s.Lseek(file, -2, SEEK_END);
            s.Read(file, 5);
            s.Lseek(file, 5, SEEK_END);
            s.Read(file, 5);
            s.Lseek(file, -1, SEEK_SET);
            s.Lseek(file, -100, SEEK_END);
            s.Lseek(file, -100, SEEK_CUR);
            s.Lseek(file, 0, 5);
            s.Lseek(file, 0, 99);
            s.Lseek(file, 10, SEEK_DATA);
            s.Lseek(file, 10, SEEK_HOLE);
            s.Lseek(file, -1, SEEK_DATA);
            s.Lseek(file, 0, SEEK_DATA);
            s.Lseek(file, 0, SEEK_HOLE);
            s.Lseek(file, 3, SEEK_HOLE);
            s.Lseek(file, long.MaxValue, SEEK_DATA);
            s.Lseek(file, long.MaxValue, SEEK_CUR);
            s.Close(file);
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            var fifo = s.Open("fifo", O_RDWR | O_NONBLOCK);
            s.Lseek(fifo, 0, SEEK_SET);
            s.Pread(fifo, 1, 0);
            s.Ftruncate(fifo, 0);
            s.Fallocate(fifo, 0, 0, 10);
            s.Close(fifo);
        }),
        ("lseek: data and holes", s =>
        {
            var file = s.Open("file", Create);
            s.Ftruncate(file, 16 * Large);
            s.Lseek(file, 0, SEEK_DATA);
            s.Lseek(file, 0, SEEK_HOLE);
            s.Pwrite(file, Of('a', Large), 2 * Large);
            s.Pwrite(file, Of('b', Large), 3 * Large);
            s.Pwrite(file, Of('c', Large), 8 * Large);
            s.Sync(file);
            foreach (var at in (long[])[0, 1, Large, 2 * Large, (2 * Large) + 1, 3 * Large, 4 * Large, 5 * Large, 8 * Large, 9 * Large, (16 * Large) - 1, 16 * Large])
            {
                s.Lseek(file, at, SEEK_DATA);
                s.Lseek(file, at, SEEK_HOLE);
            }

            s.Fallocate(file, PUNCH_HOLE | KEEP_SIZE, 3 * Large, Large);
            s.Lseek(file, 2 * Large, SEEK_HOLE);
            s.Lseek(file, 3 * Large, SEEK_DATA);
            s.Content("file");
            s.Close(file);
        }),
        ("truncate", s =>
        {
            s.File("file", "0123456789");
            s.Folder("folder");
            s.Symlink("file", "link");
            s.Symlink("loop", "loop");
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            s.Mark("file");
            s.Truncate("file", 10);
            s.Times("file");
            s.Mark("file");
            s.Truncate("file", 4);
            s.Times("file");
            s.Content("file");
            s.Truncate("file", 12);
            s.Content("file");
            s.Truncate("link", 2);
            s.Content("file");
            s.Truncate("file", 10_000);
            s.Content("file");
            s.Truncate("file", 1L << 40);
            s.Stat("file", withBlocks: false);
            s.Truncate("file", 0);
            s.Truncate("file", -1);
            s.Truncate("folder", 0);
            s.Truncate("none", 0);
            s.Truncate("file/x", 0);
            s.Truncate("", 0);
            s.Truncate("loop", 0);
            s.Truncate("fifo", 0);
            s.Truncate(new string('n', 256), 0);
            s.File("roots", "x", 0x1a4);
            s.File("writable", "x", 0x1b6);
            s.Folder("closed", 0x1c0);
            s.As(Alice, () =>
            {
                s.Truncate("roots", 0);
                s.Truncate("writable", 0);
                s.Truncate("closed/x", 0);
            });
            var file = s.Open("file", O_RDWR);
            s.Ftruncate(file, 5);
            s.Ftruncate(file, -5);
            s.Fstat(file);
            s.Close(file);
        }),
        ("write: at the limit of lengths", s =>
        {
            var file = s.Open("file", Create);
            LimitFiles(8192);
            s.Pwrite(file, Of('a', 1000), 8000);
            s.Pwrite(file, Of('b', 1000), 8192);
            s.Ftruncate(file, 8192);
            s.Ftruncate(file, 8193);
            s.Fallocate(file, 0, 0, 10_000);
            s.Fstat(file);
            LimitFiles(0);
            s.Close(file);
        }),
        ("fallocate", s =>
        {
            var file = s.Open("file", Create);
            s.Write(file, Of('a', 5 * Page));
            s.Fallocate(file, 0, 0, Page);
            s.Fstat(file);
            s.Fallocate(file, 0, Page, 10 * Page);
            s.Fstat(file);
            s.Content("file");
            s.Fallocate(file, KEEP_SIZE, 0, 100 * Page);
            s.Fstat(file);
            s.Fallocate(file, PUNCH_HOLE | KEEP_SIZE, Page, Page);
            s.Content("file");
            s.Fallocate(file, PUNCH_HOLE | KEEP_SIZE, (2 * Page) + 100, 200);
            s.Content("file");
            s.Fallocate(file, ZERO_RANGE, (3 * Page) + 10, 2 * Page);
            s.Content("file");
            s.Fallocate(file, ZERO_RANGE, 10 * Page, 10 * Page);
            s.Fstat(file);
            s.Fallocate(file, ZERO_RANGE | KEEP_SIZE, 19 * Page, 10 * Page);
            s.Fstat(file);
            s.Fallocate(file, PUNCH_HOLE | KEEP_SIZE, 18 * Page, 10 * Page);
            s.Fstat(file);
            s.Fallocate(file, 0, 0, 0);
            s.Fallocate(file, 0, 0, -1);
            s.Fallocate(file, 0, -1, 10);
            s.Fallocate(file, 0, long.MaxValue, 10);
            s.Fallocate(file, PUNCH_HOLE, 0, 10);
            s.Fallocate(file, PUNCH_HOLE | ZERO_RANGE | KEEP_SIZE, 0, 10);
            s.Fallocate(file, 0x1000, 0, 10);
            s.Fallocate(file, Collapse | KEEP_SIZE, 0, Page);
            s.Fallocate(file, Collapse | Insert, 0, Page);
            s.Fallocate(-1, 0, 0, 10);
            s.Close(file);
            s.Folder("folder");
            var folder = s.Open("folder");
            s.Fallocate(folder, 0, 0, 10);
            s.Close(folder);
        }),
        ("fallocate: the times", s =>
        {
            s.File("file", "content");
            foreach (var mode in (int[])[0, KEEP_SIZE, PUNCH_HOLE | KEEP_SIZE, ZERO_RANGE])
            {
                s.Mark("file");
                var file = s.Open("file", O_RDWR);
                s.Fallocate(file, mode, 0, 100);
                s.Times("file");
                s.Close(file);
            }
        }),
        ("fallocate: what was allocated counts as blocks", s =>
        {
            var file = s.Open("file", Create);
            s.Fallocate(file, KEEP_SIZE, 0, 8 * Page);
            s.Fstat(file, withBlocks: true);
            s.Pwrite(file, Of('a', 2 * Page), 0);
            s.Sync(file);
            s.Fstat(file, withBlocks: true);
            s.Pwrite(file, Of('b', 2 * Page), 4 * Page);
            s.Sync(file);
            s.Fstat(file, withBlocks: true);
            s.Fallocate(file, PUNCH_HOLE | KEEP_SIZE, 0, 2 * Page);
            s.Fstat(file, withBlocks: true);
            s.Fallocate(file, 0, 0, 2 * Page);
            s.Fstat(file, withBlocks: true);
            s.Ftruncate(file, Page);
            s.Fstat(file, withBlocks: true);
            s.Ftruncate(file, 0);
            s.Fstat(file, withBlocks: true);
            s.Fallocate(file, 0, Page, Page);
            s.Fstat(file, withBlocks: true);
            s.Close(file);
        }),
        ("copy_file_range", s =>
        {
            s.File("from", "0123456789");
            var from = s.Open("from", O_RDWR);
            var to = s.Open("to", Create);
            s.CopyRange(from, 2, to, 0, 5);
            s.Content("to");
            s.CopyRange(from, 8, to, 100, 50);
            s.Content("to");
            s.CopyRange(from, 10, to, 0, 5);
            s.CopyRange(from, 20, to, 0, 5);
            s.CopyRange(from, 0, to, 0, 0);
            s.CopyRange(from, 0, from, 5, 5);
            s.Content("from");
            s.CopyRange(from, 0, from, 4, 5);
            s.CopyRange(from, 0, to, 0, 5, flags: 1);
            s.CopyRange(from, -1, to, 0, 5);
            s.CopyRange(from, 0, to, -1, 5);
            s.CopyRange(from, 0, to, long.MaxValue - 2, 5);
            s.CopyRange(-1, 0, to, 0, 5);
            s.Mark("to", "from");
            s.CopyRange(from, 0, to, 0, 5);
            s.Times("to");
            s.Times("from");
            var reader = s.Open("to");
            s.CopyRange(from, 0, reader, 0, 5);
            var writer = s.Open("from", O_WRONLY);
            s.CopyRange(writer, 0, to, 0, 5);
            var appender = s.Open("to", O_WRONLY | O_APPEND);
            s.CopyRange(from, 0, appender, 0, 5);
            var folder = s.Open(".");
            s.CopyRange(folder, 0, to, 0, 5);
            s.CopyRange(from, 0, folder, 0, 5);
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            var fifo = s.Open("fifo", O_RDWR | O_NONBLOCK);
            s.CopyRange(fifo, 0, to, 0, 5);
            s.CopyRange(from, 0, fifo, 0, 5);
            foreach (var file in (int[])[from, to, reader, writer, appender, folder, fifo])
                s.Close(file);
        }),
        ("copy_file_range: much, over what is there", s =>
        {
            var from = s.Open("from", Create);
            for (var i = 0; i < 20; i++)
                s.Pwrite(from, Of((char)('a' + i), Large), i * Large);
            var to = s.Open("to", Create);
            s.Pwrite(to, Of('z', 3 * Large), 0);
            s.CopyRange(from, (2 * Large) + 100, to, Large - 50, 12 * Large);
            s.Content("to");
            s.Pwrite(from, Of('!', 20 * Large), 0);
            s.Content("to");
            s.Close(from);
            s.Close(to);
        }),
        ("fsync", s =>
        {
            var file = s.Open("file", Create);
            s.Write(file, "x");
            s.Sync(file);
            s.Close(file);
            file = s.Open("file", O_RDONLY);
            s.Sync(file);
            s.Close(file);
            file = s.Open(".", O_DIRECTORY);
            s.Sync(file);
            s.Close(file);
            s.Mknod("fifo", S_IFIFO | 0x1b6);
            file = s.Open("fifo", O_RDWR | O_NONBLOCK);
            s.Sync(file);
            s.Close(file);
            s.Sync(-1);
            foreach (var flag in (int[])[O_SYNC, O_DSYNC])
            {
                file = s.Open("synchronous", Create | O_TRUNC | flag);
                s.Write(file, "content");
                s.Write(file, Of('x', 3 * Large));
                s.Close(file);
                s.Stat("synchronous");
            }
        }),
        ("O_DIRECT, mixed with the page cache", s =>
        {
            var direct = s.Open("file", Create | O_DIRECT);
            var cached = s.Open("file", O_RDWR);
            s.Direct(direct, 4 * Page, 0, isWrite: true, (byte)'d');
            s.Pread(cached, 5 * Page, 0);
            s.Pwrite(cached, Of('c', Page), Page);
            s.Direct(direct, 4 * Page, 0, isWrite: false);
            s.Direct(direct, Page, 2 * Page, isWrite: true, (byte)'e');
            s.Pread(cached, 5 * Page, 0);
            s.Direct(direct, Page, 4 * Page, isWrite: false);
            s.Direct(direct, 2 * Page, 3 * Page, isWrite: false);
            s.Direct(direct, Page, 10 * Page, isWrite: true, (byte)'f');
            s.Fstat(cached);
            s.Content("file");
            var mapped = s.Map(cached, 4 * Page, PROT_READ | PROT_WRITE);
            s.Store(mapped, 0, "mapped");
            s.Direct(direct, Page, 0, isWrite: false);
            s.Direct(direct, Page, 0, isWrite: true, (byte)'g');
            s.Load(mapped, 0, 10);
            s.Unmap(mapped, 4 * Page);
            s.Ftruncate(cached, 3);
            s.Direct(direct, Page, 0, isWrite: false);
            s.Close(direct);
            s.Close(cached);
        }),
    ];
}
