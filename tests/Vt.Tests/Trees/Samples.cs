using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees;

/// <summary>Random dirents and their parts, with every nasty byte that there may be.</summary>
static class Samples
{
    static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(300);

    /// <summary>Checks a law for many random values; a failure prints the seed that made the value.</summary>
    public static void ForAll<T>(Func<Random, T> make, Action<T> law, int tests = 300) =>
        Check.One(Config.WithMaxTest(tests), Prop.ForAll(
            Arb.From(Gen.Choose(int.MinValue, int.MaxValue)),
            seed => law(make(new Random(seed)))));

    public static byte[] Bytes(Random random, int fewest, int most)
    {
        var bytes = new byte[random.Next(fewest, most + 1)];
        random.NextBytes(bytes);
        return bytes;
    }

    public static byte[] Name(Random random)
    {
        while (true)
        {
            var name = random.Next(4) switch
            {
                0 => Bytes(random, 1, 255),
                1 => Bytes(random, 1, 4),
                2 => System.Text.Encoding.UTF8.GetBytes($" \"\\,}}{{:\t\né\u202e{random.Next(100)}"),
                _ => System.Text.Encoding.ASCII.GetBytes($"file-{random.Next()}.c"),
            };
            for (var i = 0; i < name.Length; i++)
            {
                if (name[i] is 0 or (byte)'/')
                    name[i] = 0xff;
            }

            if (Vt.Trees.Dirents.Dirent.CheckName(name) is null)
                return name;
        }
    }

    public static BlockRef Ref(Random random)
    {
        var hash = new BlockHash(HashAlgorithmId.Blake3, Bytes(random, 32, 32));
        return random.Next(6) switch
        {
            0 => BlockRef.Empty,
            1 => BlockRef.Literal(Bytes(random, 1, BlockRef.LongestLiteral)),
            2 => BlockRef.Indirect(hash, random.NextInt64(1, long.MaxValue), random.Next(1, BlockRef.DeepestLevel + 1)),
            3 => BlockRef.Run((byte)random.Next(256), random.NextInt64(1, long.MaxValue)),
            4 => BlockRef.Slice(BlockRef.Direct(hash, 1000), random.Next(0, 500), random.Next(1, 500)),
            _ => BlockRef.Direct(hash, random.NextInt64(1, 1 << 20)),
        };
    }

    public static XattrSet Xattrs(Random random)
    {
        var items = new Dictionary<string, Xattr>();
        for (var i = random.Next(5); i > 0; i--)
        {
            var name = Array.FindAll(Bytes(random, 1, 30), static b => b != 0);
            if (name.Length > 0)
                items[Convert.ToHexString(name)] = new Xattr(name, Bytes(random, 0, 60));
        }

        return random.Next(10) == 0 ? XattrSet.In(BlockRef.Direct(new BlockHash(HashAlgorithmId.Sha3, Bytes(random, 32, 32)), 4000)) : XattrSet.Create(items.Values);
    }

    public static Metadata Metadata(Random random) => random.Next(10) == 0 ? Vt.Trees.Meta.Metadata.Empty : new Metadata
    {
        Mode = (uint)random.Next(0x1000),
        Uid = Number(random),
        Gid = Number(random),
        UserName = random.Next(2) == 0 ? Bytes(random, 0, 32) : default,
        GroupName = random.Next(2) == 0 ? Bytes(random, 0, 255) : default,
        ModificationTime = Time(random),
        ChangeTime = Time(random),
        BirthTime = Time(random),
        AccessTime = random.Next(3) == 0 ? Time(random) : null,
        Device = random.Next(3) == 0 ? new DeviceId(Number(random), Number(random)) : null,
        Xattrs = Xattrs(random),
        LinkCount = Number(random),
        HoleSpan = Number(random),
        SourceInode = random.Next(2) == 0 ? 0 : (ulong)random.NextInt64() << random.Next(2),
        Unknown = Unknown(random, firstTag: 40),
    };

    public static Dirent Dirent(Random random) => new()
    {
        Kind = (DirentKind)random.Next(1, 10),
        Name = random.Next(10) == 0 ? default : Name(random),
        Uuid = random.Next(2) == 0 ? new Guid(Bytes(random, 16, 16)) : null,
        Metadata = Metadata(random),
        Content = Ref(random),
        Previous = random.Next(4) == 0 ? Ref(random) : BlockRef.Empty,
        Inodes = random.Next(4) == 0 ? Ref(random) : BlockRef.Empty,
        Unknown = Unknown(random, firstTag: 30),
    };

    /// <summary>A plain file's entry.</summary>
    public static Dirent File(byte[] name, int version = 0) => new()
    {
        Kind = DirentKind.File,
        Name = name,
        Metadata = new Metadata { Mode = 0x1a4, ModificationTime = new Timestamp(1_700_000_000 + version, 5) },
        Content = BlockRef.Run((byte)version, 1000 + version),
    };

    public static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    static Timestamp? Time(Random random) => random.Next(5) switch
    {
        0 => null,
        1 => new Timestamp(random.NextInt64(long.MinValue, long.MaxValue), 999_999_999),
        2 => new Timestamp(-1, 1),
        3 => default(Timestamp),
        _ => new Timestamp(random.Next(), (uint)random.Next(1_000_000_000)),
    };

    static uint Number(Random random) => random.Next(3) switch
    {
        0 => 0,
        1 => uint.MaxValue,
        _ => (uint)random.Next(100_000),
    };

    static byte[] Unknown(Random random, int firstTag)
    {
        using var writer = new ByteWriter();
        if (random.Next(3) > 0)
            return [];
        FieldWriter.WriteNumber(writer, firstTag, (ulong)random.Next(1, 1000));
        FieldWriter.WritePair(writer, firstTag + 1, 0, ulong.MaxValue);
        FieldWriter.WriteData(writer, firstTag + 900, Bytes(random, 1, 20));
        return writer.Written.ToArray();
    }
}
