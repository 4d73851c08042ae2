using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <summary>mmap(2): shared and private, beside reads, writes and truncation, and behind the end.</summary>
static class MappingProbes
{
    const int Create = O_CREAT | O_RDWR;
    const int Page = 4096;

    static byte[] Of(char letter, int length) => [.. Enumerable.Repeat((byte)letter, length)];

    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("mmap: what can't be mapped", s =>
        {
            s.File("file", "content");
            var reader = s.Open("file");
            var writer = s.Open("file", O_WRONLY);
            var folder = s.Open(".");
            s.Map(reader, Page, PROT_READ | PROT_WRITE);
            s.Map(writer, Page);
            s.Map(writer, Page, PROT_WRITE);
            s.Map(folder, Page);
            s.Map(reader, 0);
            s.Map(reader, Page, offset: 1);
            s.Map(reader, Page, flags: 0);
            s.Map(-1, Page);
            var mapped = s.Map(reader, Page, PROT_READ | PROT_WRITE, MAP_PRIVATE);
            s.Store(mapped, 0, "private");
            s.Load(mapped, 0, 8);
            s.Content("file");
            s.Unmap(mapped, Page);
            s.Close(reader);
            s.Close(writer);
            s.Close(folder);
        }),
        ("mmap: shared mappings are the file", s =>
        {
            var file = s.Open("file", Create);
            s.Write(file, Of('a', 3 * Page));
            var mapped = s.Map(file, 3 * Page, PROT_READ | PROT_WRITE);
            var other = s.Map(file, 3 * Page);
            s.Store(mapped, 10, "stored");
            s.Pread(file, 30, 0);
            s.Load(other, 0, 30);
            s.Pwrite(file, "written", Page);
            s.Load(mapped, Page - 5, 20);
            s.Store(mapped, (2 * Page) - 3, "across");
            s.Pwrite(file, Of('b', 100), (2 * Page) + 1000);
            s.Content("file");
            s.Msync(mapped, 3 * Page);
            s.Mark("file");
            s.Store(mapped, 0, "x");
            s.Msync(mapped, 3 * Page);
            s.Times("file");
            s.Sync(file);
            s.Close(file);
            s.Store(mapped, 5, "closed");
            s.Unmap(mapped, 3 * Page);
            s.Unmap(other, 3 * Page);
            s.Content("file");
        }),
        ("mmap: behind the end", s =>
        {
            var file = s.Open("file", Create);
            s.Write(file, Of('a', 100));
            var mapped = s.Map(file, 4 * Page, PROT_READ | PROT_WRITE);
            s.Load(mapped, 90, 20);
            s.Load(mapped, Page, 10);
            s.Store(mapped, Page, "x");
            s.Store(mapped, 200, "lost");
            s.Fstat(file);
            s.Ftruncate(file, 2 * Page);
            s.Load(mapped, 90, 20);
            s.Load(mapped, Page, 10);
            s.Store(mapped, Page, "there");
            s.Pread(file, 10, Page);
            s.Load(mapped, 2 * Page, 10);
            s.Ftruncate(file, Page + 3);
            s.Load(mapped, Page, 10);
            s.Ftruncate(file, 50);
            s.Load(mapped, 0, 60);
            s.Load(mapped, Page, 10);
            s.Ftruncate(file, 0);
            s.Load(mapped, 0, 10);
            s.Pwrite(file, Of('z', Page), 0);
            s.Load(mapped, 0, 10);
            s.Unmap(mapped, 4 * Page);
            s.Close(file);
        }),
        ("mmap: private mappings keep what was stored in them", s =>
        {
            var file = s.Open("file", Create);
            s.Write(file, Of('a', 2 * Page));
            var mapped = s.Map(file, 2 * Page, PROT_READ | PROT_WRITE, MAP_PRIVATE);
            s.Store(mapped, 0, "mine");
            s.Pwrite(file, Of('b', 2 * Page), 0);
            s.Load(mapped, 0, 10);
            s.Content("file");
            s.Unmap(mapped, 2 * Page);
            s.Close(file);
        }),
        ("mmap: holes, and a file without a name", s =>
        {
            var file = s.Open(".", O_TMPFILE | O_RDWR, 0x180);
            s.Ftruncate(file, 5 * Page);
            var mapped = s.Map(file, 5 * Page, PROT_READ | PROT_WRITE);
            s.Load(mapped, Page, 20);
            s.Store(mapped, 3 * Page, "in a hole");
            s.Fallocate(file, PUNCH_HOLE | KEEP_SIZE, 3 * Page, Page);
            s.Load(mapped, 3 * Page, 10);
            s.Store(mapped, 4 * Page, "kept");
            s.Fallocate(file, ZERO_RANGE, (4 * Page) + 2, 10);
            s.Load(mapped, 4 * Page, 10);
            s.LinkFile(file, "named");
            s.Close(file);
            s.Unmap(mapped, 5 * Page);
            s.Content("named");
        }),
    ];
}
