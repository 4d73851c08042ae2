using Vt.Fuse.Protocol;

namespace Vt.Fuse.Session;

/// <summary>
/// Writes the names of a READDIR or READDIRPLUS reply. It never writes past what the kernel asked for; what doesn't fit is
/// refused, and the next call starts there.
/// </summary>
public unsafe ref struct DirectoryFiller
{
    readonly byte* _start;
    readonly int _capacity;

    internal DirectoryFiller(byte* start, int capacity, bool wantsEntries)
    {
        _start = start;
        _capacity = capacity;
        WantsEntries = wantsEntries;
    }

    /// <summary>Whether attributes go with the names (READDIRPLUS).</summary>
    public bool WantsEntries { get; }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>How many names were added.</summary>
    public int Count { get; private set; }

    /// <summary>How many names fit still at most, if all are as short as can be.</summary>
    public readonly int MostNames => (_capacity - Length) / RecordSize(1);

    /// <summary>Whether a name of that many bytes fits still.</summary>
    public readonly bool HasRoomFor(int nameLength) => Length + RecordSize(nameLength) <= _capacity;

    /// <summary>Adds a name without a node; with READDIRPLUS the kernel looks it up when somebody asks.</summary>
    /// <param name="name">The name.</param>
    /// <param name="inode">Its inode number (d_ino); zero would hide the name.</param>
    /// <param name="type">DT_ constant: the mode's file type shifted right by 12.</param>
    /// <param name="next">The position that continues after this name; not zero.</param>
    /// <returns>Whether it fitted.</returns>
    public bool TryAdd(ReadOnlySpan<byte> name, ulong inode, uint type, ulong next)
    {
        if (!HasRoomFor(name.Length))
            return false;
        var record = Append(name.Length);
        if (WantsEntries)
        {
            *(EntryOut*)record = default;
            record += sizeof(EntryOut);
        }

        Write(record, name, inode, type, next);
        return true;
    }

    /// <summary>
    /// Adds a name with its node to READDIRPLUS; it counts as one lookup of that node, except for <c>.</c> and <c>..</c>, which
    /// never count and whose node must stay none.
    /// </summary>
    /// <param name="name">The name; <see cref="HasRoomFor"/> must have said yes.</param>
    /// <param name="inode">Its inode number (d_ino).</param>
    /// <param name="type">DT_ constant: the mode's file type shifted right by 12.</param>
    /// <param name="next">The position that continues after this name; not zero.</param>
    /// <returns>The node's part of the reply, zeroed, to be filled in place.</returns>
    /// <exception cref="InvalidOperationException">It doesn't fit, or this is a plain READDIR.</exception>
    public ref EntryOut AddEntry(ReadOnlySpan<byte> name, ulong inode, uint type, ulong next)
    {
        if (!WantsEntries || !HasRoomFor(name.Length))
            throw new InvalidOperationException("the entry has no place in this reply");
        var record = Append(name.Length);
        *(EntryOut*)record = default;
        Write(record + sizeof(EntryOut), name, inode, type, next);
        return ref *(EntryOut*)record;
    }

    /// <summary>Bytes of a padded record.</summary>
    readonly int RecordSize(int nameLength) => Padded((WantsEntries ? sizeof(DirentPlus) : sizeof(Dirent)) + nameLength);

    internal static int Padded(int length) => (length + 7) & ~7;

    byte* Append(int nameLength)
    {
        var record = _start + Length;
        Length += RecordSize(nameLength);
        Count++;
        return record;
    }

    static void Write(byte* record, ReadOnlySpan<byte> name, ulong inode, uint type, ulong next)
    {
        *(Dirent*)record = new Dirent { Inode = inode, Next = next, NameLength = (uint)name.Length, Type = type };
        var place = new Span<byte>(record + sizeof(Dirent), Padded(name.Length));
        name.CopyTo(place);
        place[name.Length..].Clear();
    }
}
