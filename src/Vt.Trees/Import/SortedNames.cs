using System.Buffers.Binary;
using Vt.Posix;

namespace Vt.Trees.Import;

/// <summary>
/// A directory's names in the order of their bytes, packed together: about 20 bytes a name besides the name, so that a
/// million of them are no trouble.
/// </summary>
sealed class SortedNames
{
    readonly List<Entry> _entries = [];
    byte[] _bytes = new byte[4096];
    int _used;

    readonly record struct Entry(ulong Prefix, int Offset, byte Length, DirectoryEntryType Type);

    /// <summary>How many names there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Reads a directory that was just opened.</summary>
    /// <exception cref="PosixException">It can't be read.</exception>
    public static SortedNames Read(FileDescriptor directory)
    {
        var names = new SortedNames();
        foreach (var entry in Posix.Directories.Read(directory))
            names.Add(entry.Name, entry.Type);
        names._entries.Sort(names.Compare);
        return names;
    }

    /// <summary>A name's bytes, in place.</summary>
    public ReadOnlyMemory<byte> NameAt(int index) => _bytes.AsMemory(_entries[index].Offset, _entries[index].Length);

    /// <summary>What the directory says about a name's type.</summary>
    public DirectoryEntryType TypeAt(int index) => _entries[index].Type;

    void Add(ReadOnlySpan<byte> name, DirectoryEntryType type)
    {
        if (_bytes.Length - _used < name.Length)
            Array.Resize(ref _bytes, checked(_bytes.Length * 2));
        name.CopyTo(_bytes.AsSpan(_used));
        Span<byte> first = stackalloc byte[sizeof(ulong)];
        first.Clear();
        name[..Math.Min(name.Length, sizeof(ulong))].CopyTo(first);
        _entries.Add(new Entry(BinaryPrimitives.ReadUInt64BigEndian(first), _used, checked((byte)name.Length), type));
        _used += name.Length;
    }

    int Compare(Entry a, Entry b) =>
        a.Prefix != b.Prefix
            ? a.Prefix.CompareTo(b.Prefix)
            : _bytes.AsSpan(a.Offset, a.Length).SequenceCompareTo(_bytes.AsSpan(b.Offset, b.Length));
}
