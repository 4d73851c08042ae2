using System.Text;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

/// <summary>Answers every operation with success and known values, and writes down what it was asked.</summary>
sealed class ScriptedFileSystem : FuseFileSystem
{
    public List<string> Calls { get; } = [];

    /// <summary>Whether to write calls down; off where allocations are counted.</summary>
    public bool IsRecording { get; init; } = true;

    public FuseConnection? Connection { get; private set; }

    public int StopCount { get; private set; }

    public override void Started(FuseConnection connection) => Connection = connection;

    public override void Stopped() => StopCount++;

    public override void Forget(NodeId node, ulong count)
    {
        if (IsRecording)
            Note($"forget {node.Value} {count}");
    }

    public override void Abandon(NodeId node, ulong handle, bool isFolder) => Note($"abandon {node.Value} {handle} {isFolder}");

    public override Errno OnFailure(FuseOpcode opcode, NodeId node, Exception exception)
    {
        Note($"failure {opcode} {exception.GetType().Name}");
        return base.OnFailure(opcode, node, exception);
    }

    public override Errno Lookup(in FuseRequest request, ReadOnlySpan<byte> name, ref EntryOut entry)
    {
        Note(request, name);
        return Give(ref entry);
    }

    public override Errno Getattr(in FuseRequest request, in GetattrIn arguments, ref AttrOut attributes)
    {
        if (IsRecording)
            Note(request, $"{arguments.Flags} {arguments.Handle}");
        attributes.AttributeSeconds = 5;
        attributes.Attributes.Inode = 99;
        return Errno.OK;
    }

    public override Errno Setattr(in FuseRequest request, in SetattrIn arguments, ref AttrOut attributes)
    {
        Note(request, $"{arguments.Fields} {arguments.Size} {arguments.Mode}");
        attributes.Attributes.Size = arguments.Size;
        return Errno.OK;
    }

    public override Errno Readlink(in FuseRequest request, Span<byte> target, out int length)
    {
        Note(request, "");
        "../target"u8.CopyTo(target);
        length = 9;
        return Errno.OK;
    }

    public override Errno Symlink(in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, ref EntryOut entry)
    {
        Note(request, name, target);
        return Give(ref entry);
    }

    public override Errno Mknod(in FuseRequest request, in MknodIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry)
    {
        Note(request, name, $"{arguments.Mode} {arguments.Device} {arguments.Umask}");
        return Give(ref entry);
    }

    public override Errno Mkdir(in FuseRequest request, in MkdirIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry)
    {
        Note(request, name, $"{arguments.Mode} {arguments.Umask}");
        return Give(ref entry);
    }

    public override Errno Unlink(in FuseRequest request, ReadOnlySpan<byte> name) => Note(request, name);

    public override Errno Rmdir(in FuseRequest request, ReadOnlySpan<byte> name) => Note(request, name);

    public override Errno Rename(
        in FuseRequest request, ReadOnlySpan<byte> name, NodeId newParent, ReadOnlySpan<byte> newName, RenameFlags flags) =>
        Note(request, name, $"{newParent.Value} {Text(newName)} {flags}");

    public override Errno Link(in FuseRequest request, NodeId node, ReadOnlySpan<byte> newName, ref EntryOut entry)
    {
        Note(request, newName, $"{node.Value}");
        return Give(ref entry);
    }

    public override Errno Open(in FuseRequest request, in OpenIn arguments, ref OpenOut open) => Opened(request, arguments.Flags, ref open);

    public override Errno Opendir(in FuseRequest request, in OpenIn arguments, ref OpenOut open) =>
        Opened(request, arguments.Flags, ref open);

    public override Errno Read(in FuseRequest request, in ReadIn arguments, Span<byte> buffer, out int length)
    {
        if (IsRecording)
            Note(request, $"{arguments.Handle} {arguments.Offset} {buffer.Length}");
        buffer[..Math.Min(buffer.Length, 5)].Fill((byte)'r');
        length = Math.Min(buffer.Length, 5);
        return Errno.OK;
    }

    public override Errno Write(in FuseRequest request, in WriteIn arguments, ReadOnlySpan<byte> data, out uint written)
    {
        Note(request, data, $"{arguments.Handle} {arguments.Offset} {arguments.WriteFlags}");
        written = (uint)data.Length;
        return Errno.OK;
    }

    public override Errno Release(in FuseRequest request, in ReleaseIn arguments) => Note(request, $"{arguments.Handle}");

    public override Errno Releasedir(in FuseRequest request, in ReleaseIn arguments) => Note(request, $"{arguments.Handle}");

    public override Errno Flush(in FuseRequest request, in FlushIn arguments) => Note(request, $"{arguments.Handle} {arguments.LockOwner}");

    public override Errno Fsync(in FuseRequest request, in FsyncIn arguments) => Note(request, $"{arguments.Handle} {arguments.Flags}");

    public override Errno Fsyncdir(in FuseRequest request, in FsyncIn arguments) => Note(request, $"{arguments.Handle} {arguments.Flags}");

    public override Errno Setxattr(
        in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint flags, bool killSetgid) =>
        Note(request, name, $"{Text(value)} {flags} {killSetgid}");

    public override Errno Getxattr(in FuseRequest request, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        Note(request, name);
        length = 5;
        "value"u8.TryCopyTo(value);
        return Errno.OK;
    }

    public override Errno Listxattr(in FuseRequest request, Span<byte> names, out int length)
    {
        Note(request, "");
        length = 7;
        "user.a\0"u8.TryCopyTo(names);
        return Errno.OK;
    }

    public override Errno Removexattr(in FuseRequest request, ReadOnlySpan<byte> name) => Note(request, name);

    public override Errno Readdir(in FuseRequest request, in ReadIn arguments, ref DirectoryFiller filler)
    {
        if (IsRecording)
            Note(request, $"{arguments.Offset}");
        filler.TryAdd("."u8, 7, 4, 1);
        for (var i = arguments.Offset + 2; filler.HasRoomFor(3); i++)
        {
            if (!filler.WantsEntries)
                filler.TryAdd("abc"u8, 50 + i, 8, i);
            else
                filler.AddEntry("abc"u8, 50 + i, 8, i).Node = new NodeId(50 + i);
        }

        return Errno.OK;
    }

    public override Errno Getlk(in FuseRequest request, in LockIn arguments, ref LockOut conflict)
    {
        Note(request, $"{arguments.Owner} {arguments.Lock.Start}-{arguments.Lock.End}");
        conflict.Lock.Type = 2;
        return Errno.OK;
    }

    public override Errno Setlk(in FuseRequest request, in LockIn arguments, bool wait) => Note(request, $"posix {arguments.Lock.Type} {wait}");

    public override Errno Flock(in FuseRequest request, in LockIn arguments, bool wait) => Note(request, $"flock {arguments.Lock.Type} {wait}");

    public override Errno Access(in FuseRequest request, uint mask) => Note(request, $"{mask}");

    public override Errno Create(
        in FuseRequest request, in CreateIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry, ref OpenOut open)
    {
        Note(request, name, $"{arguments.Flags} {arguments.Mode}");
        open.Handle = 66;
        return Give(ref entry);
    }

    public override Errno Tmpfile(in FuseRequest request, in CreateIn arguments, ref EntryOut entry, ref OpenOut open)
    {
        Note(request, $"{arguments.Mode}");
        open.Handle = 66;
        return Give(ref entry);
    }

    public override Errno Bmap(in FuseRequest request, in BmapIn arguments, out ulong block)
    {
        Note(request, $"{arguments.Block} {arguments.BlockSize}");
        block = 12;
        return Errno.OK;
    }

    public override Errno Ioctl(
        in FuseRequest request, in IoctlIn arguments, ReadOnlySpan<byte> input, Span<byte> output, ref IoctlOut result, out int length)
    {
        Note(request, input, $"{arguments.Command}");
        result.Result = 3;
        output.Fill((byte)'o');
        length = output.Length;
        return Errno.OK;
    }

    public override Errno Poll(in FuseRequest request, in PollIn arguments, ref PollOut readiness)
    {
        Note(request, $"{arguments.Events}");
        readiness.ReturnedEvents = 1;
        return Errno.OK;
    }

    public override Errno Fallocate(in FuseRequest request, in FallocateIn arguments) =>
        Note(request, $"{arguments.Offset} {arguments.Length} {arguments.Mode}");

    public override Errno Lseek(in FuseRequest request, in LseekIn arguments, out ulong offset)
    {
        Note(request, $"{arguments.Offset} {arguments.Whence}");
        offset = 4096;
        return Errno.OK;
    }

    public override Errno CopyFileRange(in FuseRequest request, in CopyFileRangeIn arguments, out ulong copied)
    {
        Note(request, $"{arguments.OffsetIn} {arguments.NodeOut.Value} {arguments.OffsetOut} {arguments.Length}");
        copied = 1UL << 33;
        return Errno.OK;
    }

    public override Errno Syncfs(in FuseRequest request) => Note(request, "");

    public override Errno Statx(in FuseRequest request, in StatxIn arguments, ref StatxOut attributes)
    {
        Note(request, $"{arguments.Mask}");
        attributes.Attributes.Inode = 77;
        return Errno.OK;
    }

    static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    static Errno Give(ref EntryOut entry)
    {
        entry.Node = new NodeId(42);
        entry.EntrySeconds = 3;
        entry.Attributes.Inode = 42;
        return Errno.OK;
    }

    Errno Opened(in FuseRequest request, uint flags, ref OpenOut open)
    {
        Note(request, $"{flags}");
        open.Handle = 66;
        open.Flags = OpenReplyFlags.KeepCache;
        return Errno.OK;
    }

    void Note(string call) => Calls.Add(call);

    Errno Note(in FuseRequest request, string text)
    {
        if (IsRecording)
            Calls.Add($"{request.Opcode} {request.Node.Value} {text}".TrimEnd());
        return Errno.OK;
    }

    Errno Note(in FuseRequest request, ReadOnlySpan<byte> name, string text = "")
    {
        if (IsRecording)
            Calls.Add($"{request.Opcode} {request.Node.Value} {Text(name)} {text}".TrimEnd());
        return Errno.OK;
    }

    Errno Note(in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Note(request, name, Text(other));
}
