using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees.Archives;

/// <summary>An append that ends at every boundary of archive and store: no state that was acknowledged is lost, and none is said to be.</summary>
public sealed class ArchiveCrashTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly ManualClock _clock = new();
    readonly List<WriteStep> _archiveSteps = [];
    string _archive = "";
    string _store = "";
    long _durable;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 2)]
    [InlineData(true, 0)]
    [InlineData(true, 2)]
    public async Task An_append_may_end_at_every_boundary(bool losesPower, int before)
    {
        for (var failing = 1; ; failing++)
        {
            Begin($"{failing}");
            for (var i = 1; i <= before; i++)
                Assert.True(await AppendAsync(i, int.MaxValue));
            var isAcknowledged = await AppendAsync(before + 1, failing);
            if (losesPower)
                LosePower(new Random(failing));
            await CheckAsync(before, before + 1, isAcknowledged);

            // And once more, so that an append mends what an append left.
            Assert.True(await AppendAsync(before + 1, int.MaxValue));
            await CheckAsync(before + 1, before + 1, true);
            if (isAcknowledged)
            {
                Assert.InRange(failing, 20, 60);
                break;
            }
        }
    }

    [Fact]
    public async Task The_putting_back_of_a_lost_state_may_end_at_every_boundary()
    {
        for (var failing = 1; ; failing++)
        {
            Begin($"{failing}");
            for (var i = 1; i <= 3; i++)
                Assert.True(await AppendAsync(i, int.MaxValue));
            using (var file = File.OpenWrite(_archive))
                file.SetLength(file.Length * 2 / 3);
            var isAcknowledged = await AppendAsync(4, failing);
            Assert.True(await AppendAsync(4, int.MaxValue));
            await CheckAsync(4, 4, true);
            if (isAcknowledged)
                break;
        }
    }

    [Fact]
    public async Task Each_change_of_an_archive_file_crosses_the_boundary()
    {
        Begin("once");
        await AppendAsync(1, int.MaxValue);
        Assert.Equal([WriteStep.Create, WriteStep.Write, WriteStep.SyncFile, WriteStep.SyncFolder], _archiveSteps);
        using (var file = File.OpenWrite(_archive))
            file.SetLength(file.Length - 10);
        _archiveSteps.Clear();
        await AppendAsync(2, int.MaxValue);
        Assert.Equal([WriteStep.Create, WriteStep.Truncate, WriteStep.Write, WriteStep.SyncFile, WriteStep.SyncFolder], _archiveSteps);
    }

    void Begin(string name)
    {
        _store = _folder[$"{name}.store"];
        _archive = _folder[$"{name}.vt"];
        _durable = 0;
        _archiveSteps.Clear();
        DataDirStore.Initialise(_store);
    }

    // Whether the append was acknowledged. From the failing crossing on, nothing works any more.
    async Task<bool> AppendAsync(int number, int failing)
    {
        var crossings = 0;
        byte[]? left = null;
        var boundary = new WriteBoundary((step, path, isDone) =>
        {
            var crossing = Interlocked.Increment(ref crossings);
            if (crossing == failing)
                left = Read(_archive);
            if (crossing >= failing)
                throw new PosixException(Errno.EIO, step.ToString(), path);
            if (!isDone || (path != _archive && path != _folder.Path))
                return;
            _archiveSteps.Add(step);
            if (step == WriteStep.SyncFile)
                _durable = new FileInfo(_archive).Length;
        });
        _clock.Now += TimeSpan.FromMinutes(1);
        try
        {
            await using var store = DataDirStore.Open(_store, new DataDirOptions { Boundary = boundary });
            await new ArchiveFile(_archive, _clock, boundary).AppendAsync(Root(number), store);
            return true;
        }
        catch (Exception failure) when (failure is StoreUnavailableException or PosixException)
        {
            // What a failed append takes back, one that is killed can't.
            if (left is not null)
                await File.WriteAllBytesAsync(_archive, left);
            return false;
        }
    }

    // .NET's own reading would ask for a lock, which the writer has.
    static byte[]? Read(string path)
    {
        if (PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file) != Errno.OK)
            return null;
        using (file)
        {
            var bytes = new byte[PosixFile.Fstat(file).Size];
            PosixFile.PreadFully(file, bytes, 0);
            return bytes;
        }
    }

    // What was not synced is cut anywhere, or is zeros from anywhere on.
    void LosePower(Random random)
    {
        if (!File.Exists(_archive))
            return;
        using var file = File.OpenHandle(_archive, FileMode.Open, FileAccess.ReadWrite);
        var length = RandomAccess.GetLength(file);
        var start = random.NextInt64(Math.Min(_durable, length), length + 1);
        RandomAccess.SetLength(file, start);
        if (_durable > 0 && random.Next(2) == 0)
            RandomAccess.SetLength(file, length);
    }

    async Task CheckAsync(int least, int most, bool isAcknowledged)
    {
        await using var store = DataDirStore.Open(_store);
        var archive = new ArchiveFile(_archive, _clock);
        if (!archive.Exists || new FileInfo(_archive).Length == 0 || (least == 0 && !isAcknowledged && !File.ReadAllText(_archive).Contains('\n')))
        {
            Assert.True(least == 0 && !isAcknowledged);
            return;
        }

        Assert.Empty(await archive.FindLostAsync(store));
        var contents = archive.ReadAll();
        Assert.Empty(contents.Faults);
        Assert.InRange(contents.States.Count, isAcknowledged ? most : least, most);
        for (var i = 0; i < contents.States.Count; i++)
            Assert.Equal(Root(i + 1), contents.States[i].Root);
        if (isAcknowledged)
        {
            var name = ArchiveRegistration.NameOf(contents.Id!.Value);
            var registration = ArchiveRegistration.Parse(await store.ReadAsync(name));
            Assert.True(registration.IsConfirmed && registration.State == contents.States[^1]);
        }
    }

    static Dirent Root(int number) => new()
    {
        Kind = DirentKind.Directory,
        Metadata = new Metadata { Mode = (uint)number },
        Content = BlockRef.Run((byte)number, number),
    };
}
