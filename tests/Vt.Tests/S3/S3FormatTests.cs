using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Index;
using Vt.Stores.S3;
using Vt.Stores.S3.Index;
using Vt.Stores.S3.Refs;

namespace Vt.Tests.S3;

public sealed class S3FormatTests
{
    const int Runs = 20_000;

    static readonly PackId Store = new(1, 2);

    [Fact]
    public void A_description_of_a_store_is_read_back()
    {
        var config = new S3Config { IsObjectPerBlock = true, IsSingleWriter = true, Level = -3, PackSize = 32 << 20 };
        Assert.Equal(config, S3Config.Parse(config.ToBytes()));
        Assert.Equal(new S3Config { Id = config.Id }, S3Config.Parse(new S3Config { Id = config.Id }.ToBytes()));
    }

    [Fact]
    public void A_description_of_another_version_is_refused_by_its_version()
    {
        var fault = Assert.Throws<FormatInvalidException>(() => S3Config.Parse("vt s3 2\nwhatever\n"u8));
        Assert.Contains("of version 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_head_of_an_index_object_is_read_back()
    {
        var head = new IndexHead(Store, [new ReplacedIndex(new PackId(3, 4), 0), new ReplacedIndex(new PackId(5, 6), 77), new ReplacedIndex(new PackId(7, 8), 1)], 1234, 5678);
        var read = IndexHead.Read(head.ToBytes(), Store, head.ObjectLength);
        Assert.Equal(head.Replaced, read.Replaced);
        Assert.Equal((1234, 5678, head.Length), (read.StoredBytes, read.RunLength, read.Length));
        Assert.Throws<FormatInvalidException>(() => IndexHead.Read(head.ToBytes(), new PackId(9, 9), head.ObjectLength));
        Assert.Throws<FormatInvalidException>(() => IndexHead.Read(head.ToBytes(), Store, head.ObjectLength + 1));
    }

    [Fact]
    public void A_reference_is_read_back_under_its_own_name_only()
    {
        var when = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var body = new RefObject("a/b", new string('0', 32),
        [
            new MovedRef(new RefMovement(when, "x\ty % ü", "note"), new string('1', 32)),
            new MovedRef(new RefMovement(when, null, ""), new string('2', 32)),
        ]);
        var read = RefObject.Parse(body.ToBytes(), "a/b");
        Assert.Equal(body.Movements, read.Movements);
        Assert.Equal((body.Name, body.Older, null), (read.Name, read.Older, read.Value));
        Assert.Throws<FormatInvalidException>(() => RefObject.Parse(body.ToBytes(), "a/c"));
    }

    [Fact]
    public void Names_of_index_objects_are_read_back_and_others_are_none()
    {
        var id = PackId.Create();
        Assert.True(S3Layout.TryParseIndexName(S3Layout.IndexName(3, id), out var level, out var read));
        Assert.Equal((3, id), (level, read));
        foreach (var name in (string[])["", "00-x.idx", $"3-{id}.idx", $"03-{id}.run", $"-3-{id}.idx", $"03-{id}.idx.tmp"])
            Assert.False(S3Layout.TryParseIndexName(name, out _, out _));
    }

    [Fact]
    public void Whatever_bytes_come_they_are_read_or_refused()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var when = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        byte[][] sound =
        [
            new S3Config().ToBytes(),
            new IndexHead(Store, [new ReplacedIndex(new PackId(3, 4), 5)], 1234, 64).ToBytes(),
            new RefObject("a", "", [new MovedRef(new RefMovement(when, "v", "n"), new string('1', 32))]).ToBytes(),
        ];
        for (var i = 0; i < Runs; i++)
        {
            var bytes = sound[random.Next(3)].ToArray();
            for (var changes = random.Next(4); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            Check(() => S3Config.Parse(bytes));
            Check(() => IndexHead.Read(bytes, Store, random.Next(1000)));
            Check(() => RefObject.Parse(bytes, "a"));
        }

        void Check(Action read)
        {
            var failure = Record.Exception(read);
            Assert.True(failure is null or FormatInvalidException, $"seed {seed}: {failure}");
        }
    }
}
