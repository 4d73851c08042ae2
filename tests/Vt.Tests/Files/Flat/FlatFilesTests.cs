using Vt.Blocks.BlockTree;
using Vt.Blocks.Hashing;
using Vt.Files.Flat;
using Vt.Posix;
using Vt.Tests.Support;

namespace Vt.Tests.Files.Flat;

/// <summary>Whole contents as plain files in a folder.</summary>
public sealed class FlatFilesTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_made_is_read_and_found_again()
    {
        var content = Content(1, 3_000_000);
        using (var flat = FlatFiles.Open(_folder["flat"], 1L << 30))
        {
            Assert.False(TryRead(flat, content, 0, 100));
            Assert.Equal(Errno.OK, await MakeAsync(flat, content));
            Assert.True(TryRead(flat, content, 2_999_000, 1000));
            Assert.Equal((1, content.Span), (flat.Count, flat.Bytes));
        }

        using var again = FlatFiles.Open(_folder["flat"], 1L << 30);
        Assert.True(TryRead(again, content, 1_234_567, 70_000));
        Assert.True(again.Remove(content));
        Assert.False(again.Remove(content));
        Assert.False(TryRead(again, content, 0, 100));
        Assert.Empty(Directory.GetFiles(_folder["flat"]));
    }

    [Fact]
    public async Task Holes_stay_holes()
    {
        var content = Content(2, 64 << 20);
        using var flat = FlatFiles.Open(_folder["flat"], 1L << 30);
        await flat.MakeAsync(content, (at, buffer, _) =>
        {
            buffer.Span.Clear();
            if (at == 0)
                buffer.Span[^1] = 7;
            return new(buffer.Length);
        }, static _ => true, CancellationToken.None);
        var found = flat.Find(content)!;
        Assert.Equal(Errno.OK, PosixFile.TryFstat(found.File, out var status));
        Assert.Equal(content.Span, (long)status.Size);
        Assert.InRange((long)status.Blocks * 512, 1, 1 << 20);
        found.Release();
    }

    [Fact]
    public async Task Data_and_holes_in_any_order_come_back_as_they_were()
    {
        const int piece = 64 << 10;
        var random = new Random(7);
        var bytes = new byte[(40 * piece) + 777];
        for (var at = 0; at < bytes.Length; at += piece)
        {
            if (random.Next(2) == 0)
                random.NextBytes(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
        }

        var content = Content(6, bytes.Length);
        using var flat = FlatFiles.Open(_folder["flat"], 1L << 30);
        await flat.MakeAsync(content, (at, buffer, _) => new(Copy(bytes.AsSpan((int)at), buffer.Span)), static _ => true, CancellationToken.None);
        var read = new byte[bytes.Length];
        Assert.True(flat.TryRead(content, 0, read));
        Assert.Equal(bytes, read);

        static int Copy(ReadOnlySpan<byte> from, Span<byte> to)
        {
            var count = Math.Min(from.Length, to.Length);
            from[..count].CopyTo(to);
            return count;
        }
    }

    [Fact]
    public async Task What_was_asked_for_longest_ago_goes_where_there_is_no_more_room()
    {
        var contents = Enumerable.Range(1, 4).Select(static i => Content(i, 1_000_000)).ToArray();
        using (var flat = FlatFiles.Open(_folder["flat"], 3_000_000))
        {
            foreach (var content in contents[..3])
                await MakeAsync(flat, content);
            Assert.True(TryRead(flat, contents[0], 0, 10));
            await MakeAsync(flat, contents[3]);
            Assert.Equal([true, false, true, true], contents.Select(content => TryRead(flat, content, 0, 10)));
            Assert.True(TryRead(flat, contents[2], 0, 10));
            Assert.Equal(Errno.EFBIG, await MakeAsync(flat, Content(5, 3_000_001)));
            Assert.Equal(3, flat.Count);
        }

        // The order outlives the mount, and so does a smaller bound.
        using var smaller = FlatFiles.Open(_folder["flat"], 2_000_000);
        Assert.Equal([false, false, true, true], contents.Select(content => TryRead(smaller, content, 0, 10)));
    }

    [Fact]
    public async Task A_copy_that_fails_leaves_nothing_and_the_next_one_is_made()
    {
        var content = Content(3, 5_000_000);
        using var flat = FlatFiles.Open(_folder["flat"], 1L << 30);
        await Assert.ThrowsAsync<IOException>(async () => await flat.MakeAsync(
            content, (at, buffer, _) => at == 0 ? new(buffer.Length) : throw new IOException("a block is missing"), static _ => true, CancellationToken.None));
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await flat.MakeAsync(content, static (_, _, _) => new(0), static _ => true, CancellationToken.None));
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await flat.MakeAsync(
            content,
            (_, buffer, token) =>
            {
                stop.Cancel();
                token.ThrowIfCancellationRequested();
                return new(buffer.Length);
            },
            static _ => true,
            stop.Token));
        Assert.Equal(Errno.ENOSPC, await flat.MakeAsync(content, Read(content), static bytes => bytes < 5_000_000, CancellationToken.None));
        Assert.Empty(Directory.GetFiles(_folder["flat"]));
        Assert.False(TryRead(flat, content, 0, 10));
        Assert.Equal(Errno.OK, await MakeAsync(flat, content));
        Assert.True(TryRead(flat, content, 4_000_000, 10));
    }

    [Fact]
    public async Task What_a_kill_has_left_and_what_is_not_whole_is_cleared_away_and_strangers_stay()
    {
        var content = Content(4, 100_000);
        using (var flat = FlatFiles.Open(_folder["flat"], 1L << 30))
            await MakeAsync(flat, content);
        var path = Path.Combine(_folder["flat"], $"{content}.flat");
        File.WriteAllText(Path.Combine(_folder["flat"], $"{Content(5, 99)}.flat.part"), "half");
        File.WriteAllText(Path.Combine(_folder["flat"], "nonsense.flat"), "x");
        File.WriteAllText(Path.Combine(_folder["flat"], "note"), "a stranger's");
        using (var file = File.OpenWrite(path))
            file.SetLength(99_999);
        using var again = FlatFiles.Open(_folder["flat"], 1L << 30);
        Assert.Equal(0, again.Count);
        Assert.False(TryRead(again, content, 0, 10));
        Assert.Equal(["note"], Directory.GetFiles(_folder["flat"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Its_end_gives_up_a_copy_that_is_being_made()
    {
        var content = Content(7, 50_000_000);
        var flat = FlatFiles.Open(_folder["flat"], 1L << 30);
        var begun = new TaskCompletionSource();
        var making = flat.MakeAsync(
            content,
            async (_, _, token) =>
            {
                begun.TrySetResult();
                await Task.Delay(Timeout.Infinite, token);
                return 0;
            },
            static _ => true,
            CancellationToken.None).AsTask();
        await begun.Task;
        flat.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => making);
        Assert.Empty(Directory.GetFiles(_folder["flat"]));
    }

    [Fact]
    public async Task Who_reads_a_copy_that_is_deleted_goes_on()
    {
        var contents = Enumerable.Range(1, 8).Select(static i => Content(i, 200_000)).ToArray();
        using var flat = FlatFiles.Open(_folder["flat"], 500_000);
        var isOver = false;
        var readers = Enumerable.Range(0, 3).Select(number => Task.Run(() =>
        {
            for (var i = number; !Volatile.Read(ref isOver); i++)
                TryRead(flat, contents[i % contents.Length], i * 7919 % 190_000, 4096);
        })).ToArray();
        for (var i = 0; i < 200; i++)
            Assert.Equal(Errno.OK, await MakeAsync(flat, contents[i % contents.Length]));
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(readers);
        Assert.Equal((2, 400_000L), (flat.Count, flat.Bytes));
    }

    static BlockRef Content(int seed, long span) => BlockRef.Direct(new Blake3Hasher().Hash([(byte)seed]), span);

    // Each byte says of which content and where it is.
    static byte ByteAt(BlockRef content, long at) => (byte)((at * 31) + (at >> 12) + content.Hash.GetHashCode());

    static Func<long, Memory<byte>, CancellationToken, ValueTask<int>> Read(BlockRef content) => (at, buffer, _) =>
    {
        var count = (int)Math.Min(buffer.Length, content.Span - at);
        for (var i = 0; i < count; i++)
            buffer.Span[i] = ByteAt(content, at + i);
        return new(count);
    };

    static ValueTask<Errno> MakeAsync(FlatFiles flat, BlockRef content) => flat.MakeAsync(content, Read(content), static _ => true, CancellationToken.None);

    // Whether it has a copy; what that says is checked.
    static bool TryRead(FlatFiles flat, BlockRef content, long at, int length)
    {
        var bytes = new byte[length];
        if (!flat.TryRead(content, at, bytes))
            return false;
        for (var i = 0; i < length; i++)
            Assert.Equal(ByteAt(content, at + i), bytes[i]);
        return true;
    }
}
