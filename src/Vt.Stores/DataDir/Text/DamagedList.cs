using System.Collections.Concurrent;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Disk;

namespace Vt.Stores.DataDir.Text;

/// <summary>
/// The blocks that failed their check, so that they are answered as not there and stored again when somebody offers them. Derived: a block
/// that is forgotten here is found damaged again. Thread-safe.
/// </summary>
/// <remarks>Lines are <c>damaged HASH PLACE</c> and <c>healed HASH</c>, as <see cref="CheckedLine"/> writes them.</remarks>
sealed class DamagedList
{
    const string DamagedVerb = "damaged";
    const string HealedVerb = "healed";

    readonly ConcurrentDictionary<BlockHash, string> _blocks = new();
    readonly string _path;
    readonly DiskWriter? _disk;

    DamagedList(string path, DiskWriter? disk)
    {
        _path = path;
        _disk = disk;
    }

    /// <summary>Whether nothing is known to be damaged, which is the usual case.</summary>
    public bool IsEmpty => _blocks.IsEmpty;

    /// <summary>The blocks and where they were found damaged.</summary>
    public IReadOnlyCollection<KeyValuePair<BlockHash, string>> Blocks => _blocks.ToArray();

    /// <summary>Reads the list.</summary>
    /// <param name="path">The file, which need not be there.</param>
    /// <param name="disk">Writes it; null where nothing may be written.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    public static DamagedList Open(string path, DiskWriter? disk)
    {
        var list = new DamagedList(path, disk);
        var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file);
        if (error == Errno.ENOENT)
            return list;
        if (error != 0)
            throw new PosixException(error, "open", path);
        using (file)
        {
            var bytes = new byte[PosixFile.Fstat(file).Size];
            var got = PosixFile.PreadUpTo(file, bytes, 0);
            foreach (var line in CheckedLine.ReadAll(bytes.AsSpan(0, got)))
                list.Apply(line.Fields);
        }

        return list;
    }

    /// <summary>Whether a block is known to be damaged.</summary>
    public bool Contains(in BlockHash hash) => !_blocks.IsEmpty && _blocks.ContainsKey(hash);

    /// <summary>Remembers a damaged block; on disk as well, where that can be done.</summary>
    public void Add(in BlockHash hash, string where)
    {
        if (_blocks.TryAdd(hash, where))
            Append(DamagedVerb, hash.ToString(), where);
    }

    /// <summary>Forgets a block, since it was stored again.</summary>
    public void Remove(in BlockHash hash)
    {
        if (_blocks.TryRemove(hash, out _))
            Append(HealedVerb, hash.ToString());
    }

    /// <summary>Whether a line is one of this list's.</summary>
    public static bool IsKnown(string[] fields) =>
        fields.Length >= 2 && BlockHash.TryParse(fields[1], out _) && (fields[0] == HealedVerb || (fields[0] == DamagedVerb && fields.Length == 3));

    void Apply(string[]? fields)
    {
        if (fields is null || !IsKnown(fields) || !BlockHash.TryParse(fields[1], out var hash))
            return;
        if (fields[0] == HealedVerb)
            _blocks.TryRemove(hash, out _);
        else
            _blocks[hash] = fields[2];
    }

    void Append(params ReadOnlySpan<string> fields)
    {
        if (_disk is null)
            return;
        try
        {
            using var file = _disk.OpenForAppend(_path);
            _disk.Append(file, _path, CheckedLine.Write(fields));
        }
        catch (StoreFullException)
        {
            // The list only saves finding out again.
        }
        catch (StoreUnavailableException)
        {
            // As above.
        }
    }
}
