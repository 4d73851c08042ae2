using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Volumes.Commits;

public sealed partial record Commit
{
    // What the binary form begins with: no directory node, indirect block or file of ours begins so.
    static ReadOnlySpan<byte> Magic => "vt commit\n"u8;

    /// <summary>The fields' numbers in the binary form. Never reused.</summary>
    enum Field
    {
        Root = 1,
        Parents = 2,
        Author = 3,
        Committer = 4,
        Message = 5,
        Labels = 6,
        Provenance = 7,
        Last = Provenance,
    }

    enum SignatureField
    {
        Name = 1,
        Email = 2,
        When = 3,
        Offset = 4,
    }

    /// <summary>The binary form: a commit has one only.</summary>
    /// <exception cref="FormatInvalidException">It would take more than <see cref="LargestEncoded"/> bytes.</exception>
    public byte[] Encode()
    {
        using var writer = new ByteWriter(1024);
        using var value = new ByteWriter();
        writer.WriteBytes(Magic);
        Root.Encode(value);
        FieldWriter.WriteNested(writer, (int)Field.Root, value, 0);
        foreach (var parent in Parents)
            value.WriteHash(parent);
        FieldWriter.WriteNested(writer, (int)Field.Parents, value, 0);
        Encode(value, Author);
        FieldWriter.WriteNested(writer, (int)Field.Author, value, 0);
        if (Committer != Author)
        {
            Encode(value, Committer);
            FieldWriter.WriteNested(writer, (int)Field.Committer, value, 0);
        }

        FieldWriter.WriteData(writer, (int)Field.Message, Message.Span);
        Encode(value, Labels);
        FieldWriter.WriteNested(writer, (int)Field.Labels, value, 0);
        Encode(value, Provenance);
        FieldWriter.WriteNested(writer, (int)Field.Provenance, value, 0);
        writer.WriteBytes(Unknown.Span);
        return writer.Length <= LargestEncoded
            ? writer.Written.ToArray()
            : throw new FormatInvalidException($"a commit of {writer.Length} bytes is over the limit of {LargestEncoded}");
    }

    /// <summary>Reads a binary form that fills the bytes given.</summary>
    /// <exception cref="FormatInvalidException">The bytes are not what <see cref="Encode()"/> gives.</exception>
    public static Commit Decode(ReadOnlySpan<byte> data)
    {
        if (!data.StartsWith(Magic))
            throw new FormatInvalidException("the block is no commit");
        try
        {
            return DecodeFields(data[Magic.Length..]);
        }
        catch (FormatInvalidException fault)
        {
            throw new FormatInvalidException($"commit: {fault.What}", Magic.Length + fault.Offset, fault);
        }
    }

    static void Encode(ByteWriter writer, Signature signature)
    {
        FieldWriter.WriteData(writer, (int)SignatureField.Name, System.Text.Encoding.UTF8.GetBytes(signature.Name));
        FieldWriter.WriteData(writer, (int)SignatureField.Email, System.Text.Encoding.UTF8.GetBytes(signature.Email));
        FieldWriter.WritePair(writer, (int)SignatureField.When, ZigZag(signature.When.Seconds), signature.When.Nanoseconds);
        FieldWriter.WriteNumber(writer, (int)SignatureField.Offset, ZigZag((long)signature.Offset.TotalMinutes));
    }

    static void Encode(ByteWriter writer, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (word, text) in InOrder(labels))
        {
            writer.WriteData(System.Text.Encoding.ASCII.GetBytes(word));
            writer.WriteData(LosslessText.ToBytes(text));
        }
    }

    static Commit DecodeFields(ReadOnlySpan<byte> data)
    {
        var fields = new Builder();
        var reader = new FieldReader(data);
        while (reader.Next())
        {
            switch ((Field)reader.Tag)
            {
                case Field.Root:
                    fields.Root = Dirent.Decode(reader.Data(Dirent.LargestEncoded));
                    break;
                case Field.Parents:
                    fields.Parents.AddRange(DecodeParents(reader.Data(LargestEncoded)));
                    break;
                case Field.Author:
                    fields.Author = DecodeSignature(reader.Data(LargestEncoded));
                    break;
                case Field.Committer:
                    fields.Committer = DecodeSignature(reader.Data(LargestEncoded));
                    break;
                case Field.Message:
                    fields.Message = reader.Data(LongestMessage).ToArray();
                    break;
                case Field.Labels:
                    DecodeLabels(reader.Data(LargestEncoded), fields.Labels);
                    break;
                case Field.Provenance:
                    DecodeLabels(reader.Data(LargestEncoded), fields.Provenance);
                    break;
                default:
                    fields.Unknown = reader.Rest((int)Field.Last);
                    break;
            }
        }

        if (fields.Committer is not null && fields.Committer == fields.Author)
            throw new FormatInvalidException("the committer is written out though it is the author");
        return fields.Build();
    }

    static List<BlockHash> DecodeParents(ReadOnlySpan<byte> data)
    {
        var parents = new List<BlockHash>();
        var reader = new ByteReader(data);
        while (!reader.AtEnd)
            parents.Add(reader.ReadHash());
        return parents;
    }

    static Signature DecodeSignature(ReadOnlySpan<byte> data)
    {
        var (name, email, when, offset) = ("", "", default(Timestamp), TimeSpan.Zero);
        var reader = new FieldReader(data);
        while (reader.Next())
        {
            switch ((SignatureField)reader.Tag)
            {
                case SignatureField.Name:
                    name = Text(reader.Data(LargestEncoded));
                    break;
                case SignatureField.Email:
                    email = Text(reader.Data(LargestEncoded));
                    break;
                case SignatureField.When:
                    var (seconds, nanoseconds) = reader.Pair();
                    when = nanoseconds < Timestamp.NanosecondsPerSecond
                        ? new Timestamp(UnZigZag(seconds), (uint)nanoseconds)
                        : throw reader.Fault($"{nanoseconds} nanoseconds are more than a second");
                    break;
                case SignatureField.Offset:
                    offset = TimeSpan.FromMinutes(UnZigZag(reader.NonZero(2 * 14 * 60)));
                    break;
                default:
                    throw reader.Fault("a signature has no such field");
            }
        }

        return new Signature(name, email, when, offset);
    }

    static void DecodeLabels(ReadOnlySpan<byte> data, Dictionary<string, string> labels)
    {
        var reader = new ByteReader(data);
        var last = "";
        while (!reader.AtEnd)
        {
            var word = Text(reader.ReadData());
            if (string.CompareOrdinal(word, last) <= 0)
                throw new FormatInvalidException($"the label '{word}' does not come after '{last}'", reader.Position);
            var bytes = reader.ReadData();
            labels[word] = LosslessText.FromBytes(bytes);
            last = word;
        }
    }

    static string Text(ReadOnlySpan<byte> data) =>
        System.Text.Unicode.Utf8.IsValid(data) ? System.Text.Encoding.UTF8.GetString(data) : throw new FormatInvalidException("a text is not UTF-8");

    static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>Collects values while a form is read.</summary>
    sealed class Builder
    {
        public Dirent? Root;
        public List<BlockHash> Parents = [];
        public Signature? Author;
        public Signature? Committer;
        public byte[]? Message;
        public Dictionary<string, string> Labels = new(StringComparer.Ordinal);
        public Dictionary<string, string> Provenance = new(StringComparer.Ordinal);
        public byte[]? Unknown;

        public Commit Build()
        {
            var author = Author ?? throw new FormatInvalidException("the author is missing");
            return new Commit
            {
                Root = Root ?? throw new FormatInvalidException("the root is missing"),
                Parents = Parents,
                Author = author,
                Committer = Committer ?? author,
                Message = Message,
                Labels = Labels,
                Provenance = Provenance,
                Unknown = Unknown,
            };
        }
    }
}
