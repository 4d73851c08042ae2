using Vt.Blocks.Contracts;

namespace Vt.Trees.Meta;

/// <summary>One extended attribute (xattr(7)). Equal by its bytes.</summary>
public readonly struct Xattr : IEquatable<Xattr>
{
    /// <summary>The longest name, in bytes: XATTR_NAME_MAX.</summary>
    public const int LongestName = 255;

    /// <summary>The longest value, in bytes: XATTR_SIZE_MAX.</summary>
    public const int LongestValue = 65536;

    /// <summary>Pairs a name with a value; both are kept, not copied, and must not change afterwards.</summary>
    /// <param name="name">With its prefix, as <c>user.mime_type</c>; 1 to 255 bytes without NUL.</param>
    /// <param name="value">At most 64 KiB.</param>
    /// <exception cref="FormatInvalidException">Either is too long, or the name is empty or holds a NUL.</exception>
    public Xattr(ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value)
    {
        if (name.Length is 0 or > LongestName)
            throw new FormatInvalidException($"an attribute's name has {name.Length} bytes and should have from 1 to {LongestName}");
        if (name.Span.Contains((byte)0))
            throw new FormatInvalidException("an attribute's name holds a NUL");
        if (value.Length > LongestValue)
            throw new FormatInvalidException($"an attribute's value has {value.Length} bytes, over the limit of {LongestValue}");
        Name = name;
        Value = value;
    }

    /// <summary>The name's bytes, with its prefix.</summary>
    public ReadOnlyMemory<byte> Name { get; }

    /// <summary>The value's bytes.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <inheritdoc/>
    public bool Equals(Xattr other) => Name.Span.SequenceEqual(other.Name.Span) && Value.Span.SequenceEqual(other.Value.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Xattr other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Name.Span);
        hash.AddBytes(Value.Span);
        return hash.ToHashCode();
    }

    /// <summary>Whether two attributes are the same.</summary>
    public static bool operator ==(Xattr left, Xattr right) => left.Equals(right);

    /// <summary>Whether two attributes differ.</summary>
    public static bool operator !=(Xattr left, Xattr right) => !left.Equals(right);
}
