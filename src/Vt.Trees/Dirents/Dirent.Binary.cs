using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Meta;

namespace Vt.Trees.Dirents;

public sealed partial record Dirent
{
    /// <summary>The fields' numbers in the binary form. Never reused.</summary>
    enum Field
    {
        None = 0,
        Kind = 1,
        Name = 2,
        Uuid = 3,
        Metadata = 4,
        Content = 5,
        Previous = 6,
        Inodes = 7,
        Last = Inodes,
    }

    /// <summary>Writes the binary form: its length, then the fields that have a value, in the order of their numbers.</summary>
    /// <exception cref="FormatInvalidException">The form would take more than <see cref="LargestEncoded"/> bytes.</exception>
    public void Encode(ByteWriter writer)
    {
        using var body = new ByteWriter();
        EncodeFields(body);
        if (body.Length + 2 > LargestEncoded)
            throw new FormatInvalidException($"a dirent of {body.Length + 2} bytes is over the limit of {LargestEncoded}");
        writer.WriteData(body.Written);
    }

    /// <summary>The binary form by itself.</summary>
    public byte[] Encode()
    {
        using var writer = new ByteWriter();
        Encode(writer);
        return writer.Written.ToArray();
    }

    /// <summary>Reads a binary form that fills the bytes given.</summary>
    /// <exception cref="FormatInvalidException">The bytes are not what <see cref="Encode(ByteWriter)"/> writes.</exception>
    public static Dirent Decode(ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data);
        var dirent = Decode(ref reader);
        return reader.AtEnd ? dirent : throw new FormatInvalidException($"{reader.Remaining} bytes follow a dirent", reader.Position);
    }

    /// <summary>Reads the binary form that comes next.</summary>
    /// <exception cref="FormatInvalidException">The bytes are not what <see cref="Encode(ByteWriter)"/> writes.</exception>
    public static Dirent Decode(ref ByteReader reader)
    {
        var body = reader.ReadBytes(reader.ReadLength(LargestEncoded - 2));
        var start = reader.Position - body.Length;
        try
        {
            return DecodeFields(body);
        }
        catch (FormatInvalidException fault)
        {
            throw new FormatInvalidException($"dirent: {fault.What}", start + fault.Offset, fault);
        }
    }

    /// <summary>Finds kind and key in the fields of a binary form without decoding the rest.</summary>
    /// <param name="fields">The form without its length.</param>
    /// <param name="uuid">Whether the key is the UUID and there must be no name, or the name.</param>
    /// <returns>The kind, and where in the fields the key lies: nowhere if it is missing.</returns>
    /// <exception cref="FormatInvalidException">The bytes don't begin as a dirent.</exception>
    internal static (DirentKind Kind, Range Key) LocateKey(ReadOnlySpan<byte> fields, bool uuid)
    {
        var reader = new ByteReader(fields);
        var kindAt = reader.ReadByte() == (((int)Field.Kind << 2) | (int)WireType.Number) ? reader.ReadByte() : 0;
        if (kindAt is 0 or > (int)DirentKind.Whiteout)
            throw new FormatInvalidException("a dirent does not begin with its kind");
        var wanted = ((uuid ? (int)Field.Uuid : (int)Field.Name) << 2) | (int)WireType.Data;
        if (reader.AtEnd || reader.ReadByte() != wanted)
            return ((DirentKind)kindAt, default);
        var length = reader.ReadLength(uuid ? 16 : LongestName);
        var start = reader.Position;
        reader.ReadBytes(length);
        return ((DirentKind)kindAt, uuid && length != 16 ? default : start..reader.Position);
    }

    /// <summary>Reads a little of a binary form without anything being allocated, and without a check of the rest.</summary>
    /// <param name="data">The form with its length.</param>
    /// <exception cref="FormatInvalidException">The bytes are no record of fields.</exception>
    internal static DirentOutline Outline(ReadOnlySpan<byte> data)
    {
        var form = new ByteReader(data);
        var reader = new FieldReader(form.ReadBytes(form.ReadLength(LargestEncoded - 2)));
        var outline = default(DirentOutline);
        while (reader.Next())
        {
            switch ((Field)reader.Tag)
            {
                case Field.Uuid:
                    outline = outline with { HasUuid = true };
                    reader.Skip();
                    break;
                case Field.Metadata:
                    outline = outline with { HoleSpan = Metadata.ReadHoleSpan(reader.Data(LargestEncoded)) };
                    break;
                case Field.Content:
                    var content = new ByteReader(reader.Data(LargestEncoded));
                    return outline with { Size = BlockRef.ReadSpan(ref content) };
                default:
                    reader.Skip();
                    break;
            }
        }

        return outline;
    }

    void EncodeFields(ByteWriter body)
    {
        FieldWriter.WriteNumber(body, (int)Field.Kind, (ulong)_kind);
        FieldWriter.WriteData(body, (int)Field.Name, _name.Span);
        if (Uuid is { } uuid)
        {
            Span<byte> bytes = stackalloc byte[16];
            uuid.TryWriteBytes(bytes, bigEndian: true, out _);
            FieldWriter.WriteData(body, (int)Field.Uuid, bytes);
        }

        using var value = new ByteWriter();
        Metadata.Encode(value);
        FieldWriter.WriteNested(body, (int)Field.Metadata, value, 0);
        WriteRef(body, value, Field.Content, Content);
        WriteRef(body, value, Field.Previous, Previous);
        WriteRef(body, value, Field.Inodes, Inodes);
        body.WriteBytes(Unknown.Span);
    }

    static void WriteRef(ByteWriter body, ByteWriter scratch, Field field, in BlockRef value)
    {
        if (value.Span == 0)
            return;
        RefForms.Encode(scratch, value);
        FieldWriter.WriteNested(body, (int)field, scratch, 0);
    }

    static Dirent DecodeFields(ReadOnlySpan<byte> data)
    {
        var fields = new Builder();
        var reader = new FieldReader(data);
        while (reader.Next())
        {
            switch ((Field)reader.Tag)
            {
                case Field.Kind:
                    fields.Kind = (DirentKind)reader.NonZero((ulong)DirentKind.Whiteout);
                    break;
                case Field.Name:
                    fields.Name = reader.Data(LongestName).ToArray();
                    break;
                case Field.Uuid:
                    fields.Uuid = ReadUuid(ref reader);
                    break;
                case Field.Metadata:
                    fields.Metadata = Metadata.Decode(reader.Data(LargestEncoded));
                    break;
                case Field.Content:
                    fields.Content = RefForms.Decode(reader.Data(LargestEncoded));
                    break;
                case Field.Previous:
                    fields.Previous = RefForms.Decode(reader.Data(LargestEncoded));
                    break;
                case Field.Inodes:
                    fields.Inodes = RefForms.Decode(reader.Data(LargestEncoded));
                    break;
                default:
                    fields.Unknown = reader.Rest((int)Field.Last);
                    break;
            }
        }

        return fields.Build();
    }

    static Guid ReadUuid(ref FieldReader reader)
    {
        var bytes = reader.Data(16);
        return bytes.Length == 16 ? new Guid(bytes, bigEndian: true) : throw reader.Fault($"a UUID has {bytes.Length} bytes");
    }

    /// <summary>Collects values while a form is read.</summary>
    struct Builder()
    {
        public DirentKind Kind;
        public byte[]? Name;
        public Guid? Uuid;
        public Metadata Metadata = Metadata.Empty;
        public BlockRef Content;
        public BlockRef Previous;
        public BlockRef Inodes;
        public byte[]? Unknown;

        public readonly Dirent Build() => Kind == DirentKind.None
            ? throw new FormatInvalidException("the kind is missing")
            : new Dirent
            {
                Kind = Kind,
                Name = Name,
                Uuid = Uuid,
                Metadata = Metadata,
                Content = Content,
                Previous = Previous,
                Inodes = Inodes,
                Unknown = Unknown,
            };
    }
}
