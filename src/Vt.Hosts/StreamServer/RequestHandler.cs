using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Stores.Streams.Protocol;

namespace Vt.Hosts.StreamServer;

/// <summary>Answers the requests of one client from a store. Thread-safe.</summary>
/// <param name="export">What is served.</param>
/// <param name="opened">Its store.</param>
/// <param name="access">What this client may do.</param>
/// <param name="session">The client's opened store.</param>
/// <param name="exports">The names that this client may use.</param>
sealed class RequestHandler(StoreExport export, OpenedStore opened, ExportAccess access, Guid session, IReadOnlyList<string> exports)
{
    const int FlowLength = 64 << 10;
    const int FirstReads = 16;

    readonly IBlockStore _store = opened.Store;

    /// <summary>Answers one request.</summary>
    /// <exception cref="Exception">Whatever is the answer instead.</exception>
    public Task AnswerAsync(RequestUnderWay request) => request.Verb switch
    {
        StreamVerb.Contains => ContainsAsync(request),
        StreamVerb.Get => GetAsync(request),
        StreamVerb.Add => AddAsync(request),
        StreamVerb.Flush => FlushAsync(request),
        StreamVerb.List => ListAsync(request),
        StreamVerb.Sketch => new SketchHandler(opened).SketchAsync(request),
        StreamVerb.FindNames => new SketchHandler(opened).FindNamesAsync(request),
        StreamVerb.NoteDamage => NoteDamageAsync(request),
        StreamVerb.ReferenceRead => ReadReferenceAsync(request),
        StreamVerb.ReferenceList => ListReferencesAsync(request),
        StreamVerb.ReferenceMove => MoveReferenceAsync(request),
        StreamVerb.ReferenceLog => ReadLogAsync(request),
        StreamVerb.Exports => ListExportsAsync(request),
        _ => throw new NotSupportedException($"verb {(int)request.Verb} is not known here"),
    };

    async Task ContainsAsync(RequestUnderWay request)
    {
        var hashes = NameList.Read(request.Frame.Meta, _store.Hasher.Algorithm, StreamLimits.MostNames);
        var present = new bool[hashes.Length];
        await _store.ContainsManyAsync(hashes, present, request.Cancelled);

        // Who may not flush can rely on nothing that a crash takes away.
        if (access == ExportAccess.ReadOnly && present.Contains(true))
            await FlushAsync(request.Cancelled);
        await request.ReplyAsync(PresenceBits.Make(present));
    }

    async Task GetAsync(RequestUnderWay request)
    {
        var hashes = NameList.Read(request.Frame.Meta, _store.Hasher.Algorithm, StreamLimits.MostReads);
        request.ReleaseFrame();
        var reads = FirstReads;
        var start = 0;
        do
        {
            var count = Math.Min(reads, hashes.Length - start);
            var leases = new BlockLease[count];
            await _store.GetManyAsync(hashes.AsMemory(start, count), leases, request.Cancelled);
            try
            {
                start += count;
                await SendAsync(request, leases, isLast: start == hashes.Length);
                reads = ReadsFor(leases);
            }
            finally
            {
                foreach (var lease in leases)
                    lease.Dispose();
            }
        }
        while (start < hashes.Length);
    }

    static async Task SendAsync(RequestUnderWay request, BlockLease[] leases, bool isLast)
    {
        var from = 0;
        do
        {
            var (to, length) = (from, 0);
            while (to < leases.Length && (to == from || length + leases[to].Memory.Length <= StreamLimits.BulkTarget))
                length += leases[to++].Memory.Length;
            var (first, behind) = (from, to);
            await request.SendBlocksAsync(length, () => BlockAnswer.Make(request.Id, leases.AsSpan(first, behind - first), isLast && behind == leases.Length));
            from = to;
        }
        while (from < leases.Length);
    }

    // As many as fill a frame, going by those before.
    static int ReadsFor(BlockLease[] leases)
    {
        var bytes = 1L;
        foreach (var lease in leases)
            bytes += lease.Memory.Length;
        return (int)Math.Clamp(StreamLimits.BulkTarget * (long)leases.Length / bytes, 1, StreamLimits.MostReads);
    }

    async Task AddAsync(RequestUnderWay request)
    {
        Require(ExportAccess.AppendOnly);
        var slots = BlockList.Read(request.Frame, _store.Hasher.Algorithm);
        var garbled = BlockList.FindGarbled(_store.Hasher, request.Frame.Bulk.Span, slots);
        if (garbled >= 0)
            throw new RequestFaultException(StreamFaultKind.Garbled, $"block {slots[garbled].Hash} did not arrive as its name says");
        AddCounts counts;
        try
        {
            counts = await _store.AddManyAsync(request.Frame.Bulk, slots, request.Cancelled);
        }
        catch (Exception fault) when (fault is StoreFullException or StoreUnavailableException)
        {
            export.Retire(opened);
            throw;
        }

        using var meta = new ByteWriter();
        AddAnswer.Write(meta, counts, opened.ReadCapacity());
        await request.ReplyAsync(meta);
    }

    async Task FlushAsync(RequestUnderWay request)
    {
        Require(ExportAccess.AppendOnly);
        await FlushAsync(request.Cancelled);
        await request.ReplyAsync(ReadOnlyMemory<byte>.Empty);
    }

    async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _store.FlushAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is StoreFullException or StoreUnavailableException)
        {
            export.Retire(opened);
            throw;
        }
    }

    async Task ListAsync(RequestUnderWay request)
    {
        var after = NameList.Read(request.Frame.Meta, _store.Hasher.Algorithm, 1);
        request.ReleaseFrame();
        var listing = opened.Need<IBlockEnumeration>("does not list its blocks").EnumerateAsync(after is [var last] ? last : null, request.Cancelled);
        using var meta = new ByteWriter();
        var page = new List<BlockHash>(StreamLimits.MostNames / 2);
        await foreach (var hash in listing)
        {
            page.Add(hash);
            if (page.Count < StreamLimits.MostNames / 2)
                continue;
            await FlowAsync(request, meta, page, isLast: false);
            page.Clear();
        }

        await FlowAsync(request, meta, page, isLast: true);
    }

    static Task FlowAsync(RequestUnderWay request, ByteWriter meta, List<BlockHash> page, bool isLast)
    {
        meta.Clear();
        NameList.Write(meta, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(page));
        return request.FlowAsync(meta, isLast);
    }

    async Task NoteDamageAsync(RequestUnderWay request)
    {
        Require(ExportAccess.ReadWrite);
        var hashes = NameList.Read(request.Frame.Meta, _store.Hasher.Algorithm, 1);
        if (hashes is not [var hash])
            throw new FormatInvalidException("one block's name is wanted");
        var isNoted = await opened.Need<IDamageNotes>("notes no damage").NoteDamageAsync(hash, request.Cancelled);
        await request.ReplyAsync(new byte[] { (byte)(isNoted ? 1 : 0) });
    }

    async Task ReadReferenceAsync(RequestUnderWay request)
    {
        var (name, _, _) = ReferenceTexts.ReadQuestion(request.Frame.Meta);
        using var meta = new ByteWriter();
        ReferenceTexts.WriteValue(meta, await References.ReadAsync(name, request.Cancelled));
        await request.ReplyAsync(meta);
    }

    async Task ListReferencesAsync(RequestUnderWay request)
    {
        var (prefix, after, _) = ReferenceTexts.ReadQuestion(request.Frame.Meta);
        using var meta = new ByteWriter();
        await foreach (var name in References.ListAsync(prefix, request.Cancelled))
        {
            if (string.CompareOrdinal(name, after) <= 0)
                continue;
            ReferenceTexts.WriteName(meta, name);
            await FlowWhenLongAsync(request, meta);
        }

        await request.FlowAsync(meta, isLast: true);
    }

    async Task ReadLogAsync(RequestUnderWay request)
    {
        var (name, _, skip) = ReferenceTexts.ReadQuestion(request.Frame.Meta);
        using var meta = new ByteWriter();
        var number = 0L;
        await foreach (var movement in References.ReadLogAsync(name, request.Cancelled))
        {
            if (number++ < skip)
                continue;
            ReferenceTexts.WriteMovement(meta, movement);
            await FlowWhenLongAsync(request, meta);
        }

        await request.FlowAsync(meta, isLast: true);
    }

    static async Task FlowWhenLongAsync(RequestUnderWay request, ByteWriter meta)
    {
        if (meta.Length < FlowLength)
            return;
        await request.FlowAsync(meta, isLast: false);
        meta.Clear();
    }

    async Task MoveReferenceAsync(RequestUnderWay request)
    {
        Require(ExportAccess.AppendOnly);
        var move = ReferenceMove.Read(request.Frame.Meta, out var instance);
        if (move.Value is null)
            Require(ExportAccess.ReadWrite);

        // It is made though its client is gone meanwhile: that will ask again, and be told.
        var isMoved = await opened.Moves.MakeAsync(session, request.Id, () => MoveAsync(move, instance));
        await request.ReplyAsync(new byte[] { (byte)(isMoved ? 1 : 0) });
    }

    async Task<bool> MoveAsync(ReferenceMove move, Guid instance)
    {
        var references = References;
        if (instance != opened.Instance && await references.ReadAsync(move.Name) is var now && now != move.Expected)
        {
            // Another opened store may have made it, of which nothing is known here.
            throw new RequestFaultException(
                StreamFaultKind.UnavailableNow, $"the server was started anew, so that it is not known whether {move.Name} was moved; its value is {now ?? "none"} now");
        }

        return await references.TryMoveAsync(move.Name, move.Expected, move.Value, move.Note);
    }

    async Task ListExportsAsync(RequestUnderWay request)
    {
        using var meta = new ByteWriter();
        foreach (var name in exports)
            ReferenceTexts.WriteName(meta, name);
        await request.ReplyAsync(meta);
    }

    IRefStore References => opened.Need<IRefStore>("keeps no references");

    void Require(ExportAccess needed)
    {
        if (access < needed)
        {
            throw new UserErrorException(
                $"[{export.Name}] is served {ExportAccesses.NameOf(access)} to this client");
        }
    }
}
