using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.PackFile;
using Vt.Tests.Support;

namespace Vt.Tests.PackFile;

/// <summary>Store files that end early or were changed: what can be read is right, and the rest is said.</summary>
public sealed class PackFileDamageTests : IDisposable
{
    static readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithmId.Blake3), 3, 60, 30_000);
    static readonly Dictionary<string, string> _references = new() { ["trees/one"] = "text" };

    readonly TempFolder _folder = new(inMemory: true);
    readonly byte[] _whole = TestPackFile.Make(_references, _blocks);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_things_make_the_same_file() => Assert.Equal(_whole, TestPackFile.Make(_references, _blocks));

    [Fact]
    public async Task Wherever_a_file_ends_all_whole_frames_before_can_be_read()
    {
        var before = 0;
        for (var length = _whole.Length; length > 0; length -= Math.Max(1, _whole.Length / 97))
        {
            var readable = await CountReadableAsync(_whole[..length]);
            if (length == _whole.Length)
                Assert.Equal(_blocks.Length, readable);
            else if (before > 0)
                Assert.True(readable <= before, $"{readable} blocks of {length} bytes and {before} of more");
            before = Math.Max(readable, 0);
        }

        // The frame that was cut is all that goes.
        Assert.InRange(await CountReadableAsync(_whole[..(_whole.Length * 3 / 4)]), _blocks.Length / 4, _blocks.Length - 1);
    }

    [Fact]
    public async Task A_changed_bit_costs_what_it_hits_and_is_never_handed_out()
    {
        for (var at = 1; at < _whole.Length; at += Math.Max(1, _whole.Length / 211))
        {
            var damaged = (byte[])_whole.Clone();
            damaged[at] ^= 0x10;
            await CountReadableAsync(damaged);
        }
    }

    [Fact]
    public async Task A_file_says_whether_it_is_whole()
    {
        File.WriteAllBytes(_folder["x.vtd"], _whole);
        await using (var whole = PackFileStore.Open(_folder["x.vtd"]))
            Assert.Null(whole.Damage);
        File.WriteAllBytes(_folder["x.vtd"], _whole[..^200]);
        await using var cut = PackFileStore.Open(_folder["x.vtd"]);
        Assert.Contains("can be read", cut.Damage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no pack")]
    public void What_is_no_pack_is_refused_by_name(string content)
    {
        File.WriteAllText(_folder["x.vtd"], content);
        Assert.Contains("x.vtd is no store file", Assert.Throws<UserErrorException>(() => PackFileStore.Open(_folder["x.vtd"])).Message, StringComparison.Ordinal);
        Assert.Contains("there is no such file", Assert.Throws<UserErrorException>(() => PackFileStore.Open(_folder["y.vtd"])).Message, StringComparison.Ordinal);
        Assert.Contains("this is no file", Assert.Throws<UserErrorException>(() => PackFileStore.Open(_folder.Make("z.vtd"))).Message, StringComparison.Ordinal);
    }

    // How many blocks are read right; each other one is absent or an error. -1 where the file is refused.
    async Task<int> CountReadableAsync(byte[] bytes)
    {
        File.WriteAllBytes(_folder["x.vtd"], bytes);
        PackFileStore store;
        try
        {
            store = PackFileStore.Open(_folder["x.vtd"]);
        }
        catch (UserErrorException)
        {
            return -1;
        }

        await using (store)
        {
            var count = 0;
            foreach (var block in _blocks)
            {
                try
                {
                    using var lease = await store.GetAsync(block.Hash);
                    if (!lease.IsPresent)
                        continue;
                    Assert.True(lease.Span.SequenceEqual(block.Bytes), "wrong bytes were handed out");
                    count++;
                }
                catch (Exception fault) when (fault is BlockCorruptException or FormatInvalidException)
                {
                    Assert.NotEqual(_whole, bytes);
                }
            }

            return count;
        }
    }
}
