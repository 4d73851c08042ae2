using System.Globalization;
using System.Text;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.S3;

/// <summary>What a store is made with and keeps for ever: the content of its object <c>vt-store</c>.</summary>
sealed record S3Config
{
    /// <summary>The longest text that is read, in bytes.</summary>
    public const int LongestText = 64 << 10;

    const string FirstWord = "vt s3 ";
    const string Version = "1";
    const string CheckKey = "check";
    const string LayoutPacks = "packs";
    const string LayoutObjects = "objects";
    const string Conditional = "conditional";
    const string SingleWriter = "single-writer";

    /// <summary>Tells this store from others.</summary>
    public PackId Id { get; init; } = PackId.Create();

    /// <summary>The algorithm that names blocks.</summary>
    public HashAlgorithmId Hash { get; init; } = HashAlgorithms.Default;

    /// <summary>How writers cut content.</summary>
    public ChunkingParameters Chunking { get; init; } = ChunkingParameters.Default;

    /// <summary>The zstd level of new frames.</summary>
    public int Level { get; init; } = 1;

    /// <summary>How large a pack grows, in bytes.</summary>
    public long PackSize { get; init; } = 16 << 20;

    /// <summary>Whether each block is an object of its own.</summary>
    public bool IsObjectPerBlock { get; init; }

    /// <summary>Whether references are moved without conditions, which is only right while one process moves them.</summary>
    public bool IsSingleWriter { get; init; }

    /// <summary>The object's bytes.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{FirstWord}{Version}\nid = {Id}\nhash = {HashAlgorithms.NameOf(Hash)}\n");
        text.Append(CultureInfo.InvariantCulture, $"chunk-rule = {Chunking.Rule}\nchunk-minimum = {Chunking.Minimum}\n");
        text.Append(CultureInfo.InvariantCulture, $"chunk-average = {Chunking.Average}\nchunk-maximum = {Chunking.Maximum}\n");
        text.Append(CultureInfo.InvariantCulture, $"layout = {(IsObjectPerBlock ? LayoutObjects : LayoutPacks)}\ncodec = zstd\nlevel = {Level}\n");
        text.Append(CultureInfo.InvariantCulture, $"pack-size = {PackSize}\nreferences = {(IsSingleWriter ? SingleWriter : Conditional)}\n");
        var check = Crc32C.Compute(Encoding.ASCII.GetBytes(text.ToString()));
        text.Append(CultureInfo.InvariantCulture, $"{CheckKey} = {check:x8}\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Reads the object's bytes.</summary>
    /// <exception cref="FormatInvalidException">They are damaged, or of another version.</exception>
    public static S3Config Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LongestText)
            throw new FormatInvalidException($"{bytes.Length} bytes are no description of a store");
        var text = Encoding.Latin1.GetString(bytes);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var first = end < 0 ? text : text[..end];
        if (!first.StartsWith(FirstWord, StringComparison.Ordinal))
            throw new FormatInvalidException("this does not describe a store");

        // Before the checksum: another version may have another one.
        if (first[FirstWord.Length..] != Version)
            throw new FormatInvalidException($"the store is of version {first[FirstWord.Length..]}, and this vt knows only {Version}");
        var check = text.LastIndexOf($"\n{CheckKey} = ", StringComparison.Ordinal) + 1;
        if (check == 0)
            throw new FormatInvalidException("it does not end in its checksum", bytes.Length);
        if (text[check..] != string.Create(CultureInfo.InvariantCulture, $"{CheckKey} = {Crc32C.Compute(bytes[..check]):x8}\n"))
            throw new FormatInvalidException("it does not match its checksum", check);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text[(end + 1)..(check - 1)].Split('\n'))
        {
            var sign = line.IndexOf(" = ", StringComparison.Ordinal);
            if (sign < 0 || !values.TryAdd(line[..sign], line[(sign + 3)..]))
                throw new FormatInvalidException("a line is no setting, or stands there twice");
        }

        var config = FromValues(values);
        return values.Count == 0 ? config : throw new FormatInvalidException($"the setting \"{values.Keys.First()}\" is not known");
    }

    static S3Config FromValues(Dictionary<string, string> values)
    {
        var name = Take(values, "hash");
        if (!HashAlgorithms.TryParseName(name, out var hash) || HashAlgorithms.DigestLength(hash) != BlockHash.MaxDigestLength)
            throw new FormatInvalidException($"hash algorithm \"{name}\" is not known");
        if (!PackId.TryParse(Take(values, "id"), out var id))
            throw new FormatInvalidException("its id is not 32 hexadecimal digits");
        if (Take(values, "codec") != "zstd")
            throw new FormatInvalidException("its codec is not known");
        var config = new S3Config
        {
            Id = id,
            Hash = hash,
            Chunking = new ChunkingParameters
            {
                Rule = (int)TakeNumber(values, "chunk-rule", 0, int.MaxValue),
                Minimum = (int)TakeNumber(values, "chunk-minimum", 1, ChunkingParameters.LargestBlock),
                Average = (int)TakeNumber(values, "chunk-average", 1, ChunkingParameters.LargestBlock),
                Maximum = (int)TakeNumber(values, "chunk-maximum", 1, ChunkingParameters.LargestBlock),
            },
            Level = (int)TakeNumber(values, "level", -7, 19),
            PackSize = TakeNumber(values, "pack-size", Config.S3Settings.SmallestPack, Config.S3Settings.LargestPack),
            IsObjectPerBlock = TakeWord(values, "layout", LayoutPacks, LayoutObjects),
            IsSingleWriter = TakeWord(values, "references", Conditional, SingleWriter),
        };
        return config.Chunking.Minimum <= config.Chunking.Average && config.Chunking.Average <= config.Chunking.Maximum
            ? config
            : throw new FormatInvalidException("its chunk sizes are not in order");
    }

    static string Take(Dictionary<string, string> values, string key) =>
        values.Remove(key, out var value) ? value : throw new FormatInvalidException($"the setting \"{key}\" is missing");

    static bool TakeWord(Dictionary<string, string> values, string key, string no, string yes)
    {
        var value = Take(values, key);
        return value == yes || (value == no ? false : throw new FormatInvalidException($"{key} = {value} is not known"));
    }

    static long TakeNumber(Dictionary<string, string> values, string key, long least, long most) =>
        long.TryParse(Take(values, key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatInvalidException($"{key} is no number from {least} to {most}");
}
