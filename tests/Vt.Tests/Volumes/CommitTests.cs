using System.Text;
using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Tests.Trees;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;
using Vt.Volumes.Commits;

namespace Vt.Tests.Volumes;

public sealed class CommitTests
{
    static readonly Commit _plain = VolumeSamples.Of(new Dirent { Kind = DirentKind.Directory }, "First\n\nand more", new ManualClock());

    [Fact]
    public void Every_commit_comes_back_from_its_binary_form() => Samples.ForAll(VolumeSamples.Commit, commit =>
    {
        var form = commit.Encode();
        var back = Commit.Decode(form);
        Assert.Equal(commit, back);
        Assert.Equal(form, back.Encode());
        Assert.Equal(commit.Root, back.Root);
        Assert.Equal(commit.Parents, back.Parents);
        Assert.Equal((commit.Author, commit.Committer), (back.Author, back.Committer));
        Assert.Equal(commit.Message.ToArray(), back.Message.ToArray());
        Assert.Equal(commit.Labels.OrderBy(l => l.Key, StringComparer.Ordinal), back.Labels.OrderBy(l => l.Key, StringComparer.Ordinal));
        Assert.Equal(commit.Provenance.OrderBy(l => l.Key, StringComparer.Ordinal), back.Provenance.OrderBy(l => l.Key, StringComparer.Ordinal));
    });

    [Fact]
    public void Every_commit_comes_back_from_its_text_form() => Samples.ForAll(VolumeSamples.Commit, commit =>
    {
        var text = commit.ToString();
        Assert.All(text, static c => Assert.InRange(c, '!', '~'));
        var back = Commit.Parse(text);
        Assert.Equal(commit, back);
        Assert.Equal(text, back.ToString());
    });

    [Fact]
    public void A_commit_reads_well_as_text() => Assert.Equal(
        """M{root:D{},author:"Ann\x20<ann@example.org>",authored:1795244400.000000000,zone:+0200,message:"First\x0a\x0aand\x20more"}""",
        _plain.ToString());

    [Fact]
    public void The_binary_form_does_not_change() => Assert.Equal(
        Convert.ToHexStringLower("vt commit\n"u8)
        + "06" + "03" + "020402" // the root: a directory's dirent
        + "0e" + "20" // the author
        + "06" + "03" + Convert.ToHexStringLower("Ann"u8)
        + "0a" + "0f" + Convert.ToHexStringLower("ann@example.org"u8)
        + "0d" + "e0858ab00d" + "00" // the moment
        + "10" + "f001" // two hours
        + "16" + "0f" + Convert.ToHexStringLower("First\n\nand more"u8),
        Convert.ToHexStringLower(_plain.Encode()));

    [Fact]
    public void What_a_later_version_has_added_is_carried_along()
    {
        // Field 99, a number.
        var form = (byte[])[.. _plain.Encode(), 0x8c, 0x03, 7];
        var commit = Commit.Decode(form);
        Assert.Equal(form, commit.Encode());
        Assert.Equal(commit, Commit.Parse(commit.ToString()));
        Assert.NotEqual(_plain, commit);
    }

    [Fact]
    public void Every_damaged_form_is_refused_or_is_another_commit() => Samples.ForAll(
        random => (Form: VolumeSamples.Commit(random).Encode(), At: random.Next(), Bit: 1 << random.Next(8), IsCut: random.Next(3) == 0),
        damage =>
        {
            var form = damage.IsCut ? damage.Form[..(damage.At % damage.Form.Length)] : (byte[])[.. damage.Form];
            if (!damage.IsCut)
                form[damage.At % form.Length] ^= (byte)damage.Bit;
            try
            {
                Assert.Equal(form, Commit.Decode(form).Encode());
            }
            catch (FormatInvalidException)
            {
                // Refused.
            }
        },
        tests: 2000);

    [Theory]
    [InlineData("", "wanted")]
    [InlineData("M{}", "author")]
    [InlineData("""M{root:D{},author:"Ann",authored:1}""", "Name <address>")]
    [InlineData("""M{root:D{},author:"A\x20<b>",authored:1,zone:+9900}""", "UTC")]
    [InlineData("""M{root:D{},author:"A\x20<b>",authored:1,committed:2}""", "belong together")]
    [InlineData("""M{root:D{},root:D{},author:"A\x20<b>",authored:1}""", "twice")]
    [InlineData("""M{root:D{},author:"A\x20<b>",authored:1,label:"x"}""", "word=text")]
    [InlineData("""M{root:D{},author:"A\x20<b>",authored:1,parent:abc}""", "hash")]
    [InlineData("""M{root:D{},author:"A\x20<b>",authored:1,what:3}""", "no field 'what'")]
    [InlineData("""M{root:D{},author:"A\x20<b>",authored:1}x""", "follow")]
    public void Text_that_is_no_commit_is_refused_with_what_is_wrong(string text, string what)
    {
        var fault = Assert.Throws<FormatInvalidException>(() => Commit.Parse(text));
        Assert.Contains(what, fault.What, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("a<b", "x")]
    [InlineData("a\nb", "x")]
    [InlineData(" a", "x")]
    [InlineData("a", "x>")]
    public void A_person_that_can_not_be_kept_is_refused(string name, string email) =>
        Assert.Throws<FormatInvalidException>(() => new Signature(name, email, new Timestamp(0, 0), TimeSpan.Zero));

    [Fact]
    public void A_name_that_is_no_text_and_a_time_that_is_none_are_refused()
    {
        Assert.Throws<FormatInvalidException>(() => new Signature("a" + (char)0xd800, "x", new Timestamp(0, 0), TimeSpan.Zero));
        Assert.Throws<FormatInvalidException>(() => new Signature("a", "x", new Timestamp(0, 1_000_000_000), TimeSpan.Zero));
        Assert.Throws<FormatInvalidException>(() => new Signature("a", "x", new Timestamp(0, 0), TimeSpan.FromHours(15)));
        Assert.Throws<FormatInvalidException>(() => new Signature("a", "x", new Timestamp(0, 0), TimeSpan.FromSeconds(90)));
    }

    [Fact]
    public void Messages_labels_and_parents_have_limits()
    {
        Assert.Throws<FormatInvalidException>(() => _plain with { Message = new byte[Commit.LongestMessage + 1] });
        Assert.Throws<FormatInvalidException>(() => _plain with { Message = new byte[1] });
        Assert.Throws<FormatInvalidException>(() => _plain with { Labels = new Dictionary<string, string> { ["a b"] = "x" } });
        Assert.Throws<FormatInvalidException>(() => _plain with { Labels = new Dictionary<string, string> { ["a"] = "" } });
        var parent = new Vt.Blocks.Hashing.BlockHash(Vt.Blocks.Hashing.HashAlgorithmId.Blake3, new byte[32]);
        Assert.Throws<FormatInvalidException>(() => _plain with { Parents = [parent, parent] });
        var large = _plain with { Labels = Enumerable.Range(0, 40).ToDictionary(i => $"l{i}", _ => new string('x', 4000)) };
        Assert.Throws<FormatInvalidException>(() => large.Encode());
    }

    [Fact]
    public async Task A_commit_is_found_by_the_hash_of_its_bytes_and_nothing_else_is_taken_for_one()
    {
        await using var store = new MemoryStore();
        var commits = new CommitStore(store);
        var id = await commits.AddAsync(_plain);
        Assert.Equal(store.Hasher.Hash(_plain.Encode()), id);
        Assert.Equal(_plain, await commits.ReadAsync(id));
        Assert.Equal(id, await commits.AddAsync(_plain));

        var other = Encoding.ASCII.GetBytes("no commit");
        var hash = store.Hasher.Hash(other);
        Assert.Null(await commits.TryReadAsync(hash));
        await Assert.ThrowsAsync<BlockMissingException>(async () => await commits.ReadAsync(hash));
        await store.AddManyAsync(other, new[] { new BlockSlot(hash, 0, other.Length) });
        var fault = await Assert.ThrowsAsync<FormatInvalidException>(async () => await commits.ReadAsync(hash));
        Assert.Contains(hash.ToString(), fault.Message, StringComparison.Ordinal);
    }
}
