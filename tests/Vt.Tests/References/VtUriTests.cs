using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.References;

namespace Vt.Tests.References;

public sealed class VtUriTests
{
    static readonly Gen<byte[]> _names =
        from bytes in Gen.Choose(1, 255).Select(static value => (byte)value).NonEmptyListOf()
        let name = bytes.Where(static b => b != '/').ToArray()
        where name is not ([] or [(byte)'.'] or [(byte)'.', (byte)'.'])
        select name;

    static readonly Gen<byte[]> _references =
        from bytes in Gen.Choose(1, 255).Select(static value => (byte)value).NonEmptyListOf()
        select bytes.ToArray();

    [Fact]
    public void Any_URI_is_written_and_read_back()
    {
        var uris =
            from authority in Gen.Elements("", "office", "vt.example.org", "localhost:8080", "[::1]:80", "10.0.0.1", "a_b-c.d")
            from reference in _references
            from path in _names.ListOf()
            from isFolder in Gen.Elements(true, false)
            select new VtUri(authority, LosslessText.FromBytes(reference), [.. path], isFolder);
        Prop.ForAll(uris.ToArbitrary(), static uri =>
        {
            var text = uri.ToString();
            var read = VtUri.Parse(text);
            Assert.Equal(text, read.ToString());
            Assert.Equal(uri.Authority, read.Authority);
            Assert.Equal(LosslessText.ToBytes(uri.Reference), LosslessText.ToBytes(read.Reference));
            Assert.Equal(uri.Path, read.Path);
            Assert.Equal(uri.IsFolder, read.IsFolder);

            // Nothing in it needs quoting in a shell, and System.Uri changes nothing either.
            Assert.Matches("^[-A-Za-z0-9._~@+=,:/%\\[\\]]+$", text);
            Assert.True(Uri.TryCreate(text, UriKind.Absolute, out var general));
            Assert.Equal("x-vt", general!.Scheme);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Whatever_follows_the_scheme_it_is_read_or_refused_and_the_store_is_never_more_than_a_name()
    {
        var pieces = Gen.Elements("/", "//", "|", "a", "-o", "%2F", "%", "%00", "..", ".", "@", ":", "?", "#", "[", "]", "::1", "ü", "\n", " ", "$(x)", "8080", "\\", "D{");
        Prop.ForAll(pieces.ListOf().ToArbitrary(), static parts =>
        {
            try
            {
                var uri = VtUri.Parse("x-vt:" + string.Concat(parts));
                Assert.Matches(@"^([A-Za-z0-9][-A-Za-z0-9._]*(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?)?$", uri.Authority);
                Assert.Equal(uri, VtUri.Parse(uri.ToString()));
            }
            catch (UserErrorException)
            {
                // Refused.
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("x-vt:", "write x-vt:/REF/PATH")]
    [InlineData("x-vt:a", "write x-vt:/REF/PATH")]
    [InlineData("x-vt:|command", "write x-vt:/REF/PATH")]
    [InlineData("x-vt:/", "it names nothing")]
    [InlineData("x-vt://host", "write x-vt:/REF/PATH")]
    [InlineData("x-vt://|command/a", "neither a clause of the settings nor a host")]
    [InlineData("x-vt://user@host/a", "neither a clause of the settings nor a host")]
    [InlineData("x-vt://-oProxyCommand=x/a", "neither a clause of the settings nor a host")]
    [InlineData("x-vt://%7Ctouch/a", "neither a clause of the settings nor a host")]
    [InlineData("x-vt://host:0/a", "'0' is no port")]
    [InlineData("x-vt://host:x/a", "'x' is no port")]
    [InlineData("x-vt://[x]/a", "'[x]' is no address")]
    [InlineData("x-vt:/a/../b", "no name in its path is empty, . or ..")]
    [InlineData("x-vt:/a//b", "no name in its path is empty, . or ..")]
    [InlineData("x-vt:/a/%2E%2e/b", "no name in its path is empty, . or ..")]
    [InlineData("x-vt:/a/b%2Fc", "nor has a slash in it")]
    [InlineData("x-vt:/a/b%00", "a NUL is in no name")]
    [InlineData("x-vt:/a/b%2", "a % without two hexadecimal digits")]
    [InlineData("x-vt:/a/ü", "a character that a URI writes as %NN")]
    [InlineData("x-vt:/a?b", "no ? nor #")]
    [InlineData("x-vt:/a#b", "no ? nor #")]
    public void What_is_none_is_refused_with_the_reason(string text, string why) =>
        Assert.Contains(why, Assert.Throws<UserErrorException>(() => VtUri.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_empty_authority_is_none_and_the_scheme_has_no_case() => Assert.Equal("x-vt:/a/b/", VtUri.Parse("X-VT:///a/b/").ToString());
}
