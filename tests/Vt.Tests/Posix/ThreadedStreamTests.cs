using System.IO.Pipes;
using Vt.Posix;

namespace Vt.Tests.Posix;

public sealed class ThreadedStreamTests : IAsyncDisposable
{
    readonly AnonymousPipeServerStream _end = new(PipeDirection.Out, HandleInheritability.None);
    readonly ThreadedStream _input;
    readonly ThreadedStream _output;

    public ThreadedStreamTests()
    {
        _input = new ThreadedStream(Take(_end.ClientSafePipeHandle), FileAccess.Read);
        _output = new ThreadedStream(Take(_end.SafePipeHandle), FileAccess.Write);
    }

    public async ValueTask DisposeAsync()
    {
        await _output.DisposeAsync();
        await _input.DisposeAsync();
        await _end.DisposeAsync();
    }

    [Fact]
    public async Task What_is_written_is_read_in_pieces_of_any_length()
    {
        var random = new Random(1);
        var bytes = new byte[5_000_000];
        random.NextBytes(bytes);
        var writing = Task.Run(async () =>
        {
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(bytes.Length - at, random.Next(1, random.Next(2) == 0 ? 5000 : 2_000_000));
                await _output.WriteAsync(bytes.AsMemory(at, length));
                at += length;
            }

            await _output.DisposeAsync();
        });
        var got = new MemoryStream();
        var buffer = new byte[100_000];
        for (var isEmptyTurn = true; ; isEmptyTurn = !isEmptyTurn)
        {
            if (isEmptyTurn)
            {
                Assert.Equal(0, await _input.ReadAsync(Memory<byte>.Empty));
                continue;
            }

            var count = await _input.ReadAsync(buffer);
            if (count == 0)
                break;
            got.Write(buffer, 0, count);
        }

        await writing;
        Assert.Equal(bytes, got.ToArray());
    }

    [Fact]
    public async Task Many_that_wait_for_nothing_keep_no_thread_of_the_pool()
    {
        var pipes = Enumerable.Range(0, 50).Select(static _ => new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None)).ToArray();
        var readers = pipes.Select(pipe => new ThreadedStream(Take(pipe.ClientSafePipeHandle), FileAccess.Read)).ToArray();
        var before = ThreadPool.ThreadCount;
        var reads = readers.Select(reader => reader.ReadAsync(new byte[10]).AsTask()).ToArray();
        await Task.Run(static () => { });
        Assert.InRange(ThreadPool.ThreadCount, 0, before + 20);
        foreach (var pipe in pipes)
            await pipe.WriteAsync(new byte[3]);
        Assert.All(await Task.WhenAll(reads), static count => Assert.Equal(3, count));
        foreach (var reader in readers)
            await reader.DisposeAsync();
        foreach (var pipe in pipes)
            await pipe.DisposeAsync();
    }

    [Fact]
    public async Task A_read_that_is_given_up_or_whose_stream_is_disposed_ends()
    {
        using var stop = new CancellationTokenSource();
        var given = _input.ReadAsync(new byte[10], stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        using var other = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        var reader = new ThreadedStream(Take(other.ClientSafePipeHandle), FileAccess.Read);
        var left = reader.ReadAsync(new byte[10]).AsTask();
        await reader.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.ReadAsync(new byte[10]).AsTask());
    }

    [Fact]
    public async Task Whoever_reads_while_it_is_disposed_is_always_answered()
    {
        for (var round = 0; round < 300; round++)
        {
            using var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
            var reader = new ThreadedStream(Take(pipe.ClientSafePipeHandle), FileAccess.Read);
            using var writer = new ThreadedStream(Take(pipe.SafePipeHandle), FileAccess.Write);
            var reading = Task.Run(async () =>
            {
                var byteOf = new byte[1];
                while (await reader.ReadAsync(byteOf) > 0)
                    await writer.WriteAsync(byteOf);
            });
            await writer.WriteAsync(new byte[1]);
            for (var turn = 0; turn < round % 7; turn++)
                await Task.Yield();
            await reader.DisposeAsync();
            var fault = await Record.ExceptionAsync(() => reading);
            Assert.True(fault is ObjectDisposedException or OperationCanceledException or PosixException { Error: Errno.EPIPE }, $"{fault}");
        }
    }

    [Fact]
    public async Task It_can_be_disposed_or_a_read_given_up_in_the_moment_in_which_that_read_is_answered()
    {
        for (var round = 0; round < 2000; round++)
        {
            using var stop = new CancellationTokenSource();
            using var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
            var reader = new ThreadedStream(Take(pipe.ClientSafePipeHandle), FileAccess.Read);
            var reading = reader.ReadAsync(new byte[1], stop.Token).AsTask();
            var giving = Task.Run(stop.Cancel);
            pipe.WriteByte(1);
            for (var spin = 0; spin < round % 40; spin++)
                Thread.SpinWait(20);
            await reader.DisposeAsync();
            await giving;
            var fault = await Record.ExceptionAsync(() => reading);
            Assert.True(fault is null or OperationCanceledException, $"{fault}");
        }
    }

    [Fact]
    public async Task Writing_to_a_pipe_that_nobody_reads_fails_and_its_end_is_the_end()
    {
        await _input.DisposeAsync();
        var fault = await Assert.ThrowsAsync<PosixException>(async () => await _output.WriteAsync(new byte[100_000]));
        Assert.Equal(Errno.EPIPE, fault.Error);

        using var other = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var writer = new ThreadedStream(Take(other.ClientSafePipeHandle), FileAccess.Write);
        await writer.WriteAsync(new byte[10]);
        await writer.DisposeAsync();
        Assert.Equal(10, await other.ReadAsync(new byte[20]));
        Assert.Equal(0, await other.ReadAsync(new byte[20]));
    }

    static FileDescriptor Take(System.Runtime.InteropServices.SafeHandle handle)
    {
        using var borrowed = new FileDescriptor((int)handle.DangerousGetHandle(), owned: false);
        var own = borrowed.Duplicate();
        handle.Dispose();
        return own;
    }
}
