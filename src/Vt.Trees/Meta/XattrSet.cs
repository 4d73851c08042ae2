using System.Diagnostics.CodeAnalysis;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Trees.Meta;

/// <summary>
/// All extended attributes of an inode, ordered by the bytes of their names. Immutable. A large set lies in the store and
/// only a reference to it is here, so that directory nodes stay small: see <see cref="Directories.StoredXattrs"/>.
/// </summary>
public sealed class XattrSet : IEquatable<XattrSet>
{
    /// <summary>A set whose encoding takes more bytes than this is moved out into a block.</summary>
    public const int LargestInline = 512;

    /// <summary>The largest encoding of a set that was moved out: one block. The kernel lists at most 64 KiB of names and usual file systems keep less than this.</summary>
    public const int LargestStored = Blocks.Chunking.ChunkingParameters.LargestBlock;

    readonly Xattr[] _items;

    XattrSet(Xattr[] items, BlockRef stored, int encodedLength)
    {
        _items = items;
        Stored = stored;
        EncodedLength = encodedLength;
    }

    /// <summary>No attributes.</summary>
    public static XattrSet Empty { get; } = new([], BlockRef.Empty, 0);

    /// <summary>The content that holds the encoded set where it was moved out, otherwise empty.</summary>
    public BlockRef Stored { get; }

    /// <summary>Whether the set was moved out and has to be loaded before its attributes can be seen.</summary>
    public bool IsStored => Stored.Span > 0;

    /// <summary>Whether there are no attributes.</summary>
    public bool IsEmpty => _items.Length == 0 && !IsStored;

    /// <summary>How many bytes <see cref="Encode"/> writes; 0 of a set that was moved out.</summary>
    public int EncodedLength { get; }

    /// <summary>The attributes in the order of their names.</summary>
    /// <exception cref="InvalidOperationException">The set was moved out and not loaded.</exception>
    public ReadOnlySpan<Xattr> Items => IsStored ? throw new InvalidOperationException("the attributes have to be loaded first") : _items;

    /// <summary>Makes a set of attributes in any order.</summary>
    /// <exception cref="FormatInvalidException">A name comes twice.</exception>
    public static XattrSet Create(IEnumerable<Xattr> attributes)
    {
        var items = attributes.ToArray();
        Array.Sort(items, static (a, b) => a.Name.Span.SequenceCompareTo(b.Name.Span));
        var length = 0;
        for (var i = 0; i < items.Length; i++)
        {
            if (i > 0 && items[i - 1].Name.Span.SequenceEqual(items[i].Name.Span))
                throw new FormatInvalidException("an attribute is named twice", i);
            length += LengthOf(items[i]);
        }

        return items.Length == 0 ? Empty : new XattrSet(items, BlockRef.Empty, length);
    }

    /// <summary>The set with an attribute set or removed; of a set that is in memory.</summary>
    /// <param name="attribute">The attribute; of one that is removed only the name counts.</param>
    /// <param name="isRemoval">Whether it is removed.</param>
    public XattrSet With(Xattr attribute, bool isRemoval = false)
    {
        var items = new List<Xattr>(_items.Length + 1);
        foreach (var item in Items)
        {
            if (!item.Name.Span.SequenceEqual(attribute.Name.Span))
                items.Add(item);
        }

        if (!isRemoval)
            items.Add(attribute);
        return Create(items);
    }

    /// <summary>A set that lies in the store.</summary>
    /// <param name="stored">The content of its encoding, 1 byte or more.</param>
    public static XattrSet In(in BlockRef stored)
    {
        if (stored.Span is 0 or > LargestStored)
            throw new FormatInvalidException($"a set of attributes can't be stored in {stored.Span} bytes");
        return new XattrSet([], stored, 0);
    }

    /// <summary>Finds an attribute by its name.</summary>
    /// <exception cref="InvalidOperationException">The set was moved out and not loaded.</exception>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlyMemory<byte> value)
    {
        foreach (var item in Items)
        {
            if (item.Name.Span.SequenceEqual(name))
            {
                value = item.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Writes each attribute in order: name and value, each with its length before it.</summary>
    public void Encode(ByteWriter writer)
    {
        foreach (var item in Items)
        {
            writer.WriteData(item.Name.Span);
            writer.WriteData(item.Value.Span);
        }
    }

    /// <summary>Reads what <see cref="Encode"/> writes.</summary>
    /// <exception cref="FormatInvalidException">The bytes are not of that form, or the names not in order.</exception>
    public static XattrSet Decode(ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data);
        var items = new List<Xattr>();
        while (!reader.AtEnd)
        {
            var at = reader.Position;
            var name = reader.ReadBytes(reader.ReadLength(Xattr.LongestName));
            var value = reader.ReadBytes(reader.ReadLength(Xattr.LongestValue));
            if (items.Count > 0 && items[^1].Name.Span.SequenceCompareTo(name) >= 0)
                throw new FormatInvalidException("the attributes are not in order", at);
            items.Add(new Xattr(name.ToArray(), value.ToArray()));
        }

        return items.Count == 0 ? Empty : new XattrSet([.. items], BlockRef.Empty, data.Length);
    }

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] XattrSet? other) =>
        other is not null && Stored == other.Stored && _items.AsSpan().SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as XattrSet);

    /// <inheritdoc/>
    public override int GetHashCode() => IsStored ? Stored.GetHashCode() : HashCode.Combine(_items.Length, EncodedLength);

    static int LengthOf(in Xattr item) =>
        ByteWriter.VarintLength((ulong)item.Name.Length) + item.Name.Length + ByteWriter.VarintLength((ulong)item.Value.Length) + item.Value.Length;
}
