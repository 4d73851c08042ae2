using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Blocks.Reconciliation;
using Vt.Stores.Streams.Protocol;

namespace Vt.Hosts.StreamServer;

/// <summary>Answers requests for sketches, which are made here of what the store lists: names by the million don't go over the line.</summary>
/// <param name="opened">The store.</param>
sealed class SketchHandler(OpenedStore opened)
{
    const int FlowLength = 64 << 10;
    const int CellSize = 16;

    EnumeratedSketches Sketches => new(opened.Need<IBlockEnumeration>("does not list its blocks"), opened.Store.Hasher.Algorithm);

    /// <summary>Sends a sketch for each part.</summary>
    public async Task SketchAsync(RequestUnderWay request)
    {
        var question = SketchQuestion.Read(request.Frame.Meta);
        request.ReleaseFrame();
        var size = FlowLength + (2 * CellSize * question.Cells);
        await request.TakeMemoryAsync(size);
        try
        {
            await SketchAsync(request, question);
        }
        finally
        {
            request.GiveMemory(size);
        }
    }

    /// <summary>Sends the names of some numbers.</summary>
    public async Task FindNamesAsync(RequestUnderWay request)
    {
        var question = NamesQuestion.Read(request.Frame.Meta, opened.Store.Hasher.Algorithm);
        request.ReleaseFrame();
        using var meta = new ByteWriter();
        var page = new List<BlockHash>(StreamLimits.MostNames / 2);
        await foreach (var hash in Sketches.FindNamesAsync(question.Key, question.Range, question.Numbers, request.Cancelled))
        {
            if (question.After is { } after && hash <= after)
                continue;
            page.Add(hash);
            if (page.Count < StreamLimits.MostNames / 2)
                continue;
            await FlowAsync(request, meta, page, isLast: false);
            page.Clear();
        }

        await FlowAsync(request, meta, page, isLast: true);
    }

    async Task SketchAsync(RequestUnderWay request, SketchQuestion question)
    {
        using var meta = new ByteWriter();
        await foreach (var sketch in Sketches.SketchAsync(question.Key, question.Range, question.Cells, request.Cancelled))
        {
            sketch.Write(meta);
            if (meta.Length < FlowLength)
                continue;
            await request.FlowAsync(meta, isLast: false);
            meta.Clear();
        }

        await request.FlowAsync(meta, isLast: true);
    }

    static Task FlowAsync(RequestUnderWay request, ByteWriter meta, List<BlockHash> page, bool isLast)
    {
        meta.Clear();
        NameList.Write(meta, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(page));
        return request.FlowAsync(meta, isLast);
    }
}
