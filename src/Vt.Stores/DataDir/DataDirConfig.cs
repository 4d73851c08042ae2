using System.Globalization;
using System.Text;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir;

/// <summary>
/// What a DataDir is made with and keeps for ever: the content of its file <c>config</c>, described in vt-datadir(5). Give it to
/// <see cref="DataDirStore.Initialise"/>.
/// </summary>
public sealed record DataDirConfig
{
    /// <summary>The smallest pack size that may be asked for, in bytes.</summary>
    public const long SmallestPack = 1 << 20;

    /// <summary>The largest pack size that may be asked for, in bytes: 16 GiB, half of what places can reach.</summary>
    public const long LargestPack = 1L << 34;

    const string FirstLine = "vt datadir 1";
    const string CheckKey = "check";

    // A random UUID's 122 bits are plenty, and unlike the cryptographic generator they don't load a library at every start.
    /// <summary>Tells this store from others: 32 hexadecimal digits, random.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("n");

    /// <summary>The algorithm that names blocks.</summary>
    public HashAlgorithmId Hash { get; init; } = HashAlgorithms.Default;

    /// <summary>How writers cut content.</summary>
    public ChunkingParameters Chunking { get; init; } = ChunkingParameters.Default;

    /// <summary>The zstd level of new frames, from -7 to 19.</summary>
    public int Level { get; init; } = 1;

    /// <summary>How large a pack grows before the next is begun, in bytes; one with 65,536 blocks is full before that.</summary>
    public long PackSize { get; init; } = 256 << 20;

    /// <summary>The id in binary, as pack headers have it.</summary>
    internal Index.PackId StoreId => Index.PackId.TryParse(Id, out var id) ? id : throw new FormatInvalidException($"id {Id} is not 32 hexadecimal digits");

    /// <summary>The file's text.</summary>
    internal string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{FirstLine}\nid = {Id}\nhash = {HashAlgorithms.NameOf(Hash)}\n");
        text.Append(CultureInfo.InvariantCulture, $"chunk-rule = {Chunking.Rule}\nchunk-minimum = {Chunking.Minimum}\n");
        text.Append(CultureInfo.InvariantCulture, $"chunk-average = {Chunking.Average}\nchunk-maximum = {Chunking.Maximum}\n");
        text.Append(CultureInfo.InvariantCulture, $"codec = zstd\nlevel = {Level}\npack-size = {PackSize}\n");
        var check = Crc32C.Compute(Encoding.UTF8.GetBytes(text.ToString()));
        text.Append(CultureInfo.InvariantCulture, $"{CheckKey} = {check:x8}\n");
        return text.ToString();
    }

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="FormatInvalidException">It is damaged, or of another version.</exception>
    internal static DataDirConfig Parse(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var check = text.LastIndexOf($"\n{CheckKey} = ", StringComparison.Ordinal) + 1;
        if (check == 0)
            throw new FormatInvalidException("the file does not end in its checksum", bytes.Length);
        var expected = string.Create(CultureInfo.InvariantCulture, $"{CheckKey} = {Crc32C.Compute(bytes[..check]):x8}\n");
        if (text[check..] != expected)
            throw new FormatInvalidException("the file does not match its checksum", check);
        var lines = text[..(check - 1)].Split('\n');
        if (lines[0] != FirstLine)
            throw new FormatInvalidException($"\"{lines[0]}\" is not \"{FirstLine}\": this is of another version");
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.AsSpan(1))
        {
            var sign = line.IndexOf(" = ", StringComparison.Ordinal);
            if (sign < 0 || !values.TryAdd(line[..sign], line[(sign + 3)..]))
                throw new FormatInvalidException($"\"{line}\" is no setting, or stands there twice");
        }

        var config = FromValues(values);
        return values.Count == 0 ? config : throw new FormatInvalidException($"the setting \"{values.Keys.First()}\" is not known");
    }

    /// <summary>Refuses values that no store can be made with.</summary>
    /// <exception cref="UserErrorException">What is wrong.</exception>
    internal void Check()
    {
        if (Fault() is { } fault)
            throw new UserErrorException(fault);
    }

    static DataDirConfig FromValues(Dictionary<string, string> values)
    {
        var name = Take(values, "hash");
        if (!HashAlgorithms.TryParseName(name, out var hash))
            throw new FormatInvalidException($"hash algorithm \"{name}\" is not known");
        if (Take(values, "codec") is not "zstd" and var codec)
            throw new FormatInvalidException($"codec \"{codec}\" is not known");
        var config = new DataDirConfig
        {
            Id = Take(values, "id"),
            Hash = hash,
            Chunking = new ChunkingParameters
            {
                Rule = (int)TakeNumber(values, "chunk-rule"),
                Minimum = (int)TakeNumber(values, "chunk-minimum"),
                Average = (int)TakeNumber(values, "chunk-average"),
                Maximum = (int)TakeNumber(values, "chunk-maximum"),
            },
            Level = (int)TakeNumber(values, "level"),
            PackSize = TakeNumber(values, "pack-size"),
        };
        return config.Fault() is { } fault ? throw new FormatInvalidException(fault) : config;
    }

    static string Take(Dictionary<string, string> values, string key) =>
        values.Remove(key, out var value) ? value : throw new FormatInvalidException($"the setting \"{key}\" is missing");

    static long TakeNumber(Dictionary<string, string> values, string key)
    {
        var value = Take(values, key);
        return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && (key == "pack-size" || number is >= int.MinValue and <= int.MaxValue)
                ? number
                : throw new FormatInvalidException($"{key} = {value} is no number");
    }

    string? Fault()
    {
        if (Id.Length != 32 || !Index.PackId.TryParse(Id, out _))
            return $"id {Id} is not 32 hexadecimal digits";
        if (HashAlgorithms.DigestLength(Hash) != BlockHash.MaxDigestLength)
            return $"hash algorithm {(int)Hash} is not known";
        if (Level is < -7 or > 19)
            return $"zstd level {Level} is not within -7 and 19";
        if (PackSize is < SmallestPack or > LargestPack)
            return $"a pack size of {PackSize} bytes is not within {SmallestPack} and {LargestPack}";
        return Chunking.Minimum < 1 || Chunking.Average < Chunking.Minimum || Chunking.Maximum < Chunking.Average
            || Chunking.Maximum > ChunkingParameters.LargestBlock
                ? $"chunks of {Chunking.Minimum}, {Chunking.Average}, {Chunking.Maximum} bytes are not in order, or over {ChunkingParameters.LargestBlock}"
                : null;
    }
}
