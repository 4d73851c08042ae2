using System.CommandLine;
using System.Globalization;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.Memory;

namespace Vt.Commands;

/// <summary>Measures how fast this machine does what storing is made of.</summary>
sealed class BenchmarkVerb : Verb
{
    const int BufferBytes = 16 << 20;
    const int Seed = 20261121;

    static readonly TimeSpan EachTakes = TimeSpan.FromMilliseconds(400);

    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");

    /// <summary>Makes the command.</summary>
    public BenchmarkVerb()
        : base("benchmark", "Measure how fast this machine hashes, cuts, compresses and stores")
    {
        Options.Add(_json);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Each line is measured for about half a second on one thread, with data from memory: half of it text-like, half random.
        The first figure is by the clock on the wall, the second by the processor's time, which other work on the machine disturbs
        less. make bench compares whole commands with other tools.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt benchmark", "Show a table."),
        ("vt benchmark --json", "Show the same for a program."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var data = MakeData();
        foreach (var algorithm in HashAlgorithms.All.ToArray())
        {
            var hasher = HashAlgorithms.GetHasher(algorithm);
            Report(context, $"hash {HashAlgorithms.NameOf(algorithm)}, 32 KiB blocks, batched", await RateAsync(context, data.Length, () => Task.Run(() => HashBlocks(hasher, data), cancellationToken), cancellationToken));
        }

        Report(context, "cut into chunks", await RateAsync(context, data.Length, () => Task.Run(() => CutAll(data), cancellationToken), cancellationToken));
        Report(context, "cut, hash and keep in memory", await RateAsync(context, data.Length, () => StoreAsync(data, cancellationToken), cancellationToken));
        return ExitCode.Ok;
    }

    /// <summary>Text-like bytes and random bytes by turns of 256 KiB, the same in every run.</summary>
    static byte[] MakeData()
    {
        const int Turn = 256 << 10;
        var random = new Random(Seed);
        var data = new byte[BufferBytes];
        random.NextBytes(data);
        for (var start = 0; start < data.Length; start += 2 * Turn)
        {
            foreach (ref var b in data.AsSpan(start, Turn))
                b = (byte)("etaoin shrdlu\n"[b % 14]);
        }

        return data;
    }

    static void CutAll(byte[] data)
    {
        var chunker = new Chunker(ChunkingParameters.Default);
        var chunks = new Chunk[4096];
        for (var rest = data.AsSpan(); !rest.IsEmpty;)
        {
            var count = chunker.CutAll(rest, chunks);
            rest = rest[(chunks[count - 1].Offset + chunks[count - 1].Length)..];
        }
    }

    static void HashBlocks(BlockHasher hasher, byte[] data)
    {
        const int BlockBytes = 32 << 10;
        var chunks = new Chunk[data.Length / BlockBytes];
        for (var i = 0; i < chunks.Length; i++)
            chunks[i] = new Chunk(i * BlockBytes, BlockBytes);
        hasher.HashMany(data, chunks, new BlockHash[chunks.Length]);
    }

    static async Task StoreAsync(byte[] data, CancellationToken cancellationToken)
    {
        await using var store = new MemoryStore();
        await using var writer = new BlockTreeWriter(store, new Chunker(store.Chunking), new BlockTreeWriterOptions { Workers = 0 });
        await writer.WriteAsync(data, cancellationToken);
        await writer.CompleteAsync(cancellationToken);
    }

    static async Task<(double Wall, double Processor)> RateAsync(CommandContext context, long bytes, Func<Task> work, CancellationToken cancellationToken)
    {
        await work();
        var clock = context.Surroundings.Clock;
        var start = clock.GetTimestamp();
        var used = Environment.CpuUsage.TotalTime;
        long done = 0;
        TimeSpan elapsed;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            await work();
            done += bytes;
            elapsed = clock.GetElapsedTime(start);
        }
        while (elapsed < EachTakes);
        var processor = (Environment.CpuUsage.TotalTime - used).TotalSeconds;
        return (done / elapsed.TotalSeconds, done / Math.Max(processor, 1e-3));
    }

    void Report(CommandContext context, string what, (double Wall, double Processor) rate)
    {
        if (context.Get(_json))
        {
            var json = context.Output.BeginJson();
            json.WriteStartObject();
            json.WriteString("what", what);
            json.WriteNumber("bytes_per_second", Math.Round(rate.Wall));
            json.WriteNumber("bytes_per_processor_second", Math.Round(rate.Processor));
            json.WriteEndObject();
            context.Output.EndJson();
        }
        else
        {
            context.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{what,-48} {HumanText.Size(rate.Wall),10}/s {HumanText.Size(rate.Processor),10}/s"));
            context.Output.Flush();
        }
    }
}
