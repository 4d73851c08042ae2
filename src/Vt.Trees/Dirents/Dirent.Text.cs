using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Meta;

namespace Vt.Trees.Dirents;

public sealed partial record Dirent
{
    /// <summary>The letters that stand for the kinds in text forms, by the kinds' numbers.</summary>
    const string Letters = "?FDYPKCVHW";

    /// <summary>The letter that stands for a kind in text forms: F(ile), D(irectory), (s)Y(mlink), P(ipe), (soc)K(et),
    /// C(haracter device), (block de)V(ice), H(ard link: indirect), W(hiteout). Block references start with other letters.</summary>
    public static char LetterOf(DirentKind kind) => Letters[(int)kind];

    /// <summary>The text form, one word without white space: <c>D{name:"src",mode:0755,…,ref:…}</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(256);
        text.Append(LetterOf(_kind)).Append('{');
        FieldText.AppendBytes(text, "name", _name.Span);
        if (Uuid is { } uuid)
            FieldText.Start(text, "uuid").Append(uuid.ToString("D"));
        Metadata.AppendFields(text);
        FieldText.AppendRef(text, "ref", Content);
        FieldText.AppendRef(text, "previous", Previous);
        FieldText.AppendRef(text, "inodes", Inodes);
        FieldText.AppendHex(text, "more", Unknown.Span);
        return text.Append('}').ToString();
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatInvalidException">The text is not such a form; the offset says where, in characters.</exception>
    public static Dirent Parse(ReadOnlySpan<char> text)
    {
        var reader = new CharReader(text);
        var dirent = Parse(ref reader);
        return reader.AtEnd ? dirent : throw reader.Fault("nothing should follow a dirent");
    }

    /// <summary>Reads a text form.</summary>
    /// <returns>Whether the text was exactly such a form.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Dirent? dirent)
    {
        try
        {
            dirent = Parse(text);
            return true;
        }
        catch (FormatInvalidException)
        {
            dirent = null;
            return false;
        }
    }

    /// <summary>Reads the text form that comes next.</summary>
    /// <exception cref="FormatInvalidException">The text is not such a form; the offset says where, in characters.</exception>
    public static Dirent Parse(ref CharReader reader)
    {
        var start = reader.Position;
        var kind = Letters.IndexOf(reader.Peek(), StringComparison.Ordinal);
        if (kind <= 0)
            throw reader.Fault($"a dirent starts with one of {Letters[1..]}");
        reader.Skip(1);
        reader.Expect("{");
        var fields = new Builder { Kind = (DirentKind)kind };
        var metadata = new Metadata.Builder();
        var seen = (Own: 0, Metadata: 0);
        while (!reader.TrySkip("}"))
        {
            if (seen != default)
                reader.Expect(",");
            var at = reader.Position;
            var name = reader.ReadWord();
            reader.Expect(":");
            if (!TryParseField(ref reader, name, ref fields, ref seen.Own, at)
                && !Metadata.TryParseField(ref reader, name, ref metadata, ref seen.Metadata, at))
                throw CharReader.FaultAt(at, $"a dirent has no field '{name}'");
        }

        try
        {
            if (seen.Metadata != 0)
                fields.Metadata = metadata.Build();
            return fields.Build();
        }
        catch (FormatInvalidException fault)
        {
            throw CharReader.FaultAt(start, fault.What);
        }
    }

    static bool TryParseField(ref CharReader reader, ReadOnlySpan<char> name, ref Builder fields, ref int seen, int at)
    {
        var field = FieldNamed(name);
        if (field == Field.None)
            return false;
        if ((seen & (1 << (int)field)) != 0)
            throw CharReader.FaultAt(at, $"field '{name}' comes twice");
        seen |= 1 << (int)field;
        var start = reader.Position;
        switch (field)
        {
            case Field.Name:
                fields.Name = reader.ReadQuoted();
                if (CheckName(fields.Name) is { } fault)
                    throw CharReader.FaultAt(start, fault);
                break;
            case Field.Uuid:
                fields.Uuid = FieldText.ReadUuid(ref reader);
                break;
            case Field.Content:
                fields.Content = RefForms.Parse(ref reader);
                break;
            case Field.Previous:
                fields.Previous = RefForms.Parse(ref reader);
                break;
            case Field.Inodes:
                fields.Inodes = RefForms.Parse(ref reader);
                break;
            default:
                fields.Unknown = FieldText.ReadHex(ref reader, (int)Field.Last);
                break;
        }

        return true;
    }

    static Field FieldNamed(ReadOnlySpan<char> name) => name switch
    {
        "name" => Field.Name,
        "uuid" => Field.Uuid,
        "ref" => Field.Content,
        "previous" => Field.Previous,
        "inodes" => Field.Inodes,
        "more" => Field.Last + 1,
        _ => Field.None,
    };
}
