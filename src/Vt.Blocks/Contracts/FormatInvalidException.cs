namespace Vt.Blocks.Contracts;

/// <summary>Bytes or text are not of the form that they should have.</summary>
public sealed class FormatInvalidException : Exception
{
    /// <summary>Reports a fault in something whose place the caller will add with <see cref="In"/>.</summary>
    /// <param name="what">What is wrong.</param>
    /// <param name="offset">Where, in bytes or characters from the start of what was being read.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public FormatInvalidException(string what, long offset = 0, Exception? inner = null)
        : this(null, what, offset, inner)
    {
    }

    FormatInvalidException(string? file, string what, long offset, Exception? inner)
        : base(file is null ? $"{what} (at {offset})" : $"{file}: {what} (at {offset})", inner)
    {
        File = file;
        What = what;
        Offset = offset;
    }

    /// <summary>The file or object that holds the fault, where it is known.</summary>
    public string? File { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string What { get; }

    /// <summary>Where, in bytes or characters from the start.</summary>
    public long Offset { get; }

    /// <summary>The same fault, with the file named and the offset counted from that file's start.</summary>
    public FormatInvalidException In(string file, long start = 0) => new(file, What, start + Offset, this);
}
