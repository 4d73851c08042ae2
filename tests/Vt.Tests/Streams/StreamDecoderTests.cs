using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Stores.Streams.Protocol;

namespace Vt.Tests.Streams;

public sealed class StreamDecoderTests
{
    const int Runs = 200_000;

    static readonly Action<byte[]>[] Decoders =
    [
        static bytes => Hello.Read(bytes),
        static bytes => Welcome.Read(bytes),
        static bytes => StreamFault.Read(bytes),
        static bytes => NameList.Read(bytes, HashAlgorithmId.Blake3, StreamLimits.MostNames),
        static bytes => PresenceBits.Read(bytes, new bool[100]),
        static bytes => AddAnswer.Read(bytes, out _),
        static bytes => ReferenceMove.Read(bytes, out _),
        static bytes => ReferenceTexts.ReadQuestion(bytes),
        static bytes => ReferenceTexts.ReadValue(bytes),
        static bytes => ReferenceTexts.ReadNames(bytes),
        static bytes => ReferenceTexts.ReadMovements(bytes),
        static bytes => ReadBlocks(bytes),
        static bytes => ReadAnswer(bytes),
    ];

    [Fact]
    public void Whatever_bytes_come_they_are_read_or_refused()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var samples = Samples();
        for (var i = 0; i < Runs; i++)
        {
            byte[] bytes;
            if (i % 2 == 0)
            {
                bytes = new byte[random.Next(0, 80)];
                random.NextBytes(bytes);
            }
            else
            {
                bytes = [.. samples[random.Next(samples.Count)]];
                for (var change = random.Next(1, 4); change > 0 && bytes.Length > 0; change--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                if (random.Next(4) == 0)
                    bytes = bytes[..random.Next(bytes.Length + 1)];
            }

            var decoder = random.Next(Decoders.Length);
            var fault = Record.Exception(() => Decoders[decoder](bytes));
            Assert.True(fault is null or FormatInvalidException, $"seed {seed}, run {i}, decoder {decoder}: {fault}");
        }
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var hello = new Hello(1, 3, Guid.NewGuid(), "phötos", "somebody", new byte[Hello.NonceLength]);
        using var writer = new ByteWriter();
        hello.Write(writer);
        Assert.Equal(hello with { Nonce = default }, Hello.Read(writer.Written) with { Nonce = default });

        writer.Clear();
        var move = new ReferenceMove("a/b", null, "value", "nöte");
        var instance = Guid.NewGuid();
        move.Write(writer, instance);
        Assert.Equal(move, ReferenceMove.Read(writer.Written, out var read));
        Assert.Equal(instance, read);

        writer.Clear();
        var movement = new RefMovement(new DateTimeOffset(2026, 11, 22, 1, 2, 3, TimeSpan.FromHours(-5)), null, "ended");
        ReferenceTexts.WriteMovement(writer, movement);
        ReferenceTexts.WriteMovement(writer, movement with { Value = "x" });
        var movements = ReferenceTexts.ReadMovements(writer.Written);
        Assert.Equal([movement, movement with { Value = "x" }], movements);
        Assert.Equal(movement.When.Offset, movements[0].When.Offset);

        writer.Clear();
        var fault = new StreamFault(StreamFaultKind.Corrupt, "damaged", HashAlgorithms.GetHasher(HashAlgorithmId.Sha256).Hash("x"u8));
        fault.Write(writer);
        Assert.Equal(fault, StreamFault.Read(writer.Written));
    }

    static void ReadBlocks(byte[] bytes)
    {
        using var frame = Frame.Make(StreamVerb.Add, FrameFlags.None, 1, bytes, bulkLength: bytes.Length % 50);
        BlockList.Read(frame, HashAlgorithmId.Blake3);
    }

    static void ReadAnswer(byte[] bytes)
    {
        using var frame = Frame.Make(StreamVerb.Get, FrameFlags.Reply, 1, bytes, bulkLength: bytes.Length % 50);
        BlockAnswer.Read(frame, []);
    }

    static List<byte[]> Samples()
    {
        var samples = new List<byte[]>();
        void Add(Action<ByteWriter> write)
        {
            using var writer = new ByteWriter();
            write(writer);
            samples.Add(writer.Written.ToArray());
        }

        var hash = HashAlgorithms.GetHasher(HashAlgorithmId.Blake3).Hash("x"u8);
        Add(new Hello(1, 1, Guid.NewGuid(), "export", "client", new byte[Hello.NonceLength]).Write);
        Add(new Welcome
        {
            Version = 1,
            Instance = Guid.NewGuid(),
            Description = "a store",
            Access = ExportAccess.ReadWrite,
            Features = StoreFeatures.References,
            Hash = HashAlgorithmId.Blake3,
            Chunking = ChunkingParameters.Default,
            Capacity = new StoreCapacity(1, 2, 3, 4, 5),
        }.Write);
        Add(new StreamFault(StreamFaultKind.Corrupt, "what", hash).Write);
        Add(writer => NameList.Write(writer, [hash, hash, hash]));
        Add(writer => AddAnswer.Write(writer, new AddCounts(1, 2, 3, 4, 5), new StoreCapacity(1, 2, 3, 4, 5)));
        Add(writer => new ReferenceMove("name", "1", "2", "note").Write(writer, Guid.NewGuid()));
        Add(writer => ReferenceTexts.WriteQuestion(writer, "name", "after", 7));
        Add(writer => ReferenceTexts.WriteMovement(writer, new RefMovement(DateTimeOffset.UnixEpoch, "value", "note")));
        using var frame = BlockList.Make(1, new byte[100], [new BlockSlot(hash, 0, 40), new BlockSlot(hash, 40, 9)]);
        samples.Add(frame.Meta.ToArray());
        return samples;
    }
}
