using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Trees.Meta;

public sealed partial record Metadata
{
    /// <summary>The fields' numbers in the binary form. Never reused.</summary>
    enum Field
    {
        None = 0,
        Mode = 1,
        Uid = 2,
        Gid = 3,
        ModificationTime = 4,
        ChangeTime = 5,
        BirthTime = 6,
        UserName = 7,
        GroupName = 8,
        Device = 9,
        Xattrs = 10,
        StoredXattrs = 11,
        LinkCount = 12,
        SourceInode = 13,
        HoleSpan = 14,
        AccessTime = 15,
        Last = AccessTime,
    }

    /// <summary>Writes the binary form: the fields that have a value, in the order of their numbers.</summary>
    public void Encode(ByteWriter writer)
    {
        FieldWriter.WriteNumber(writer, (int)Field.Mode, _mode);
        FieldWriter.WriteNumber(writer, (int)Field.Uid, Uid);
        FieldWriter.WriteNumber(writer, (int)Field.Gid, Gid);
        WriteTime(writer, Field.ModificationTime, _modificationTime);
        WriteTime(writer, Field.ChangeTime, _changeTime);
        WriteTime(writer, Field.BirthTime, _birthTime);
        FieldWriter.WriteData(writer, (int)Field.UserName, _userName.Span);
        FieldWriter.WriteData(writer, (int)Field.GroupName, _groupName.Span);
        if (Device is { } device)
            FieldWriter.WritePair(writer, (int)Field.Device, device.Major, device.Minor);
        WriteXattrs(writer);
        FieldWriter.WriteNumber(writer, (int)Field.LinkCount, LinkCount);
        FieldWriter.WriteNumber(writer, (int)Field.SourceInode, SourceInode);
        FieldWriter.WriteNumber(writer, (int)Field.HoleSpan, HoleSpan);
        WriteTime(writer, Field.AccessTime, _accessTime);
        writer.WriteBytes(Unknown.Span);
    }

    /// <summary>Reads the binary form.</summary>
    /// <param name="data">The form and nothing else; empty gives <see cref="Empty"/>. Copied where kept.</param>
    /// <exception cref="FormatInvalidException">The bytes are not what <see cref="Encode"/> writes.</exception>
    public static Metadata Decode(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return Empty;
        var fields = new Builder();
        var reader = new FieldReader(data);
        while (reader.Next())
        {
            switch ((Field)reader.Tag)
            {
                case Field.Mode:
                    fields.Mode = (uint)reader.NonZero(PermissionMask);
                    break;
                case Field.Uid:
                    fields.Uid = (uint)reader.NonZero(uint.MaxValue);
                    break;
                case Field.Gid:
                    fields.Gid = (uint)reader.NonZero(uint.MaxValue);
                    break;
                case Field.ModificationTime:
                    fields.ModificationTime = ReadTime(ref reader);
                    break;
                case Field.ChangeTime:
                    fields.ChangeTime = ReadTime(ref reader);
                    break;
                case Field.BirthTime:
                    fields.BirthTime = ReadTime(ref reader);
                    break;
                case Field.UserName:
                    fields.UserName = reader.Data(LongestOwnerName).ToArray();
                    break;
                case Field.GroupName:
                    fields.GroupName = reader.Data(LongestOwnerName).ToArray();
                    break;
                case Field.Device:
                    fields.Device = ReadDevice(ref reader);
                    break;
                case Field.Xattrs:
                    fields.Xattrs = XattrSet.Decode(reader.Data(XattrSet.LargestInline));
                    break;
                case Field.StoredXattrs:
                    fields.Xattrs = fields.Xattrs.IsEmpty ? XattrSet.In(RefForms.Decode(reader.Data(int.MaxValue))) : throw reader.Fault("attributes are both here and stored");
                    break;
                case Field.LinkCount:
                    fields.LinkCount = (uint)reader.NonZero(uint.MaxValue);
                    break;
                case Field.SourceInode:
                    fields.SourceInode = reader.NonZero(ulong.MaxValue);
                    break;
                case Field.HoleSpan:
                    fields.HoleSpan = reader.NonZero(long.MaxValue);
                    break;
                case Field.AccessTime:
                    fields.AccessTime = ReadTime(ref reader);
                    break;
                default:
                    fields.Unknown = reader.Rest((int)Field.Last);
                    break;
            }
        }

        return fields.Build();
    }

    /// <summary>Reads of a binary form only <see cref="HoleSpan"/>.</summary>
    /// <exception cref="FormatInvalidException">The bytes are no record of fields.</exception>
    internal static ulong ReadHoleSpan(ReadOnlySpan<byte> data)
    {
        var reader = new FieldReader(data);
        while (reader.Next())
        {
            if (reader.Tag == (int)Field.HoleSpan)
                return reader.NonZero(long.MaxValue);
            reader.Skip();
        }

        return 0;
    }

    void WriteXattrs(ByteWriter writer)
    {
        if (Xattrs.IsEmpty)
            return;
        if (!Xattrs.IsStored && Xattrs.EncodedLength > XattrSet.LargestInline)
            throw new InvalidOperationException($"{Xattrs.EncodedLength} bytes of attributes have to be moved into the store first");
        using var value = new ByteWriter();
        if (Xattrs.IsStored)
            RefForms.Encode(value, Xattrs.Stored);
        else
            Xattrs.Encode(value);
        FieldWriter.WriteData(writer, (int)(Xattrs.IsStored ? Field.StoredXattrs : Field.Xattrs), value.Written);
    }

    static void WriteTime(ByteWriter writer, Field field, Timestamp? time)
    {
        if (time is { } value)
            FieldWriter.WritePair(writer, (int)field, (ulong)((value.Seconds << 1) ^ (value.Seconds >> 63)), value.Nanoseconds);
    }

    static Timestamp ReadTime(ref FieldReader reader)
    {
        var (seconds, nanoseconds) = reader.Pair();
        if (nanoseconds >= Timestamp.NanosecondsPerSecond)
            throw reader.Fault($"{nanoseconds} nanoseconds are a second or more");
        return new Timestamp((long)(seconds >> 1) ^ -(long)(seconds & 1), (uint)nanoseconds);
    }

    static DeviceId ReadDevice(ref FieldReader reader)
    {
        var (major, minor) = reader.Pair();
        if (major > uint.MaxValue || minor > uint.MaxValue)
            throw reader.Fault("a device's number has more than 32 bits");
        return new DeviceId((uint)major, (uint)minor);
    }

    /// <summary>Collects values while a form is read.</summary>
    internal struct Builder()
    {
        public uint Mode;
        public uint Uid;
        public uint Gid;
        public Timestamp? ModificationTime;
        public Timestamp? ChangeTime;
        public Timestamp? BirthTime;
        public byte[]? UserName;
        public byte[]? GroupName;
        public DeviceId? Device;
        public XattrSet Xattrs = XattrSet.Empty;
        public uint LinkCount;
        public ulong SourceInode;
        public ulong HoleSpan;
        public Timestamp? AccessTime;
        public byte[]? Unknown;

        public readonly Metadata Build()
        {
            if (Unknown is { Length: > LargestUnknown })
                throw new FormatInvalidException($"{Unknown.Length} bytes of unknown metadata are over the limit of {LargestUnknown}");
            return new Metadata
            {
                Mode = Mode,
                Uid = Uid,
                Gid = Gid,
                ModificationTime = ModificationTime,
                ChangeTime = ChangeTime,
                BirthTime = BirthTime,
                UserName = UserName,
                GroupName = GroupName,
                Device = Device,
                Xattrs = Xattrs,
                LinkCount = LinkCount,
                SourceInode = SourceInode,
                HoleSpan = HoleSpan,
                AccessTime = AccessTime,
                Unknown = Unknown,
            };
        }
    }
}
