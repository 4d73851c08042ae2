using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Trees.Meta;

public sealed partial record Metadata
{
    const string Opening = "M{";

    /// <summary>The text form, without white space: <c>M{mode:0644,uid:1000,mtime:1700000000.000000000}</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Opening, 128);
        AppendFields(text);
        return text.Append('}').ToString();
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatInvalidException">The text is not such a form; the offset says where, in characters.</exception>
    public static Metadata Parse(ReadOnlySpan<char> text)
    {
        var reader = new CharReader(text);
        reader.Expect(Opening);
        var fields = new Builder();
        var seen = 0;
        while (!reader.TrySkip("}"))
        {
            if (seen != 0)
                reader.Expect(",");
            var at = reader.Position;
            var name = reader.ReadWord();
            reader.Expect(":");
            if (!TryParseField(ref reader, name, ref fields, ref seen, at))
                throw CharReader.FaultAt(at, $"metadata has no field '{name}'");
        }

        if (!reader.AtEnd)
            throw reader.Fault("nothing should follow");
        return fields.Build();
    }

    /// <summary>Writes the fields that have a value, in the order of their numbers, with commas between.</summary>
    internal void AppendFields(StringBuilder text)
    {
        if (_mode != 0)
            FieldText.Start(text, "mode").Append('0').Append(Convert.ToString(_mode, 8));
        AppendNumber(text, "uid", Uid);
        AppendNumber(text, "gid", Gid);
        FieldText.AppendTime(text, "mtime", _modificationTime);
        FieldText.AppendTime(text, "ctime", _changeTime);
        FieldText.AppendTime(text, "btime", _birthTime);
        FieldText.AppendBytes(text, "user", _userName.Span);
        FieldText.AppendBytes(text, "group", _groupName.Span);
        if (Device is { } device)
            FieldText.Start(text, "device").Append(device.Major).Append('.').Append(device.Minor);
        if (Xattrs.IsStored)
            FieldText.AppendRef(text, "storedxattrs", Xattrs.Stored);
        else if (!Xattrs.IsEmpty)
            AppendXattrs(FieldText.Start(text, "xattrs"), Xattrs);
        AppendNumber(text, "links", LinkCount);
        AppendNumber(text, "inode", SourceInode);
        AppendNumber(text, "holes", HoleSpan);
        FieldText.AppendTime(text, "atime", _accessTime);
        FieldText.AppendHex(text, "moremeta", Unknown.Span);
    }

    /// <summary>Reads the value of a field, if it is one of metadata.</summary>
    /// <param name="reader">Stands behind the colon.</param>
    /// <param name="name">The field's name.</param>
    /// <param name="fields">Takes the value.</param>
    /// <param name="seen">A bit for each field that was there.</param>
    /// <param name="at">Where the name stands.</param>
    internal static bool TryParseField(ref CharReader reader, ReadOnlySpan<char> name, ref Builder fields, ref int seen, int at)
    {
        var field = FieldNamed(name);
        if (field == Field.None)
            return false;
        if ((seen & (1 << (int)field)) != 0)
            throw CharReader.FaultAt(at, $"field '{name}' comes twice");
        seen |= 1 << (int)field;
        switch (field)
        {
            case Field.Mode:
                fields.Mode = FieldText.ReadOctal(ref reader, PermissionMask);
                break;
            case Field.Uid:
                fields.Uid = (uint)reader.ReadNumber(uint.MaxValue);
                break;
            case Field.Gid:
                fields.Gid = (uint)reader.ReadNumber(uint.MaxValue);
                break;
            case Field.ModificationTime:
                fields.ModificationTime = FieldText.ReadTime(ref reader);
                break;
            case Field.ChangeTime:
                fields.ChangeTime = FieldText.ReadTime(ref reader);
                break;
            case Field.BirthTime:
                fields.BirthTime = FieldText.ReadTime(ref reader);
                break;
            case Field.UserName:
                fields.UserName = ReadOwnerName(ref reader);
                break;
            case Field.GroupName:
                fields.GroupName = ReadOwnerName(ref reader);
                break;
            case Field.Device:
                var major = (uint)reader.ReadNumber(uint.MaxValue);
                reader.Expect(".");
                fields.Device = new DeviceId(major, (uint)reader.ReadNumber(uint.MaxValue));
                break;
            case Field.Xattrs or Field.StoredXattrs:
                if (!fields.Xattrs.IsEmpty)
                    throw CharReader.FaultAt(at, "attributes are both here and stored");
                fields.Xattrs = field == Field.Xattrs ? ReadXattrs(ref reader) : ReadStored(ref reader);
                break;
            case Field.LinkCount:
                fields.LinkCount = (uint)reader.ReadNumber(uint.MaxValue);
                break;
            case Field.SourceInode:
                fields.SourceInode = FieldText.ReadNumber(ref reader, ulong.MaxValue);
                break;
            case Field.HoleSpan:
                fields.HoleSpan = FieldText.ReadNumber(ref reader, long.MaxValue);
                break;
            case Field.AccessTime:
                fields.AccessTime = FieldText.ReadTime(ref reader);
                break;
            default:
                fields.Unknown = FieldText.ReadHex(ref reader, (int)Field.Last);
                break;
        }

        return true;
    }

    static Field FieldNamed(ReadOnlySpan<char> name) => name switch
    {
        "mode" => Field.Mode,
        "uid" => Field.Uid,
        "gid" => Field.Gid,
        "mtime" => Field.ModificationTime,
        "ctime" => Field.ChangeTime,
        "btime" => Field.BirthTime,
        "user" => Field.UserName,
        "group" => Field.GroupName,
        "device" => Field.Device,
        "xattrs" => Field.Xattrs,
        "storedxattrs" => Field.StoredXattrs,
        "links" => Field.LinkCount,
        "inode" => Field.SourceInode,
        "holes" => Field.HoleSpan,
        "atime" => Field.AccessTime,
        "moremeta" => Field.Last + 1,
        _ => Field.None,
    };

    static void AppendNumber(StringBuilder text, string name, ulong value)
    {
        if (value != 0)
            FieldText.Start(text, name).Append(value);
    }

    static void AppendXattrs(StringBuilder text, XattrSet xattrs)
    {
        var separator = '{';
        foreach (var item in xattrs.Items)
        {
            TextBytes.AppendQuoted(text.Append(separator), item.Name.Span);
            TextBytes.AppendQuoted(text.Append(':'), item.Value.Span);
            separator = ',';
        }

        text.Append('}');
    }

    static XattrSet ReadXattrs(ref CharReader reader)
    {
        var start = reader.Position;
        var items = new List<Xattr>();
        reader.Expect("{");
        do
        {
            var name = reader.ReadQuoted();
            reader.Expect(":");
            var value = reader.ReadQuoted();
            items.Add(Checked(start, () => new Xattr(name, value)));
        }
        while (reader.TrySkip(","));
        reader.Expect("}");
        return Checked(start, () => XattrSet.Create(items));
    }

    static XattrSet ReadStored(ref CharReader reader)
    {
        var start = reader.Position;
        var stored = RefForms.Parse(ref reader);
        return Checked(start, () => XattrSet.In(stored));
    }

    static byte[] ReadOwnerName(ref CharReader reader)
    {
        var start = reader.Position;
        var name = reader.ReadQuoted();
        return Checked(start, () => OwnerName(name).ToArray());
    }

    static T Checked<T>(int position, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (FormatInvalidException fault)
        {
            throw CharReader.FaultAt(position, fault.What);
        }
    }
}
