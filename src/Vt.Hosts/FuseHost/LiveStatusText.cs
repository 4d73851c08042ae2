using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Fuse.Session;

namespace Vt.Hosts.FuseHost;

/// <summary>Says as JSON how a live mount stands; what <c>vt status</c> shows.</summary>
static class LiveStatusText
{
    public static Outcome<ReadOnlyMemory<byte>> Write(LiveStatus status, FuseConnection? connection, int passedFiles)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteNumber("process", Environment.ProcessId);
            json.WriteString("transport", connection?.IsOverIoUring == true ? "io_uring" : "device");
            json.WriteNumber("unstored_bytes", status.UnstoredBytes);
            json.WriteNumber("local_inodes", status.LocalInodes);
            json.WriteNumber("local_bytes", status.LocalBytes);
            json.WriteNumber("log_file_bytes", status.LogFileBytes);
            json.WriteNumber("unsynced_records", status.UnsyncedRecords);
            json.WriteNumber("inodes_in_memory", status.InodesInMemory);
            json.WriteNumber("checkpoints", status.Checkpoints);
            json.WriteNumber("last_checkpoint_ms", Math.Round(status.LastCheckpointDuration.TotalMilliseconds, 2));
            json.WriteBoolean("storing_fails", status.IsStoringFailing);
            json.WriteNumber("stored_early_bytes", status.StoredEarlyBytes);
            json.WriteNumber("flat_copies", status.FlatCopies);
            json.WriteNumber("flat_bytes", status.FlatBytes);
            json.WriteNumber("flat_reads", status.FlatReads);
            json.WriteNumber("passthrough_files", passedFiles);
            json.WriteNumber("replayed_records", status.ReplayedRecords);
            WriteMemory(json);
            json.WriteStartArray("caches");
            foreach (var cache in status.Caches)
                Write(json, cache);
            json.WriteEndArray();
            if (status.Lag is { } lag)
                Write(json, lag);
            json.WriteStartArray("operations");
            foreach (var figures in connection?.Statistics.Read() ?? [])
                Write(json, figures);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return (ReadOnlyMemory<byte>)text.ToArray();
    }

    // As of the last collection, which a mount in steady state makes seldom.
    static void WriteMemory(Utf8JsonWriter json)
    {
        var heap = GC.GetGCMemoryInfo(GCKind.Any);
        json.WriteStartObject("memory");
        json.WriteNumber("resident_bytes", Environment.WorkingSet);
        json.WriteNumber("heap_bytes", heap.HeapSizeBytes);
        json.WriteNumber("heap_free_bytes", heap.FragmentedBytes);
        json.WriteNumber("heap_committed_bytes", heap.TotalCommittedBytes);
        json.WriteNumber("collections", GC.CollectionCount(0));
        json.WriteNumber("full_collections", GC.CollectionCount(GC.MaxGeneration));
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, StoreLag lag)
    {
        json.WriteStartObject("lag");
        json.WriteNumber("bytes", lag.Bytes);
        json.WriteNumber("blocks", lag.Blocks);
        json.WriteNumber("moves", lag.Moves);
        if (lag.Since is { } since)
            json.WriteString("since", since);
        json.WriteNumber("conflicts", lag.Conflicts);
        if (lag.LastError is { } error)
            json.WriteString("error", error);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, CacheFigures cache)
    {
        json.WriteStartObject();
        json.WriteString("cache", cache.Name);
        json.WriteNumber("hits", cache.Hits);
        json.WriteNumber("misses", cache.Misses);
        json.WriteNumber("bytes", cache.Bytes);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, FuseOperationFigures figures)
    {
        json.WriteStartObject();
        json.WriteString("operation", figures.Opcode.ToString().ToLowerInvariant());
        json.WriteNumber("count", figures.Count);
        json.WriteNumber("mean_us", Math.Round(figures.Mean, 2));
        json.WriteNumber("median_us", Math.Round(figures.Median, 2));
        json.WriteNumber("p99_us", Math.Round(figures.Percentile99, 2));
        json.WriteNumber("longest_us", Math.Round(figures.Longest, 2));
        json.WriteEndObject();
    }
}
