using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Blocks.Reconciliation;
using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams;

/// <content>Sketches, which the server makes.</content>
public sealed partial class StreamStore
{
    /// <inheritdoc/>
    public bool CanSketch => (_welcome.Features & StoreFeatures.Sketches) != 0;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SetSketch> SketchAsync(
        FingerprintKey key, SketchRange range, int cells, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var left = range;
        var isDone = false;
        await foreach (var frame in FlowAsync(StreamVerb.Sketch, meta => new SketchQuestion(key, left, cells).Write(meta), cancellationToken))
        {
            var sketches = new List<SetSketch>();
            using (frame)
                Guarded(() => sketches = SketchQuestion.ReadAnswer(frame.Meta));
            foreach (var sketch in sketches)
            {
                if (isDone)
                    throw new StoreUnavailableException(Description, "the server sent more sketches than it was asked for");
                isDone = left.First == left.Last;
                left = isDone ? left : left with { First = left.First + 1 };
                yield return sketch;
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlockHash> FindNamesAsync(
        FingerprintKey key, SketchRange range, IReadOnlyCollection<ulong>? numbers, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BlockHash? last = null;
        await foreach (var frame in FlowAsync(StreamVerb.FindNames, meta => new NamesQuestion(key, range, last, numbers).Write(meta), cancellationToken))
        {
            var hashes = Array.Empty<BlockHash>();
            using (frame)
                Guarded(() => hashes = NameList.Read(frame.Meta, _welcome.Hash, StreamLimits.MostNames));
            foreach (var hash in hashes)
            {
                if (last is { } before && hash <= before)
                    throw new StoreUnavailableException(Description, "the server's list of blocks is out of order");
                last = hash;
                yield return hash;
            }
        }
    }
}
