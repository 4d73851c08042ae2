using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Volumes.Commits;

public sealed partial record Commit
{
    /// <summary>What the text form begins with. No dirent or block reference does.</summary>
    public const string TextStart = "M{";

    /// <summary>The text form, one word without white space: <c>M{root:D{…},parent:HASH,author:"Ann\x20&lt;ann@example.org&gt;",authored:…}</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(TextStart, 1024);
        FieldText.Start(text, "root").Append(Root);
        foreach (var parent in Parents)
            FieldText.Start(text, "parent").Append(parent);
        AppendSignature(text, Author, "author", "authored", "zone");
        if (Committer != Author)
            AppendSignature(text, Committer, "committer", "committed", "committerzone");
        FieldText.AppendBytes(text, "message", Message.Span);
        AppendLabels(text, "label", Labels);
        AppendLabels(text, "from", Provenance);
        FieldText.AppendHex(text, "more", Unknown.Span);
        return text.Append('}').ToString();
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatInvalidException">The text is not such a form; the offset says where, in characters.</exception>
    public static Commit Parse(ReadOnlySpan<char> text)
    {
        var reader = new CharReader(text);
        var commit = Parse(ref reader);
        return reader.AtEnd ? commit : throw reader.Fault("nothing should follow a commit");
    }

    /// <summary>Reads the text form that comes next.</summary>
    /// <exception cref="FormatInvalidException">The text is not such a form; the offset says where, in characters.</exception>
    public static Commit Parse(ref CharReader reader)
    {
        var start = reader.Position;
        reader.Expect(TextStart);
        var fields = new TextFields();
        for (var isFirst = true; !reader.TrySkip("}"); isFirst = false)
        {
            if (!isFirst)
                reader.Expect(",");
            var at = reader.Position;
            var name = reader.ReadWord();
            reader.Expect(":");
            fields.Read(ref reader, name.ToString(), at);
        }

        try
        {
            return fields.Build();
        }
        catch (FormatInvalidException fault)
        {
            throw CharReader.FaultAt(start, fault.What);
        }
    }

    static void AppendSignature(StringBuilder text, Signature signature, string person, string time, string zone)
    {
        FieldText.AppendBytes(text, person, System.Text.Encoding.UTF8.GetBytes(signature.Person));
        FieldText.AppendTime(text, time, signature.When);
        if (signature.Offset != TimeSpan.Zero)
            FieldText.Start(text, zone).Append(signature.Offset < TimeSpan.Zero ? '-' : '+').Append(signature.Offset.ToString("hhmm", CultureInfo.InvariantCulture));
    }

    static void AppendLabels(StringBuilder text, string field, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (word, value) in InOrder(labels))
            FieldText.AppendBytes(text, field, LosslessText.ToBytes($"{word}={value}"));
    }

    /// <summary>Collects the fields of a text form.</summary>
    sealed class TextFields
    {
        readonly Builder _fields = new();
        readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        (string Name, string Email)? _author;
        (string Name, string Email)? _committer;
        Timestamp? _authored;
        Timestamp? _committed;
        TimeSpan _zone;
        TimeSpan _committerZone;

        public void Read(ref CharReader reader, string name, int at)
        {
            if (name is not ("parent" or "label" or "from") && !_seen.Add(name))
                throw CharReader.FaultAt(at, $"field '{name}' comes twice");
            switch (name)
            {
                case "root":
                    _fields.Root = Dirent.Parse(ref reader);
                    break;
                case "parent":
                    _fields.Parents.Add(BlockHash.TryParse(reader.ReadWord(), out var parent) ? parent : throw reader.Fault("a hash is wanted"));
                    break;
                case "author":
                    _author = ReadPerson(ref reader);
                    break;
                case "authored":
                    _authored = FieldText.ReadTime(ref reader);
                    break;
                case "zone":
                    _zone = ReadZone(ref reader);
                    break;
                case "committer":
                    _committer = ReadPerson(ref reader);
                    break;
                case "committed":
                    _committed = FieldText.ReadTime(ref reader);
                    break;
                case "committerzone":
                    _committerZone = ReadZone(ref reader);
                    break;
                case "message":
                    _fields.Message = reader.ReadQuoted();
                    break;
                case "label":
                    ReadLabel(ref reader, _fields.Labels);
                    break;
                case "from":
                    ReadLabel(ref reader, _fields.Provenance);
                    break;
                case "more":
                    _fields.Unknown = FieldText.ReadHex(ref reader, (int)Field.Last);
                    break;
                default:
                    throw CharReader.FaultAt(at, $"a commit has no field '{name}'");
            }
        }

        public Commit Build()
        {
            if (_author is not { } author || _authored is not { } authored)
                throw new FormatInvalidException("a commit needs author and authored");
            if (_committer is null != _committed is null || (_committer is null && _committerZone != TimeSpan.Zero))
                throw new FormatInvalidException("committer, committed and committerzone belong together");
            _fields.Author = new Signature(author.Name, author.Email, authored, _zone);
            if (_committer is { } committer)
                _fields.Committer = new Signature(committer.Name, committer.Email, _committed!.Value, _committerZone);
            return _fields.Build();
        }

        static (string Name, string Email) ReadPerson(ref CharReader reader)
        {
            var at = reader.Position;
            var bytes = reader.ReadQuoted();
            return System.Text.Unicode.Utf8.IsValid(bytes) && Signature.TryParsePerson(System.Text.Encoding.UTF8.GetString(bytes), out var name, out var email)
                ? (name, email)
                : throw CharReader.FaultAt(at, "a person is written \"Name <address>\"");
        }

        static TimeSpan ReadZone(ref CharReader reader)
        {
            var rest = reader.Rest;
            if (rest.Length < 5 || rest[0] is not ('+' or '-') || !TimeSpan.TryParseExact(rest[1..5], "hhmm", CultureInfo.InvariantCulture, out var zone))
                throw reader.Fault("a distance from UTC is written +0100");
            var isNegative = rest[0] == '-';
            reader.Skip(5);
            return isNegative ? -zone : zone;
        }

        static void ReadLabel(ref CharReader reader, Dictionary<string, string> labels)
        {
            var at = reader.Position;
            var bytes = reader.ReadQuoted().AsSpan();
            var equals = bytes.IndexOf((byte)'=');
            if (equals < 0 || !labels.TryAdd(LosslessText.FromBytes(bytes[..equals]), LosslessText.FromBytes(bytes[(equals + 1)..])))
                throw CharReader.FaultAt(at, "a label is written \"word=text\", and each word once");
        }
    }
}
