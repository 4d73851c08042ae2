using System.Buffers.Binary;
using Vt.Stores.DataDir.Index;

namespace Vt.Tests.DataDir.Index;

/// <summary>Makes runs that are wrong though every checksum is right: what no accident does.</summary>
static class RunForger
{
    /// <summary>Writes the checksums that the bytes would have to have, where the header's numbers lead to any.</summary>
    public static void FixChecksums(Span<byte> run)
    {
        var packs = BinaryPrimitives.ReadInt32LittleEndian(run[24..]);
        var blocks = BinaryPrimitives.ReadInt64LittleEndian(run[40..]);
        var count = BinaryPrimitives.ReadInt64LittleEndian(run[16..]);
        if (packs is < 0 or > 10 || blocks is < 1 or > 1000 || count is < 0 or > 10000)
            return;
        var layout = new RunLayout(packs, blocks, count);
        if (layout.TotalLength != run.Length)
            return;
        var filter = run[(int)layout.FilterOffset..(int)layout.EntriesOffset];
        var entries = run[(int)layout.EntriesOffset..(int)layout.ChecksOffset];
        BinaryPrimitives.WriteUInt32LittleEndian(run[(int)layout.ChecksOffset..], Crc32C.Of(filter));
        for (var page = 0; page < layout.EntryPages; page++)
        {
            var bytes = entries[(page * RunLayout.EntryPageSize)..];
            var check = run[((int)layout.ChecksOffset + (4 * (layout.FilterPages + page)))..];
            BinaryPrimitives.WriteUInt32LittleEndian(check, Crc32C.Of(bytes[..Math.Min(bytes.Length, RunLayout.EntryPageSize)]));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(run[144..], Crc32C.Of(run[(int)RunLayout.PacksOffset..(int)layout.FilterOffset]));
        BinaryPrimitives.WriteUInt32LittleEndian(run[148..], Crc32C.Of(run[(int)layout.ChecksOffset..(int)layout.TrailerOffset]));
        BinaryPrimitives.WriteUInt32LittleEndian(run[188..], Crc32C.Of(run[..188]));
        new RunTrailer(layout.TotalLength, RunHeader.CheckOf(run)).Write(run[(int)layout.TrailerOffset..]);
    }

    /// <summary>Merges a run with itself, as the index would with others.</summary>
    public static void ReadAll(Run run)
    {
        var merge = new RunMerge([run, run]);
        var inputs = new List<Run> { run, run };
        RunCombiner.Write(inputs, merge, new HashSet<PackId> { new(1, 2) }, new MemoryRunOutput(), run.Algorithm, CancellationToken.None);
    }
}
