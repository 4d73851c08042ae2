using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.TestServer;

/// <content>Open files.</content>
sealed partial class SampleFileSystem
{
    const uint TruncateFlag = 0x200; // O_TRUNC
    const uint SeekData = 3;

    public override Errno Open(in FuseRequest request, in OpenIn arguments, ref OpenOut open)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(request.Node, out var node))
                return Errno.ENOENT;
            if ((arguments.Flags & TruncateFlag) != 0)
                node.Data = [];
            // Reads past the page cache are the callers' own, so that signals interrupt them.
            if (IsNamed(node, "stuck") || IsNamed(node, "gate"))
                open.Flags |= OpenReplyFlags.DirectIo;
        }

        Interlocked.Increment(ref _opens);
        open.Flags |= _options.Uncached ? OpenReplyFlags.None : OpenReplyFlags.KeepCache;
        return Errno.OK;
    }

    public override Errno Release(in FuseRequest request, in ReleaseIn arguments)
    {
        Interlocked.Decrement(ref _opens);
        return Errno.OK;
    }

    public override Errno Read(in FuseRequest request, in ReadIn arguments, Span<byte> buffer, out int length)
    {
        length = 0;
        byte[] data;
        bool isStuck, isBroken, isLater, isGate;
        lock (_gate)
        {
            var node = _nodes[request.Node];
            data = node.Data;
            isStuck = IsNamed(node, "stuck");
            isBroken = IsNamed(node, "broken");
            isGate = IsNamed(node, "gate");
            isLater = _options.Defer || IsNamed(node, "later");
        }

        if (isBroken)
            throw new InvalidDataException("the file is broken");
        if (isGate)
        {
            Console.Out.WriteLine("gate");
            _key.Wait();
        }

        if (isStuck)
        {
            var deferral = request.Defer();
            deferral.Interrupted.Register(() => deferral.Complete(Errno.EINTR));
            Console.Out.WriteLine("stuck");
            return Errno.OK;
        }

        if (isLater)
        {
            var deferral = request.Defer();
            ThreadPool.UnsafeQueueUserWorkItem(_ => AnswerLater(deferral, data), null);
            return Errno.OK;
        }

        length = Copy(data, arguments.Offset, buffer);
        return Errno.OK;
    }

    public override Errno Write(in FuseRequest request, in WriteIn arguments, ReadOnlySpan<byte> data, out uint written)
    {
        lock (_gate)
        {
            var node = _nodes[request.Node];
            var end = (int)arguments.Offset + data.Length;
            if (end > node.Data.Length)
                node.Data = Resized(node.Data, end);
            data.CopyTo(node.Data.AsSpan((int)arguments.Offset));
            written = (uint)data.Length;
            return Errno.OK;
        }
    }

    public override Errno Lseek(in FuseRequest request, in LseekIn arguments, out ulong offset)
    {
        lock (_gate)
        {
            var size = (ulong)_nodes[request.Node].Data.Length;
            offset = arguments.Whence == SeekData ? arguments.Offset : size;
            return arguments.Offset >= size ? Errno.ENXIO : Errno.OK;
        }
    }

    public override Errno Fallocate(in FuseRequest request, in FallocateIn arguments)
    {
        lock (_gate)
        {
            var node = _nodes[request.Node];
            var end = (int)(arguments.Offset + arguments.Length);
            if (arguments.Mode != 0)
                return Errno.EOPNOTSUPP;
            if (end > node.Data.Length)
                node.Data = Resized(node.Data, end);
            return Errno.OK;
        }
    }

    static int Copy(byte[] data, ulong offset, Span<byte> buffer)
    {
        if (offset >= (ulong)data.Length)
            return 0;
        var part = data.AsSpan((int)offset);
        part = part[..Math.Min(part.Length, buffer.Length)];
        part.CopyTo(buffer);
        return part.Length;
    }

    static void AnswerLater(FuseDeferral deferral, byte[] data)
    {
        using (deferral)
            deferral.CompleteBytes(Copy(data, deferral.Arguments<ReadIn>().Offset, deferral.Buffer.Span));
    }

    bool IsNamed(SampleNode node, string name) => _root.Children!.TryGetValue(name, out var found) && found == node;
}
