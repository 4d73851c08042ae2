using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Import;
using Vt.Trees.Meta;
using Vt.Trees.Tar;
using Vt.Trees.Tar.Reading;

namespace Vt.Tests.Import;

/// <summary>What archives say, byte for byte, and archives that somebody has changed.</summary>
public sealed class TarReadingTests
{
    [Theory]
    [InlineData("0000644\0", 420)]
    [InlineData("   644 \0", 420)]
    [InlineData("\0\0\0\0\0\0\0\0", 0)]
    [InlineData("77777777", 0xffffff)]
    public void Octal_fields_are_read(string field, long number) => Assert.Equal(number, TarNumbers.ReadField(Encoding.Latin1.GetBytes(field), "x"));

    [Theory]
    [InlineData("80000000000000000001", 1)]
    [InlineData("800000007fffffffffffffff", long.MaxValue)]
    [InlineData("ffffffffffffffffffffffff", -1)]
    [InlineData("80ffffff", 0xffffff)]
    public void Binary_fields_are_read(string hex, long number) => Assert.Equal(number, TarNumbers.ReadField(Convert.FromHexString(hex), "x"));

    [Theory]
    [InlineData("0000648\0")]
    [InlineData("-000644\0")]
    [InlineData("x")]
    public void What_is_no_number_is_refused(string field) => Assert.Throws<FormatInvalidException>(() => TarNumbers.ReadField(Encoding.Latin1.GetBytes(field), "x"));

    [Fact]
    public void A_number_beyond_all_bounds_is_refused() =>
        Assert.Throws<FormatInvalidException>(static () => TarNumbers.ReadField(Convert.FromHexString("8000000180000000000000ff"), "x"));

    [Theory]
    [InlineData("1.5", 1, 500_000_000)]
    [InlineData("-1.5", -2, 500_000_000)]
    [InlineData("-1", -1, 0)]
    [InlineData("7.1234567891", 7, 123_456_789)]
    public void Times_are_read(string text, long seconds, uint nanoseconds) => Assert.Equal(new Timestamp(seconds, nanoseconds), TarNumbers.ReadTime(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Times_are_read_as_they_are_written()
    {
        var times =
            from seconds in Gen.Choose(-2_000_000_000, 2_000_000_000)
            from nanoseconds in Gen.Choose(0, 999_999_999)
            select new Timestamp(seconds, (uint)nanoseconds);
        Prop.ForAll(times.ToArbitrary(), static time =>
        {
            using var writer = new Vt.Blocks.Encoding.ByteWriter();
            new PaxRecords(writer).Add("mtime"u8, time);
            var header = new PaxHeader();
            header.Add(writer.Written, isForAll: false);
            Assert.Equal(time, TarNumbers.ReadTime(header.Find("mtime")!));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("user::rwx,user:1000:r--,group::r-x,mask::rwx,other::---")]
    [InlineData("user::rw-,group::r--,group:7:--x,mask::r--,other::r--")]
    public void Access_lists_are_read_as_they_are_written(string text) => Assert.Equal(text, Encoding.ASCII.GetString(AclText.Of(AclText.Parse(Encoding.ASCII.GetBytes(text)))!));

    [Theory]
    [InlineData("user::rwx\nuser:root:r-x:0\ngroup::r-x\nmask:rwx\nother:r--\n", "user::rwx,user:0:r-x,group::r-x,mask::rwx,other::r--")]
    [InlineData("default:user::rwx,default:group::r-x,default:other::r-x", "user::rwx,group::r-x,other::r-x")]
    public void Other_forms_of_access_lists_are_read_too(string text, string same) => Assert.Equal(same, Encoding.ASCII.GetString(AclText.Of(AclText.Parse(Encoding.ASCII.GetBytes(text)))!));

    [Theory]
    [InlineData("")]
    [InlineData("user::rwz")]
    [InlineData("user:nobody-of-that-name:rwx")]
    [InlineData("whoever::rwx")]
    [InlineData("user")]
    public void What_is_no_access_list_is_none(string text) => Assert.Null(AclText.Parse(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public async Task A_changed_archive_is_read_or_refused_and_never_more()
    {
        var archive = await MakeAsync();
        var random = new Random(7);
        for (var round = 0; round < 3000; round++)
        {
            var changed = archive.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            if (round % 3 == 0)
                Reseal(changed, random);
            if (round % 5 == 0)
                changed = changed[..random.Next(changed.Length)];
            try
            {
                var reader = new TarReader(new MemoryStream(changed));
                var buffer = new byte[4096];
                while (await reader.NextAsync(default) is { } entry)
                {
                    foreach (var (_, length) in entry.Parts ?? [(0, entry.Kind == DirentKind.File ? entry.Size : 0)])
                    {
                        for (var left = length; left > 0; left -= Math.Min(left, buffer.Length))
                            await reader.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), default);
                    }
                }
            }
            catch (FormatInvalidException)
            {
                // Refused.
            }
        }
    }

    [Fact]
    public async Task A_changed_archive_makes_a_whole_tree_or_none()
    {
        var archive = await MakeAsync();
        var random = new Random(8);
        for (var round = 0; round < 200; round++)
        {
            var changed = archive.ToArray();
            changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
            Reseal(changed, random);
            var store = new MemoryStore();
            try
            {
                var result = await new Importer(store).ImportTarAsync(new MemoryStream(changed));
                await foreach (var entry in new DirectoryReader(store, new DirectoryNodeCache()).EnumerateAsync(result.Root.Content))
                    Assert.Null(Dirent.CheckName(entry.Name.Span));
            }
            catch (Exception refused) when (refused is FormatInvalidException or UserErrorException or InvalidDataException)
            {
                // Refused.
            }
        }
    }

    // Headers of every kind, which a mount's archive has none of.
    static async Task<byte[]> MakeAsync()
    {
        var folder = new Support.TempFolder(inMemory: true);
        try
        {
            new Support.TreeGenerator(21, 0.2).Make(folder.Make("tree"));
            var store = new MemoryStore();
            var imported = await new Importer(store).ImportAsync(Encoding.UTF8.GetBytes(folder["tree"]));
            var archive = await TarArchive.CreateAsync(new DirectoryReader(store, new DirectoryNodeCache()), imported.Root, default);
            var bytes = new byte[Math.Min(archive.Length, 400_000)];
            await archive.ReadAsync(0, bytes, default);
            return bytes;
        }
        finally
        {
            folder.Dispose();
        }
    }

    // Some header gets the checksum of what stands in it now, so that what is behind that check is tried.
    static void Reseal(byte[] archive, Random random)
    {
        for (var at = random.Next(archive.Length / 512) * 512; at + 512 <= archive.Length; at += 512)
        {
            if (!archive.AsSpan(at + 257, 5).SequenceEqual("ustar"u8))
                continue;
            archive[at + random.Next(500)] = (byte)random.Next(256);
            archive.AsSpan(at + 148, 8).Fill((byte)' ');
            var sum = 0;
            foreach (var b in archive.AsSpan(at, 512))
                sum += b;
            Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(archive, at + 148);
            return;
        }
    }
}
