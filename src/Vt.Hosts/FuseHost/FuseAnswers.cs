using Vt.Files;
using Vt.Files.Inodes;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Hosts.FuseHost;

/// <summary>
/// Answers requests with what a file system's operation comes to: at once where it is there already, on the reader's thread; else when it is
/// there, and no reader thread waits for it.
/// </summary>
static class FuseAnswers
{
    /// <summary>Takes a request out of its handler until an operation has ended.</summary>
    /// <param name="request">The request.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="answer">Answers with its value.</param>
    /// <param name="onError">Sees each error before it is answered; null for nobody.</param>
    public static Errno Defer<T>(
        in FuseRequest request, ValueTask<Outcome<T>> operation, Action<T, FuseDeferral> answer, Action<FuseDeferral, Errno>? onError = null)
    {
        var deferral = request.Defer();
        _ = FinishAsync(operation, deferral, (outcome, deferral) =>
        {
            if (outcome.Succeeded)
            {
                answer(outcome.Value, deferral);
                return;
            }

            onError?.Invoke(deferral, outcome.Error);
            deferral.Complete(outcome.Error);
        });
        return Errno.OK;
    }

    /// <summary>Answers a lookup; a name that is absent is told as no node, for the kernel to remember.</summary>
    public static Errno Lookup(in FuseRequest request, ValueTask<Outcome<FoundNode>> found, ref EntryOut entry)
    {
        if (found.IsCompletedSuccessfully)
            return Fill(found.Result, ref entry);
        var deferral = request.Defer();
        _ = FinishAsync(found, deferral, static (outcome, deferral) =>
        {
            var entry = default(EntryOut);
            var error = Fill(outcome, ref entry);
            if (error == Errno.OK)
                deferral.Complete(entry);
            else
                deferral.Complete(error);
        });
        return Errno.OK;
    }

    /// <summary>Answers a lookup of what may be a virtual file: the kernel is to ask again each time, and to remember nothing of what is absent.</summary>
    public static Errno LookupVirtual(in FuseRequest request, ValueTask<Outcome<FoundNode>> found) =>
        Defer(request, found, static (value, deferral) =>
        {
            var entry = default(EntryOut);
            InodeReplies.Fill(value, ref entry);
            entry.EntrySeconds = 0;
            deferral.Complete(entry);
        });

    /// <summary>Answers a question for attributes and birth time.</summary>
    public static Errno Statx(in FuseRequest request, ValueTask<Outcome<InodeAttributes>> found, ref StatxOut attributes)
    {
        if (!found.IsCompletedSuccessfully)
            return Defer(request, found, static (value, deferral) => deferral.Complete(InodeReplies.Extended(value)));
        var outcome = found.Result;
        attributes = InodeReplies.Extended(outcome.Value);
        return outcome.Error;
    }

    /// <summary>Answers with bytes: a link's target.</summary>
    public static Errno Bytes(in FuseRequest request, ValueTask<Outcome<ReadOnlyMemory<byte>>> found, Span<byte> place, out int length)
    {
        length = 0;
        if (!found.IsCompletedSuccessfully)
        {
            return Defer(request, found, static (value, deferral) =>
            {
                value.CopyTo(deferral.Buffer);
                deferral.CompleteBytes(value.Length);
            });
        }

        var outcome = found.Result;
        if (outcome.Succeeded)
        {
            outcome.Value.Span.CopyTo(place);
            length = outcome.Value.Length;
        }

        return outcome.Error;
    }

    /// <summary>Answers a read that went into the request's own buffer.</summary>
    public static Errno Read(in FuseRequest request, ValueTask<Outcome<int>> read, out int length)
    {
        length = 0;
        if (!read.IsCompletedSuccessfully)
            return Defer(request, read, static (count, deferral) => deferral.CompleteBytes(count));
        var outcome = read.Result;
        length = outcome.Succeeded ? outcome.Value : 0;
        return outcome.Error;
    }

    /// <summary>Answers a search for data or a hole.</summary>
    public static Errno Lseek(in FuseRequest request, ValueTask<Outcome<long>> found, out ulong offset)
    {
        offset = 0;
        if (!found.IsCompletedSuccessfully)
            return Defer(request, found, static (at, deferral) => deferral.Complete(new LseekOut { Offset = (ulong)at }));
        var outcome = found.Result;
        offset = (ulong)outcome.Value;
        return outcome.Error;
    }

    /// <summary>Answers with an attribute's value or a list of names: its length alone where it doesn't fit or only that was asked.</summary>
    public static Errno Sized(in FuseRequest request, ValueTask<Outcome<ReadOnlyMemory<byte>>> found, Span<byte> place, out int length)
    {
        length = 0;
        if (!found.IsCompletedSuccessfully)
            return Defer(request, found, static (value, deferral) => deferral.CompleteXattr(value.Span));
        var outcome = found.Result;
        if (!outcome.Succeeded)
            return outcome.Error;
        var value = outcome.Value.Span;
        length = value.Length;
        if (value.Length <= place.Length)
            value.CopyTo(place);
        return Errno.OK;
    }

    // Answers whatever happens: an exception that nobody foresaw is the session's to map and to tell of.
    static async Task FinishAsync<T>(ValueTask<Outcome<T>> operation, FuseDeferral deferral, Action<Outcome<T>, FuseDeferral> answer)
    {
        using (deferral)
            answer(await operation, deferral);
    }

    static Errno Fill(in Outcome<FoundNode> found, ref EntryOut entry)
    {
        if (found.Error == Errno.ENOENT)
        {
            entry.EntrySeconds = InodeReplies.KeepSeconds;
            return Errno.OK;
        }

        if (found.Succeeded)
            InodeReplies.Fill(found.Value, ref entry);
        return found.Error;
    }
}
