using System.Buffers.Binary;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Encoding;
using Vt.Files.Inodes;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Journal;

/// <summary>Writes the parts of a log record: one change of the file system, whole or not at all. The mirror of <see cref="RecordReader"/>.</summary>
sealed class RecordWriter : IDisposable
{
    readonly ByteWriter _writer = new(512);

    /// <summary>The record so far.</summary>
    public ReadOnlySpan<byte> Written => _writer.Written;

    /// <summary>Starts a record.</summary>
    public void Begin(Timestamp time)
    {
        _writer.Clear();
        Kind(RecordKind.Time);
        Time(time);
    }

    /// <summary>See <see cref="RecordKind.Bind"/>.</summary>
    public void Bind(NodeId inode, NodeId directory, ReadOnlySpan<byte> name)
    {
        Kind(RecordKind.Bind);
        Id(inode);
        Id(directory);
        _writer.WriteData(name);
    }

    /// <summary>See <see cref="RecordKind.BindIndirect"/>.</summary>
    public void BindIndirect(NodeId inode, Guid uuid)
    {
        Kind(RecordKind.BindIndirect);
        Id(inode);
        Uuid(uuid);
    }

    /// <summary>See <see cref="RecordKind.Make"/>.</summary>
    public void Make(Inode inode)
    {
        Kind(RecordKind.Make);
        Id(inode.Id);
        _writer.WriteByte((byte)inode.Kind);
        Uuid(inode.Uuid ?? throw new InvalidOperationException("a new inode needs a UUID"));
        if (inode.Device is { } device)
        {
            _writer.WriteVarint(device.Major);
            _writer.WriteVarint(device.Minor);
        }

        if (inode.Kind == DirentKind.Symlink)
            inode.Stored.Write(_writer);
        Times(inode.Status);
    }

    /// <summary>See <see cref="RecordKind.Enter"/>.</summary>
    public void Enter(NodeId directory, ReadOnlySpan<byte> name, NodeId inode)
    {
        Kind(RecordKind.Enter);
        Id(directory);
        _writer.WriteData(name);
        Id(inode);
    }

    /// <summary>See <see cref="RecordKind.Remove"/>.</summary>
    public void Remove(NodeId directory, ReadOnlySpan<byte> name)
    {
        Kind(RecordKind.Remove);
        Id(directory);
        _writer.WriteData(name);
    }

    /// <summary>See <see cref="RecordKind.Status"/>.</summary>
    public void Status(NodeId inode, in InodeStatus status)
    {
        Kind(RecordKind.Status);
        Id(inode);
        Times(status);
    }

    /// <summary>See <see cref="RecordKind.SetXattr"/>.</summary>
    public void SetXattr(NodeId inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Kind(RecordKind.SetXattr);
        Id(inode);
        _writer.WriteData(name);
        _writer.WriteData(value);
    }

    /// <summary>See <see cref="RecordKind.RemoveXattr"/>.</summary>
    public void RemoveXattr(NodeId inode, ReadOnlySpan<byte> name)
    {
        Kind(RecordKind.RemoveXattr);
        Id(inode);
        _writer.WriteData(name);
    }

    /// <summary>See <see cref="RecordKind.Extent"/>.</summary>
    public void Extent(NodeId inode, long offset, long length, LogPlace place, uint? checksum)
    {
        Kind(RecordKind.Extent);
        Range(inode, offset, length);
        _writer.WriteVarint(place.Segment);
        _writer.WriteVarint((ulong)place.Offset);
        _writer.WriteByte(checksum is null ? (byte)0 : (byte)1);
        if (checksum is { } sum)
            _writer.WriteUInt32(sum);
    }

    /// <summary>See <see cref="RecordKind.Zero"/>.</summary>
    public void Zero(NodeId inode, long offset, long length)
    {
        Kind(RecordKind.Zero);
        Range(inode, offset, length);
    }

    /// <summary>See <see cref="RecordKind.Stored"/>.</summary>
    public void Stored(NodeId inode, long offset, long length, in BlockRef content, long contentOffset)
    {
        Kind(RecordKind.Stored);
        Range(inode, offset, length);
        content.Write(_writer);
        _writer.WriteVarint((ulong)contentOffset);
    }

    /// <summary>See <see cref="RecordKind.Resize"/>.</summary>
    public void Resize(NodeId inode, long size)
    {
        Kind(RecordKind.Resize);
        Id(inode);
        _writer.WriteVarint((ulong)size);
    }

    /// <summary>See <see cref="RecordKind.Replace"/>.</summary>
    public void Replace(NodeId inode, in BlockRef content)
    {
        Kind(RecordKind.Replace);
        Id(inode);
        content.Write(_writer);
    }

    /// <summary>See <see cref="RecordKind.Identify"/>.</summary>
    public void Identify(NodeId inode, Guid uuid)
    {
        Kind(RecordKind.Identify);
        Id(inode);
        Uuid(uuid);
    }

    /// <summary>See <see cref="RecordKind.Rules"/>.</summary>
    public void Rules(LocalRules rules)
    {
        Kind(RecordKind.Rules);
        _writer.WriteData(rules.Text);
    }

    /// <summary>See <see cref="RecordKind.Adopt"/>.</summary>
    public void Adopt(NodeId directory, in DirectoryRoot stored, long bytes)
    {
        Kind(RecordKind.Adopt);
        Id(directory);
        stored.Content.Write(_writer);
        _writer.WriteVarint((ulong)stored.Entries);
        _writer.WriteVarint((ulong)stored.Subdirectories);
        _writer.WriteVarint((ulong)bytes);
    }

    /// <summary>See <see cref="RecordKind.Write"/> and <see cref="RecordKind.Scratch"/>: the record's data follows it.</summary>
    /// <param name="record">Receives the record: at least <see cref="LongestWrite"/> bytes.</param>
    /// <param name="kind">Which of both.</param>
    /// <param name="time">The moment.</param>
    /// <param name="inode">The file.</param>
    /// <param name="offset">Where in the file.</param>
    /// <returns>How many bytes the record has.</returns>
    public static int Write(Span<byte> record, RecordKind kind, Timestamp time, NodeId inode, long offset)
    {
        // By hand, as this is the one record that must cost nothing.
        record[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(record[1..], time.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(record[9..], time.Nanoseconds);
        BinaryPrimitives.WriteUInt64LittleEndian(record[13..], inode.Value);
        BinaryPrimitives.WriteInt64LittleEndian(record[21..], offset);
        return LongestWrite;
    }

    /// <summary>How many bytes a record of <see cref="RecordKind.Write"/> has before its data.</summary>
    public const int LongestWrite = 29;

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    void Kind(RecordKind kind) => _writer.WriteByte((byte)kind);

    void Id(NodeId inode) => _writer.WriteVarint(inode.Value);

    void Uuid(Guid uuid) => uuid.TryWriteBytes(_writer.Reserve(16), bigEndian: true, out _);

    void Range(NodeId inode, long offset, long length)
    {
        Id(inode);
        _writer.WriteVarint((ulong)offset);
        _writer.WriteVarint((ulong)length);
    }

    void Times(in InodeStatus status)
    {
        _writer.WriteVarint(status.Mode);
        _writer.WriteVarint(status.Uid);
        _writer.WriteVarint(status.Gid);
        Time(status.Modified);
        Time(status.Changed);
        Optional(status.Accessed);
        Optional(status.Born);
    }

    void Optional(Timestamp? time)
    {
        _writer.WriteByte(time is null ? (byte)0 : (byte)1);
        if (time is { } given)
            Time(given);
    }

    void Time(Timestamp time)
    {
        _writer.WriteSignedVarint(time.Seconds);
        _writer.WriteVarint(time.Nanoseconds);
    }
}
