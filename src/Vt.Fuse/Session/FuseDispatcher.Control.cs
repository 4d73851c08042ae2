using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <content>What concerns the conversation itself, not the filesystem.</content>
sealed unsafe partial class FuseDispatcher
{
    int Init(FuseSlot slot)
    {
        if (_connection is not null)
            return Malformed;
        var offer = default(InitIn);
        var length = Math.Min(sizeof(InitIn), FuseProtocol.ArgumentSize(FuseOpcode.Init, false) + slot.PayloadLength);
        Buffer.MemoryCopy(slot.Arguments, &offer, sizeof(InitIn), length);

        var error = FuseNegotiation.Answer(offer, _options, _fileSystem.Features, out var answer, out var connection);
        if (error == Errno.OK && connection is null)
        {
            Out<InitOut>(slot) = answer;
            return sizeof(InitOut);
        }

        if (error == Errno.OK)
        {
            connection = connection! with { Statistics = _statistics };
            _fileSystem.Started(connection);
            _connection = connection;
            Out<InitOut>(slot) = answer;
        }

        _outcome = error;
        return Result(error, sizeof(InitOut));
    }

    int Destroy()
    {
        Stop();
        return 0;
    }

    /// <summary>
    /// Passes an interrupt on to its victim. A victim that isn't found has been answered already, or another reader is about to
    /// begin it: EAGAIN makes the kernel ask again unless it is gone.
    /// </summary>
    int Interrupt(FuseSlot slot)
    {
        var victim = In<InterruptIn>(slot).Unique;
        foreach (var other in _slots)
        {
            if (other == slot || !other.TryFind(victim, out var caller))
                continue;
            if (!_options.OnlyKillsInterrupt || PendingSignals.IsKilled(caller))
                other.TryInterrupt(victim);
            else
                _interrupts.Add(victim);
            return NoReply;
        }

        return -(int)Errno.EAGAIN;
    }

    /// <summary>Ends a request whose caller was sent a signal, once that is killed.</summary>
    /// <returns>Whether it has to be looked at again.</returns>
    bool TryEnd(ulong request)
    {
        foreach (var slot in _slots)
        {
            if (!slot.TryFind(request, out var caller))
                continue;
            if (!PendingSignals.IsKilled(caller))
                return true;
            slot.TryInterrupt(request);
            return false;
        }

        return false;
    }

    int Forget(FuseSlot slot)
    {
        _fileSystem.Forget(slot.Header->Node, In<ForgetIn>(slot).Count);
        return NoReply;
    }

    int BatchForget(FuseSlot slot)
    {
        var count = Math.Min(In<BatchForgetIn>(slot).Count, (uint)(slot.PayloadLength / sizeof(ForgetOne)));
        var items = (ForgetOne*)slot.Payload;
        for (var i = 0u; i < count; i++)
            _fileSystem.Forget(items[i].Node, items[i].Count);
        return NoReply;
    }

    /// <summary>Gives back the lookups and opens of a reply that didn't arrive.</summary>
    void TakeBack(FuseSlot slot, int length)
    {
        try
        {
            switch (slot.Header->Opcode)
            {
                case FuseOpcode.Lookup or FuseOpcode.Symlink or FuseOpcode.Mknod or FuseOpcode.Mkdir or FuseOpcode.Link:
                    TakeBackLookup(((EntryOut*)slot.Reply)->Node);
                    break;
                case FuseOpcode.Create or FuseOpcode.Tmpfile:
                    var node = ((EntryOut*)slot.Reply)->Node;
                    _fileSystem.Abandon(node, ((OpenOut*)(slot.Reply + sizeof(EntryOut)))->Handle, isFolder: false);
                    TakeBackLookup(node);
                    break;
                case FuseOpcode.Open or FuseOpcode.Opendir:
                    var isFolder = slot.Header->Opcode == FuseOpcode.Opendir;
                    _fileSystem.Abandon(slot.Header->Node, ((OpenOut*)slot.Reply)->Handle, isFolder);
                    break;
                case FuseOpcode.Readdirplus:
                    TakeBackEntries(slot.Reply, length);
                    break;
            }
        }
#pragma warning disable CA1031 // The same boundary as Dispatch's: a filesystem that fails here must not end the reader.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ErrnoOf(slot.Header->Opcode, slot.Header->Node, exception);
        }
    }

    void TakeBackLookup(NodeId node)
    {
        if (!node.IsNone)
            _fileSystem.Forget(node, 1);
    }

    void TakeBackEntries(byte* records, int length)
    {
        for (var at = 0; at + sizeof(DirentPlus) <= length;)
        {
            var record = (DirentPlus*)(records + at);
            TakeBackLookup(record->Entry.Node);
            at += DirectoryFiller.Padded(sizeof(DirentPlus) + (int)record->Dirent.NameLength);
        }
    }
}
