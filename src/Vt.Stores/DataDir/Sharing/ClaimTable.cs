using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vt.Blocks.Hashing;
using Vt.Posix;

namespace Vt.Stores.DataDir.Sharing;

/// <summary>
/// What the writers of a DataDir tell each other they are about to store, in a small file that all map: so that of many processes with the same
/// blocks one stores each. Derived, and only advice: whatever stands in it, the worst is a block stored twice or a short wait. Thread-safe.
/// </summary>
/// <remarks>
/// The file is an array of little-endian 64-bit words, 0 where free; others have 54 bits of a block's digest above 10 bits of the owner's
/// number. A writer holds a byte-range lock on the byte of its number, far behind the file's end, as long as it lives; a claim whose byte nobody
/// holds is void. All writers share a lock on one more byte, which tells each whether it is alone.
/// </remarks>
/// <param name="path">The file.</param>
sealed class ClaimTable(string path) : IDisposable
{
    /// <summary>How long to wait before looking again at a block that another process claims.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// How often to look without any progress before storing the block anyway: half a minute. A dead writer's claim is void at once; this is for
    /// one that was stopped, and long enough for one that only gets a fraction of a busy machine, or waits for its disk.
    /// </summary>
    public const int Patience = 6000;

    const uint FileMode = 0x1a4;
    const int Words = 1 << 16;
    const int Length = Words * sizeof(long);
    const int Probes = 8;
    const int OwnerBits = 10;
    const int MostOwners = (1 << OwnerBits) - 1;
    const long PresenceByte = 1L << 40;

    // Guards starting.
    readonly Lock _startGate = new();
    FileDescriptor? _file;
    MemoryMap? _map;
    bool _isStarted;
    uint _owner;
    long _held;

    /// <summary>Whether other processes, or other stores of this one, are writing to this DataDir. Two system calls.</summary>
    public bool HasOthers()
    {
        if (!Start())
            return false;
        var alone = Locks.LockRange(_file!, LockKind.Exclusive, PresenceByte, 1, wait: false);
        if (alone)
            Locks.LockRange(_file!, LockKind.Shared, PresenceByte, 1, wait: true);
        return !alone;
    }

    /// <summary>Claims a block.</summary>
    /// <returns>False where another living process claims it. True too where the table has no room, as advice can't be given then.</returns>
    public bool TryClaim(in BlockHash hash)
    {
        if (!Start())
            return true;
        var words = WordsOf(hash, out var word);
        var free = -1;
        for (var i = 0; i < Probes; i++)
        {
            var seen = Volatile.Read(ref words[i]);
            if (seen == 0)
            {
                free = free < 0 ? i : free;
                continue;
            }

            if (IsSameBlock(seen, word))
                return OwnerOf(seen) == _owner || TryTake(ref words[i], seen, word);
        }

        if (free < 0)
            return true;
        if (Interlocked.CompareExchange(ref words[free], word, 0) != 0)
            return TryClaim(hash);
        Interlocked.Increment(ref _held);
        return !YieldsToTwin(words, free, word);
    }

    /// <summary>Gives up a claim; does nothing where this process has none.</summary>
    public void Release(in BlockHash hash)
    {
        if (Volatile.Read(ref _held) == 0 || _map is null)
            return;
        var words = WordsOf(hash, out var word);
        for (var i = 0; i < Probes; i++)
        {
            if (Volatile.Read(ref words[i]) == word && Interlocked.CompareExchange(ref words[i], 0, word) == word)
                Interlocked.Decrement(ref _held);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_startGate)
        {
            _isStarted = true;
            _map?.Dispose();
            _map = null;
            _file?.Dispose();
            _file = null;
        }
    }

    static bool IsSameBlock(long one, long other) => (one ^ other) >>> OwnerBits == 0;

    static uint OwnerOf(long word) => (uint)word & MostOwners;

    /// <summary>Takes a claim over whose owner is dead.</summary>
    bool TryTake(ref long place, long seen, long word)
    {
        if (IsAlive(OwnerOf(seen)) || Interlocked.CompareExchange(ref place, word, seen) != seen)
            return false;
        Interlocked.Increment(ref _held);
        return true;
    }

    /// <summary>
    /// Gives a claim up where another process has made one in another place meanwhile. Of two that do so at once at least the later sees the
    /// other's, so no two ever keep theirs; where both give up, both look again after a pause.
    /// </summary>
    bool YieldsToTwin(Span<long> words, int mine, long word)
    {
        for (var i = 0; i < Probes; i++)
        {
            var seen = Volatile.Read(ref words[i]);
            if (i == mine || seen == 0 || !IsSameBlock(seen, word) || !IsAlive(OwnerOf(seen)))
                continue;
            if (Interlocked.CompareExchange(ref words[mine], 0, word) == word)
                Interlocked.Decrement(ref _held);
            return true;
        }

        return false;
    }

    bool IsAlive(uint owner)
    {
        if (owner == _owner)
            return true;
        if (owner == 0 || !Locks.LockRange(_file!, LockKind.Exclusive, PresenceByte + owner, 1, wait: false))
            return owner != 0;
        Locks.UnlockRange(_file!, PresenceByte + owner, 1);
        return false;
    }

    Span<long> WordsOf(in BlockHash hash, out long word)
    {
        var print = BinaryPrimitives.ReadInt64LittleEndian(hash.Digest) & ~MostOwners;
        word = (print == 0 ? 1L << OwnerBits : print) | _owner;
        var place = BinaryPrimitives.ReadUInt32LittleEndian(hash.Digest[8..]) % (Words - Probes);
        return MemoryMarshal.Cast<byte, long>(_map!.WritableSpan(place * sizeof(long), Probes * sizeof(long)));
    }

    bool Start()
    {
        if (Volatile.Read(ref _isStarted))
            return _map is not null;
        lock (_startGate)
        {
            if (!_isStarted)
            {
                StartHeld();
                Volatile.Write(ref _isStarted, true);
            }

            return _map is not null;
        }
    }

    /// <summary>Joins the writers. Where that can't be done, this one goes without advice.</summary>
    void StartHeld()
    {
        if (PosixFile.TryOpen(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT, FileMode, out var file) != 0)
            return;
        try
        {
            // Never shortened: others may have it mapped. The blocks are allocated, since a full disk would otherwise kill who writes to the map.
            if (PosixFile.TryFallocate(file, 0, 0, Length) is not Errno.OK)
                return;
            Locks.LockRange(file, LockKind.Shared, PresenceByte, 1, wait: true);
            for (_owner = 1; _owner <= MostOwners; _owner++)
            {
                if (!Locks.LockRange(file, LockKind.Exclusive, PresenceByte + _owner, 1, wait: false))
                    continue;
                _map = new MemoryMap(file, 0, Length, writable: true);
                _file = file;
                file = null;
                return;
            }
        }
        finally
        {
            file?.Dispose();
        }
    }
}
