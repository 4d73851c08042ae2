namespace Vt.Trees.Meta;

/// <summary>How a field's value is written: the low two bits of its key. Enough to step over a field that isn't known.</summary>
public enum WireType
{
    /// <summary>One number.</summary>
    Number = 0,

    /// <summary>Two numbers.</summary>
    Pair = 1,

    /// <summary>A length and that many bytes.</summary>
    Data = 2,
}
