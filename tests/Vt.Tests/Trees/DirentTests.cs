using Vt.Blocks.Contracts;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees;

public sealed class DirentTests
{
    [Fact]
    public void Every_dirent_comes_back_from_its_binary_form() => Samples.ForAll(Samples.Dirent, dirent =>
    {
        var form = dirent.Encode();
        var back = Dirent.Decode(form);
        Assert.Equal(dirent, back);
        Assert.Equal(form, back.Encode());
    });

    [Fact]
    public void Every_dirent_comes_back_from_its_text_form() => Samples.ForAll(Samples.Dirent, dirent =>
    {
        var text = dirent.ToString();
        Assert.DoesNotContain(text, char.IsWhiteSpace);
        Assert.All(text, static c => Assert.InRange(c, '!', '~'));
        var back = Dirent.Parse(text);
        Assert.Equal(dirent, back);
        Assert.Equal(text, back.ToString());
    });

    [Fact]
    public void Metadata_comes_back_from_both_forms() => Samples.ForAll(Samples.Metadata, metadata =>
    {
        using var writer = new Vt.Blocks.Encoding.ByteWriter();
        metadata.Encode(writer);
        Assert.Equal(metadata, Metadata.Decode(writer.Written));
        Assert.Equal(metadata, Metadata.Parse(metadata.ToString()));
    });

    [Fact]
    public void A_dirent_reads_well_as_text()
    {
        var dirent = Samples.File(Samples.Text("a b.c"), 7) with { Uuid = new Guid("00112233-4455-6677-8899-aabbccddeeff") };
        Assert.Equal(
            """F{name:"a\x20b.c",uuid:00112233-4455-6677-8899-aabbccddeeff,mode:0644,mtime:1700000007.000000005,ref:R{x07,span:1007}}""",
            dirent.ToString());
    }

    [Fact]
    public void The_binary_form_does_not_change()
    {
        var dirent = Samples.File(Samples.Text("ab"), 7);
        Assert.Equal(
            "19" // length
            + "0401" + "0a026162" // kind, name
            + "120a" + "04a403" + "118ec49fd50c05" // metadata: mode, modification time
            + "1605" + "0403ef0707", // content: a run
            Convert.ToHexStringLower(dirent.Encode()));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("X{}", 0)]
    [InlineData("F", 1)]
    [InlineData("F{", 2)]
    [InlineData("F{name:\"a/b\"}", 7)]
    [InlineData("F{name:\"a\",name:\"b\"}", 11)]
    [InlineData("F{name:\"a\",colour:1}", 11)]
    [InlineData("F{name:\"a\"}x", 11)]
    [InlineData("F{mode:0799}", 9)]
    [InlineData("F{mode:010000}", 7)]
    [InlineData("F{mtime:1.0000000001}", 8)]
    [InlineData("F{uuid:123}", 7)]
    [InlineData("F{ref:B{zz}}", 8)]
    [InlineData("F{xattrs:{\"a\":\"1\",\"a\":\"2\"}}", 9)]
    [InlineData("F{more:0a}", 7)]
    public void A_fault_in_a_text_is_reported_with_its_place(string text, int place)
    {
        var fault = Assert.Throws<FormatInvalidException>(() => Dirent.Parse(text));
        Assert.Equal(place, fault.Offset);
    }

    [Fact]
    public void Damaged_binary_forms_are_refused_and_never_worse() => Samples.ForAll(
        random =>
        {
            var form = Samples.Dirent(random).Encode();
            if (random.Next(3) == 0)
                form = form[..random.Next(form.Length)];
            for (var flips = random.Next(1, 4); flips > 0 && form.Length > 0; flips--)
                form[random.Next(form.Length)] ^= (byte)(1 << random.Next(8));
            return form;
        },
        form =>
        {
            try
            {
                // What is still a dirent must be the one dirent of this form.
                Assert.Equal(form, Dirent.Decode(form).Encode());
            }
            catch (FormatInvalidException)
            {
            }
        },
        tests: 3000);

    [Fact]
    public void Damaged_texts_are_refused_and_never_worse() => Samples.ForAll(
        random =>
        {
            var text = Samples.Dirent(random).ToString().ToCharArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                text[random.Next(text.Length)] = (char)random.Next(random.Next(2) == 0 ? 128 : 65536);
            return new string(text[..random.Next(text.Length / 2, text.Length + 1)]);
        },
        text =>
        {
            try
            {
                var dirent = Dirent.Parse(text);
                Assert.Equal(dirent, Dirent.Parse(dirent.ToString()));
            }
            catch (FormatInvalidException)
            {
            }
        },
        tests: 2000);

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\0")]
    [InlineData(".")]
    [InlineData("..")]
    public void A_name_that_no_file_can_have_is_refused(string name) =>
        Assert.Throws<FormatInvalidException>(() => Samples.File(Samples.Text(name)));

    [Fact]
    public void A_dirent_over_the_limit_is_refused() => Assert.Throws<FormatInvalidException>(
        () => (Samples.File(Samples.Text("a")) with { Unknown = new byte[Dirent.LargestEncoded] }).Encode());

    [Fact]
    public void Bookkeeping_is_told_from_what_can_be_restored()
    {
        var metadata = new Metadata { Mode = 1, ChangeTime = default(Timestamp), SourceInode = 5, LinkCount = 2 };
        Assert.NotEqual(metadata, metadata with { SourceInode = 6 });
        Assert.True(metadata.EqualsButForBookkeeping(metadata with { SourceInode = 6, LinkCount = 1, ChangeTime = null }));
        Assert.False(metadata.EqualsButForBookkeeping(metadata with { Mode = 2 }));
    }
}
