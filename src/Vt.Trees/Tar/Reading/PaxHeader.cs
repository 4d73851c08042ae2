using System.Text;
using Vt.Blocks.Contracts;

namespace Vt.Trees.Tar.Reading;

/// <summary>The records of extended headers: those for all members that follow, overlaid by those for the next one (pax(1), POSIX.1-2017).</summary>
sealed class PaxHeader
{
    /// <summary>The longest extended header that is read, in bytes: room for every attribute that a file may have.</summary>
    public const int Longest = 16 << 20;

    readonly Dictionary<string, byte[]> _all = new(StringComparer.Ordinal);
    readonly Dictionary<string, byte[]> _next = new(StringComparer.Ordinal);
    readonly List<(long Offset, long Length)> _parts = [];
    long? _offset;

    /// <summary>Where the next member has data, as GNU tar's sparse format 0.0 says: pairs of records in order.</summary>
    public IReadOnlyList<(long Offset, long Length)> Parts => _parts;

    /// <summary>A record's value for the next member; null where there is none, or an empty one, which takes back what holds for all.</summary>
    public byte[]? Find(string keyword) => (_next.TryGetValue(keyword, out var value) || _all.TryGetValue(keyword, out value)) && value.Length > 0 ? value : null;

    /// <summary>The records for the next member whose keyword begins so, without that beginning.</summary>
    public IEnumerable<(string Name, byte[] Value)> FindAll(string beginning)
    {
        foreach (var (keyword, value) in _all)
        {
            if (keyword.StartsWith(beginning, StringComparison.Ordinal) && !_next.ContainsKey(keyword))
                yield return (keyword[beginning.Length..], value);
        }

        foreach (var (keyword, value) in _next)
        {
            if (keyword.StartsWith(beginning, StringComparison.Ordinal))
                yield return (keyword[beginning.Length..], value);
        }
    }

    /// <summary>Takes the records of a header.</summary>
    /// <param name="bytes">The header's content.</param>
    /// <param name="isForAll">Whether they hold for all members that follow.</param>
    /// <exception cref="FormatInvalidException">They are none.</exception>
    public void Add(ReadOnlySpan<byte> bytes, bool isForAll)
    {
        while (!bytes.IsEmpty)
        {
            var blank = bytes.IndexOf((byte)' ');
            var length = blank > 0 ? TarNumbers.ReadDecimal(bytes[..blank], "extended header's length") : 0;
            if (length <= blank + 1 || length > bytes.Length || bytes[(int)length - 1] != '\n')
                throw new FormatInvalidException("an extended header is damaged");
            var record = bytes[(blank + 1)..((int)length - 1)];
            bytes = bytes[(int)length..];
            var equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw new FormatInvalidException("an extended header has a record without a keyword");
            Take(Encoding.Latin1.GetString(record[..equals]), record[(equals + 1)..].ToArray(), isForAll ? _all : _next);
        }
    }

    /// <summary>Forgets what was said for one member.</summary>
    public void EndMember()
    {
        _next.Clear();
        _parts.Clear();
        _offset = null;
    }

    void Take(string keyword, byte[] value, Dictionary<string, byte[]> into)
    {
        if (keyword == "GNU.sparse.offset")
        {
            _offset = TarNumbers.ReadDecimal(value, "map of holes");
        }
        else if (keyword == "GNU.sparse.numbytes")
        {
            _parts.Add((_offset ?? throw new FormatInvalidException("a map of holes has a length without an offset"), TarNumbers.ReadDecimal(value, "map of holes")));
            _offset = null;
        }
        else
        {
            into[keyword] = value;
        }
    }
}
