using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Hosts.FuseHost;

/// <summary>
/// Which files are open, where the kernel may read flat copies by itself. What it reads so nobody here sees, and neither does it see what changes here; so a file
/// is either read like that, by all who have it open, or open otherwise. Safe from any thread.
/// </summary>
/// <remarks>
/// We hear of the end of an open after the kernel's own books have it, so what is open here is open there or has been a moment ago: who would be
/// refused for it waits for a while, and whoever comes to read meanwhile waits behind it.
/// </remarks>
sealed class PassedOpens(Func<NodeId, FileDescriptor?> copyOf, Action<string> say)
{
    // What an open is called; zero is one that isn't counted.
    const ulong ReaderHandle = 1;
    const ulong WriterHandle = 2;
    const ulong PassedHandle = 3;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    readonly Lock _gate = new(); // guards the books
    readonly Dictionary<ulong, Book> _byNode = [];
    FuseBacking? _backing;
    bool _isRefused;

    /// <summary>Where files are registered; null as long as none can be.</summary>
    public FuseBacking? Backing
    {
        get => Volatile.Read(ref _backing);
        set => Volatile.Write(ref _backing, value);
    }

    /// <summary>How many files the kernel reads by itself now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _byNode.Values.Count(static book => book.Passed > 0);
        }
    }

    /// <summary>Opens a file for reading alone.</summary>
    /// <param name="node">The file.</param>
    /// <param name="usual">How the kernel is to treat it where it does not read it by itself.</param>
    /// <returns>The handle, and how the kernel is to read.</returns>
    public ValueTask<OpenOut> OpenToReadAsync(NodeId node, OpenReplyFlags usual)
    {
        Task settled;
        lock (_gate)
        {
            var book = BookOf(node);
            if (book.Waiting == 0 || book.Passed == 0)
                return new(OpenToRead(node, book, usual));
            settled = book.SettledTask;
        }

        return AwaitSettledAsync(node, usual, settled);
    }

    /// <summary>Opens a file that was just made, and that nobody else knows yet, to change it.</summary>
    public void OpenMade(NodeId node)
    {
        lock (_gate)
            BookOf(node).Writers++;
    }

    /// <summary>Opens a file to change it, or begins a change of its content that needs no open. Not while the kernel reads it by itself.</summary>
    /// <returns>Whether it may; ends with <see cref="Close"/> of <see cref="Changing"/>.</returns>
    public ValueTask<bool> TryOpenToChangeAsync(NodeId node, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var book = BookOf(node);
            if (book.Passed == 0)
            {
                book.Writers++;
                return new(true);
            }

            book.Waiting++;
        }

        return AwaitIdleAsync(node, cancellationToken);
    }

    /// <summary>Changes a file's content without an open.</summary>
    /// <param name="node">The file.</param>
    /// <param name="change">Does it.</param>
    /// <param name="refused">What comes back where the kernel reads the file by itself, and goes on doing so.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<T> ChangeAsync<T>(NodeId node, Func<ValueTask<T>> change, T refused, CancellationToken cancellationToken)
    {
        if (!await TryOpenToChangeAsync(node, cancellationToken))
            return refused;
        try
        {
            return await change();
        }
        finally
        {
            Close(node, WriterHandle);
        }
    }

    /// <summary>The handle of an open that may change a file.</summary>
    public static ulong Changing => WriterHandle;

    /// <summary>Ends an open.</summary>
    public void Close(NodeId node, ulong handle)
    {
        lock (_gate)
        {
            if (handle == 0 || !_byNode.TryGetValue(node.Value, out var book))
                return;
            switch (handle)
            {
                case ReaderHandle:
                    book.Readers--;
                    break;
                case WriterHandle:
                    book.Writers--;
                    break;
                case PassedHandle when --book.Passed == 0:
                    Backing?.Unregister(book.BackingId);
                    book.Settle();
                    break;
            }

            if (book.IsUnused)
                _byNode.Remove(node.Value);
        }
    }

    OpenOut OpenToRead(NodeId node, Book book, OpenReplyFlags usual)
    {
        if (book.Passed > 0 || (book.Readers + book.Writers + book.Waiting == 0 && TryRegister(node, book)))
        {
            book.Passed++;
            return new OpenOut { Handle = PassedHandle, Flags = OpenReplyFlags.Passthrough, BackingId = book.BackingId };
        }

        book.Readers++;
        return new OpenOut { Handle = ReaderHandle, Flags = usual };
    }

    // Who wants to change the file would else wait in vain for one of many readers to be the last.
    async ValueTask<OpenOut> AwaitSettledAsync(NodeId node, OpenReplyFlags usual, Task settled)
    {
        while (true)
        {
            await settled;
            lock (_gate)
            {
                var book = BookOf(node);
                if (book.Waiting == 0 || book.Passed == 0)
                    return OpenToRead(node, book, usual);
                settled = book.SettledTask;
            }
        }
    }

    async ValueTask<bool> AwaitIdleAsync(NodeId node, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var late = Task.Delay(Patience, stop.Token);
        while (true)
        {
            Task settled;
            lock (_gate)
            {
                var book = BookOf(node);
                if (book.Passed == 0 || late.IsCompleted)
                {
                    var isIdle = book.Passed == 0;
                    book.Waiting--;
                    book.Writers += isIdle ? 1 : 0;
                    book.Settle();
                    if (book.IsUnused)
                        _byNode.Remove(node.Value);
                    stop.Cancel();
                    return isIdle;
                }

                settled = book.SettledTask;
            }

            await Task.WhenAny(settled, late);
        }
    }

    Book BookOf(NodeId node)
    {
        if (!_byNode.TryGetValue(node.Value, out var book))
            _byNode.Add(node.Value, book = new Book());
        return book;
    }

    bool TryRegister(NodeId node, Book book)
    {
        if (Backing is not { } backing || _isRefused)
            return false;
        using var copy = copyOf(node);
        if (copy is null)
            return false;
        var error = backing.TryRegister(copy, out book.BackingId);
        if (error == Errno.OK)
            return true;
        _isRefused = true;
        say($"passthrough: {new PosixException(error, "FUSE_DEV_IOC_BACKING_OPEN").Message}; flat copies are read through the server");
        return false;
    }

    /// <summary>The opens of one file.</summary>
    sealed class Book
    {
        public int Readers;
        public int Writers;
        public int Passed;
        public int BackingId;

        /// <summary>How many wait to change it.</summary>
        public int Waiting;

        TaskCompletionSource? _settled;

        public bool IsUnused => Readers + Writers + Passed + Waiting == 0;

        /// <summary>Completes when the kernel has ceased to read it by itself, or somebody has ceased to wait for that.</summary>
        public Task SettledTask => (_settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void Settle()
        {
            _settled?.SetResult();
            _settled = null;
        }
    }
}
