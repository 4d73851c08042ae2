using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Dirents;

namespace Vt.Trees.Directories;

/// <summary>
/// A node as it was stored, with a table of where its items lie; an item is decoded only when somebody asks for it.
/// Immutable and safe from any thread.
/// </summary>
/// <remarks>
/// The form: "Vtd" and the version, 1; a byte for the order, a byte for the level; as varints the number of items, of
/// dirents below and of directories among them. Then the items: in a leaf dirents, in other nodes the last key below and the
/// reference of the child (both with their length before them) and the child's two counts.
/// </remarks>
sealed class DirectoryNode
{
    /// <summary>The highest level of a root. No directory that fits into 63 bits needs as many.</summary>
    public const int HighestLevel = 15;

    const byte Version = 1;
    const int ItemOverhead = 24;

    readonly byte[] _bytes;
    readonly Item[] _items;

    DirectoryNode(byte[] bytes, Item[] items)
    {
        _bytes = bytes;
        _items = items;
    }

    /// <summary>What the items are ordered by.</summary>
    public required DirectoryOrder Order { get; init; }

    /// <summary>0 for leaves, otherwise one more than the children's.</summary>
    public required int Level { get; init; }

    /// <summary>How many dirents lie in and below this node.</summary>
    public required long Entries { get; init; }

    /// <summary>How many of them are directories.</summary>
    public required long Subdirectories { get; init; }

    /// <summary>How many items this node itself has, 1 or more.</summary>
    public int Count => _items.Length;

    /// <summary>About how much memory this takes, in bytes.</summary>
    public int Weight => _bytes.Length + (_items.Length * ItemOverhead) + 128;

    static ReadOnlySpan<byte> Magic => "Vtd"u8;

    /// <summary>An item's key: a dirent's name or UUID, or the last key below a child.</summary>
    public ReadOnlyMemory<byte> KeyAt(int index) => _bytes.AsMemory(_items[index].KeyStart, _items[index].KeyLength);

    /// <summary>An item's key: a dirent's name or UUID, or the last key below a child.</summary>
    public ReadOnlySpan<byte> KeySpanAt(int index) => _bytes.AsSpan(_items[index].KeyStart, _items[index].KeyLength);

    /// <summary>A leaf's item in binary form, its length included.</summary>
    public ReadOnlySpan<byte> FormAt(int index) => _bytes.AsSpan(_items[index].Start, EndOf(index) - _items[index].Start);

    /// <summary>The kind of a leaf's dirent.</summary>
    public DirentKind KindAt(int index) => _items[index].Kind;

    /// <summary>Decodes a leaf's dirent.</summary>
    public Dirent DirentAt(int index) => Dirent.Decode(FormAt(index));

    /// <summary>Decodes a little of a leaf's dirent.</summary>
    public DirentOutline OutlineAt(int index) => Dirent.Outline(FormAt(index));

    /// <summary>What an interior node says of a child.</summary>
    public NodeChild ChildAt(int index)
    {
        var reader = new ByteReader(FormAt(index));
        reader.ReadData();
        return ReadChild(ref reader, KeyAt(index));
    }

    /// <summary>How many items have smaller keys.</summary>
    /// <param name="key">The key.</param>
    /// <param name="found">Whether the next item has this very key.</param>
    public int IndexOf(ReadOnlySpan<byte> key, out bool found)
    {
        var (low, high) = (0, _items.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            var order = KeySpanAt(middle).SequenceCompareTo(key);
            if (order == 0)
            {
                found = true;
                return middle;
            }

            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }

        found = false;
        return low;
    }

    /// <summary>Writes what stands before a node's items.</summary>
    public static void WriteHeader(ByteWriter writer, DirectoryOrder order, int level, int count, long entries, long subdirectories)
    {
        writer.WriteBytes(Magic);
        writer.WriteByte(Version);
        writer.WriteByte((byte)order);
        writer.WriteByte((byte)level);
        writer.WriteVarint((ulong)count);
        writer.WriteVarint((ulong)entries);
        writer.WriteVarint((ulong)subdirectories);
    }

    /// <summary>Writes an interior node's item.</summary>
    public static void WriteChild(ByteWriter writer, in NodeChild child)
    {
        writer.WriteData(child.LastKey.Span);
        using var form = new ByteWriter();
        child.Node.Write(form);
        writer.WriteData(form.Written);
        writer.WriteVarint((ulong)child.Entries);
        writer.WriteVarint((ulong)child.Subdirectories);
    }

    /// <summary>Reads a node and checks its structure, the order of its keys and its counts; not what else its dirents hold.</summary>
    /// <param name="bytes">The block; kept.</param>
    /// <exception cref="FormatInvalidException">The bytes are not a node.</exception>
    public static DirectoryNode Decode(byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        if (!reader.ReadBytes(Magic.Length).SequenceEqual(Magic))
            throw new FormatInvalidException("this is no directory node");
        var version = reader.ReadByte();
        if (version != Version)
            throw new FormatInvalidException($"directory nodes of version {version} are not known", Magic.Length);
        var order = (DirectoryOrder)reader.ReadByte();
        if (order > DirectoryOrder.Uuids)
            throw new FormatInvalidException($"directory order {(int)order} is not known", reader.Position - 1);
        var level = (int)reader.ReadByte();
        if (level > HighestLevel)
            throw new FormatInvalidException($"level {level} is over the limit of {HighestLevel}", reader.Position - 1);
        var count = reader.ReadLength(NodeCuts.Most);
        var (entries, subdirectories) = (reader.ReadVarintLong(), reader.ReadVarintLong());
        if (count == 0)
            throw new FormatInvalidException("a directory node has no items", reader.Position);
        var items = new Item[count];
        var sums = level == 0 ? ReadDirents(ref reader, order, items) : ReadChildren(ref reader, items);
        if (!reader.AtEnd)
            throw new FormatInvalidException($"{reader.Remaining} bytes follow the items", reader.Position);
        if (sums != (entries, subdirectories))
            throw new FormatInvalidException($"counts of {entries} and {subdirectories} are given, but {sums} are there");
        var node = new DirectoryNode(bytes, items) { Order = order, Level = level, Entries = entries, Subdirectories = subdirectories };
        node.CheckKeys();
        return node;
    }

    static (long Entries, long Subdirectories) ReadDirents(ref ByteReader reader, DirectoryOrder order, Span<Item> items)
    {
        var subdirectories = 0L;
        for (var i = 0; i < items.Length; i++)
        {
            var start = reader.Position;
            var body = reader.ReadBytes(reader.ReadLength(Dirent.LargestEncoded - 2));
            var (kind, key) = Dirent.LocateKey(body, order == DirectoryOrder.Uuids);
            if (key.End.Value == key.Start.Value)
                throw new FormatInvalidException("a dirent in a directory has no key, or more than the order needs", start);
            if (kind == DirentKind.Directory)
                subdirectories++;
            items[i] = new Item(start, reader.Position - body.Length + key.Start.Value, (byte)(key.End.Value - key.Start.Value), kind);
        }

        return (items.Length, subdirectories);
    }

    static (long Entries, long Subdirectories) ReadChildren(ref ByteReader reader, Span<Item> items)
    {
        var sums = (Entries: 0L, Subdirectories: 0L);
        for (var i = 0; i < items.Length; i++)
        {
            var start = reader.Position;
            var key = reader.ReadBytes(reader.ReadLength(Dirent.LongestName));
            items[i] = new Item(start, reader.Position - key.Length, (byte)key.Length, DirentKind.None);
            var child = ReadChild(ref reader, default);
            if (child.Entries > long.MaxValue - sums.Entries || child.Subdirectories > child.Entries || child.Entries == 0)
                throw new FormatInvalidException($"a child can't have {child.Entries} entries and {child.Subdirectories} directories", start);
            sums = (sums.Entries + child.Entries, sums.Subdirectories + child.Subdirectories);
        }

        return sums;
    }

    static NodeChild ReadChild(ref ByteReader reader, ReadOnlyMemory<byte> key)
    {
        var at = reader.Position;
        var node = Meta.RefForms.Decode(reader.ReadData());
        if (node.Kind != BlockRefKind.Direct)
            throw new FormatInvalidException("a child is not a block", at);
        return new NodeChild(key, node, reader.ReadVarintLong(), reader.ReadVarintLong());
    }

    int EndOf(int index) => index + 1 < _items.Length ? _items[index + 1].Start : _bytes.Length;

    void CheckKeys()
    {
        for (var i = 1; i < _items.Length; i++)
        {
            if (KeySpanAt(i - 1).SequenceCompareTo(KeySpanAt(i)) >= 0)
                throw new FormatInvalidException("keys are not in order", _items[i].KeyStart);
        }
    }

    readonly record struct Item(int Start, int KeyStart, byte KeyLength, DirentKind Kind);
}
