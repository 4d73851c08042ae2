using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Chunking.Scanners;
using Vt.Files.BackedFiles;
using Vt.Files.Reading;
using Vt.Stores.Memory;
using Vt.Tests.BlockTree;

namespace Vt.Tests.Files.BackedFiles;

/// <summary>A file and the bytes that it should have, changed alike.</summary>
sealed class FileModel : IAsyncDisposable
{
    /// <summary>A name that decides alone how the content is cut, whatever bytes it happens to start with.</summary>
    public static readonly ReadOnlyMemory<byte> Name = "a.vtd"u8.ToArray();

    readonly Random _random;
    byte[] _bytes;
    uint _stamp;

    public FileModel(Random random, byte[]? content = null)
    {
        _random = random;
        Store = new MemoryStore(chunking: ChunkingParameters.ForAverage(1024));
        Sources = new ContentSources(Store, Front, new ReadAheadBudget(64 << 20));
        Storer = new ContentStorer(Sources, workers: 1);
        _bytes = content ?? [];
        File = new BackedFile(Sources, WriteAfreshAsync(_bytes).GetAwaiter().GetResult(), HolesOf(_bytes));
    }

    public MemoryFront Front { get; } = new();

    public MemoryStore Store { get; }

    public ContentSources Sources { get; }

    public ContentStorer Storer { get; }

    public BackedFile File { get; }

    /// <summary>What the file should be.</summary>
    public byte[] Bytes => _bytes;

    public async Task<BlockRef> WriteAfreshAsync(byte[] content)
    {
        await using var writer = new BlockTreeWriter(Store, new Chunker(Store.Chunking, ScannerChoice.Choose(Name.Span, [], [])));
        await writer.WriteAsync(content);
        return await writer.CompleteAsync();
    }

    public void Write(long offset, byte[] bytes)
    {
        lock (File.Gate)
            File.Write(offset, bytes.Length, Front.Append(bytes), _stamp);
        Grow(offset + bytes.Length);
        bytes.CopyTo(_bytes, offset);
    }

    public void Clear(long offset, long length)
    {
        lock (File.Gate)
            File.Clear(offset, length, _stamp);
        if (offset < _bytes.Length)
            Array.Clear(_bytes, (int)offset, (int)Math.Min(length, _bytes.Length - offset));
    }

    public void Resize(long size)
    {
        lock (File.Gate)
            File.Resize(size, _stamp);
        Array.Resize(ref _bytes, (int)size);
    }

    public async Task ReplaceAsync(byte[] content)
    {
        var backing = await WriteAfreshAsync(content);
        lock (File.Gate)
            File.Replace(backing, _stamp);
        _bytes = content;
    }

    public async Task PutStoredAsync(long offset, byte[] content, int skip)
    {
        var source = await WriteAfreshAsync(content);
        lock (File.Gate)
            File.PutStored(offset, content.Length - skip, source, skip, _stamp);
        if (content.Length == skip)
            return;
        Grow(offset + content.Length - skip);
        content.AsSpan(skip).CopyTo(_bytes.AsSpan((int)offset));
    }

    /// <summary>Clones a range of the file to another place in it.</summary>
    public void Clone(long from, long length, long to)
    {
        var sources = File.Sources(from, length);
        lock (File.Gate)
            File.PutAll(sources, to - from, _stamp);
        var bytes = _bytes.AsSpan((int)Math.Min(from, _bytes.Length));
        var copy = bytes[..(int)Math.Min(length, bytes.Length)].ToArray();
        if (copy.Length == 0)
            return;
        Grow(to + copy.Length);
        copy.CopyTo(_bytes, to);
    }

    /// <summary>Any of the changes above, at random.</summary>
    public async Task ChangeAsync(int most)
    {
        var offset = Offset(most);
        var length = 1 + _random.Next(_random.Next(4) == 0 ? most / 4 : 3000);
        if (_random.Next(8) == 0)
            _stamp++;
        switch (_random.Next(16))
        {
            case < 7:
                Write(offset, TestContent.Make(_random, length));
                break;
            case < 9:
                Clear(offset, length);
                break;
            case < 11:
                Resize(_random.Next(3) == 0 ? Offset(most) : Math.Min(most, Math.Max(0, _bytes.Length + _random.Next(-2000, 2000))));
                break;
            case < 13:
                Clone(Offset(most), length, offset);
                break;
            case < 15:
                await PutStoredAsync(offset, TestContent.Make(_random, length), _random.Next(length + 1));
                break;
            default:
                if (_random.Next(6) == 0)
                    await ReplaceAsync(TestContent.Make(_random, _random.Next(most)));
                break;
        }
    }

    /// <summary>Checks size, content, holes and the accounts.</summary>
    public async Task CheckAsync()
    {
        Assert.Equal(_bytes.Length, File.Size);
        var read = new byte[_bytes.Length + 10];
        Assert.Equal(_bytes.Length, await File.ReadAsync(0, read));
        Assert.True(_bytes.AsSpan().SequenceEqual(read.AsSpan(0, _bytes.Length)), "the file has the model's bytes");
        var from = _random.Next(_bytes.Length + 100);
        var part = new byte[_random.Next(20_000)];
        var count = await File.ReadAsync(from, part);
        Assert.Equal(Math.Clamp(_bytes.Length - from, 0, part.Length), count);
        Assert.True(part.AsSpan(0, count).SequenceEqual(_bytes.AsSpan(Math.Min(from, _bytes.Length), count)), "a part of it does too");
        Assert.Equal(count == 0, _bytes.Length <= from || part.Length == 0);
        Assert.Equal(File.FrontBytes, Front.Held);
        if (File.IsClean)
            Assert.Equal(_bytes.Length, File.Backing.Span);
        Assert.InRange(await File.GetHoleSpanAsync(), 0, _bytes.Length);
        await CheckHolesAsync();
    }

    /// <summary>How many bytes lie in runs of zeros of 4096 and more.</summary>
    public static long HolesOf(ReadOnlySpan<byte> bytes)
    {
        long holes = 0;
        while (!bytes.IsEmpty)
        {
            var zeros = bytes.IndexOfAnyExcept((byte)0);
            zeros = zeros < 0 ? bytes.Length : zeros;
            holes += zeros >= IChunkCutter.MinimumRun ? zeros : 0;
            bytes = bytes[zeros..];
            var data = bytes.IndexOf((byte)0);
            bytes = data < 0 ? [] : bytes[data..];
        }

        return holes;
    }

    public async ValueTask DisposeAsync()
    {
        File.Dispose();
        await Storer.DisposeAsync();
        Sources.Dispose();
        await Store.DisposeAsync();
    }

    // Holes have zeros only, are found from anywhere, and alternate with data.
    async Task CheckHolesAsync()
    {
        Assert.Null(await File.SeekDataAsync(_bytes.Length));
        Assert.Null(await File.SeekHoleAsync(_bytes.Length));
        for (long at = 0; at < _bytes.Length;)
        {
            var data = await File.SeekDataAsync(at) ?? _bytes.Length;
            Assert.True(_bytes.AsSpan((int)at, (int)(data - at)).IndexOfAnyExcept((byte)0) < 0, "a hole has zeros only");
            if (data == _bytes.Length)
                break;
            var hole = await File.SeekHoleAsync(data);
            Assert.InRange(hole!.Value, data + 1, _bytes.Length);
            var middle = data + ((hole.Value - data) / 2);
            Assert.Equal(middle, await File.SeekDataAsync(middle));
            Assert.Equal(hole, await File.SeekHoleAsync(middle));
            at = hole.Value;
        }
    }

    int Offset(int most) => _random.Next(4) switch
    {
        0 => 0,
        1 => Math.Min(_bytes.Length, most),
        _ => _random.Next(most),
    };

    void Grow(long size)
    {
        if (size > _bytes.Length)
            Array.Resize(ref _bytes, (int)size);
    }
}
