using System.Threading.Tasks.Sources;
using Vt.Posix.Rings;
using Vt.Posix.Sockets;

namespace Vt.Posix;

/// <summary>
/// A stream over what only a thread can wait for: a pipe or a terminal. It has a thread of its own, so that however many of them wait, none of the pool's
/// threads does. For one reader, or one writer, at a time.
/// </summary>
/// <remarks>
/// It has asynchronous reads and writes alone. Reading no bytes waits until there are some, or the end, as with sockets. A read that is given up leaves the stream of no use. A write is not given up: whoever
/// doesn't read its pipe keeps the thread, which ends with the process.
/// </remarks>
public sealed class ThreadedStream : Stream, IValueTaskSource<int>, IValueTaskSource
{
    // A pipe that is ready to be written takes so much without waiting (PIPE_BUF, pipe(7)).
    const int Atomic = 4096;

    // The most that an ordinary user's may have, unless the machine says otherwise.
    const int PipeLength = 1 << 20;

    readonly FileDescriptor _file;
    readonly bool _isInput;
    readonly EventCounter _wake = new();
    readonly AutoResetEvent _wanted = new(initialState: false);

    // Held while the descriptor is used by anybody but the thread, and when that is begun, given up, disposed or closed.
    readonly Lock _gate = new();
    ManualResetValueTaskSourceCore<int> _outcome = new() { RunContinuationsAsynchronously = true };
    CancellationTokenRegistration _registration;
    Thread? _thread;
    bool _isClosed;
    Memory<byte> _room;
    ReadOnlyMemory<byte> _bytes;
    volatile bool _hasWork;
    volatile bool _isGivenUp;
    volatile bool _isDisposed;

    /// <summary>Takes a descriptor over.</summary>
    /// <param name="file">The descriptor; closed on disposal, or once a write that is under way then has ended.</param>
    /// <param name="access">Reading or writing.</param>
    public ThreadedStream(FileDescriptor file, FileAccess access)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)access, (int)FileAccess.ReadWrite, nameof(access));
        (_file, _isInput) = (file, access == FileAccess.Read);

        // Fewer changes between the threads of the two sides; it is as good without.
        file.TryGrowPipe(PipeLength);
    }

    /// <inheritdoc/>
    public override bool CanRead => _isInput;

    /// <inheritdoc/>
    public override bool CanWrite => !_isInput;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (IsReady(PollEvents.POLLIN))
                return new(buffer.IsEmpty ? 0 : PosixFile.Read(_file, buffer.Span));
            _room = buffer;
            Begin();
        }

        _registration = cancellationToken.UnsafeRegister(static stream => ((ThreadedStream)stream!).GiveUp(), this);
        return new(this, _outcome.Version);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (buffer.Length <= Atomic && IsReady(PollEvents.POLLOUT))
            {
                PosixFile.WriteFully(_file, buffer.Span);
                return default;
            }

            _bytes = buffer;
            Begin();
        }

        return new(this, _outcome.Version);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is held back.
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => Take(token);

    void IValueTaskSource.GetResult(short token) => Take(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _outcome.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _outcome.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _outcome.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _outcome.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            GiveUp();

            // The thread, where there is one, closes what it uses, once this lock is free.
            if (_thread is null)
                CloseAll();
            else
                _wanted.Set();
        }
    }

    int Take(short token)
    {
        _registration.Dispose();
        _registration = default;
        return _outcome.GetResult(token);
    }

    bool IsReady(PollEvents events) => Polling.Wait(_file, events, TimeSpan.Zero) != PollEvents.None;

    void Begin()
    {
        _outcome.Reset();
        _hasWork = true;
        if (_thread is null)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = _isInput ? "pipe reader" : "pipe writer" };
            _thread.Start();
        }

        _wanted.Set();
    }

    void GiveUp()
    {
        lock (_gate)
        {
            // A read may be given up after its answer, when everything is closed.
            if (_isClosed)
                return;
            _isGivenUp = true;
            _wake.Signal();
        }
    }

    void Run()
    {
        // Nothing is begun after disposal, and what was begun before is answered.
        while (!_isDisposed || _hasWork)
        {
            _wanted.WaitOne();
            if (!_hasWork)
                continue;
            _hasWork = false;
            Answer();
        }

        lock (_gate)
            CloseAll();
    }

    void Answer()
    {
        int count;
        try
        {
            count = _isInput ? ReadOnce() : WriteAll();
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            _outcome.SetException(fault);
            return;
        }

        _outcome.SetResult(count);
    }

    int ReadOnce()
    {
        while (true)
        {
            var (isReady, _) = Polling.WaitToRead(_file, _wake.File);
            if (_isGivenUp)
                throw new OperationCanceledException("reading was given up");
            if (isReady)
                return _room.IsEmpty ? 0 : PosixFile.Read(_file, _room.Span);
        }
    }

    int WriteAll()
    {
        PosixFile.WriteFully(_file, _bytes.Span);
        return _bytes.Length;
    }

    void CloseAll()
    {
        _isClosed = true;
        _file.Dispose();
        _wake.Dispose();
        _wanted.Dispose();
    }
}
