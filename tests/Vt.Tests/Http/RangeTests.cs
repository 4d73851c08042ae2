using System.Globalization;
using System.Net;
using System.Text;
using Vt.Hosts.HttpServer;
using Vt.Posix;

namespace Vt.Tests.Http;

/// <summary>Ranges, validators and compression of content, against the bytes that it is.</summary>
public sealed class RangeTests : IAsyncLifetime
{
    const int Seed = 20261122;
    const int Requests = 400;

    static readonly byte[] _bytes = MakeBytes();

    ServedTree? _tree;

    HttpBed Bed => _tree!.Bed;

    string Url => _tree!.Url + "data.bin";

    public async Task InitializeAsync() => _tree = await ServedTree.MakeAsync(static folder =>
    {
        File.WriteAllBytes(folder["data.bin"], _bytes);
        File.SetLastWriteTimeUtc(folder["data.bin"], new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        folder.Write("empty.bin", "");
        folder.Write("words.txt", string.Join('\n', Enumerable.Range(0, 60_000)));
    });

    public async Task DisposeAsync() => await _tree!.DisposeAsync();

    [Fact]
    public async Task Any_range_is_the_bytes_that_it_names()
    {
        var random = new Random(Seed);
        for (var i = 0; i < Requests; i++)
        {
            var first = random.Next(_bytes.Length);
            var last = random.Next(3) == 0 ? first + random.Next(100) : random.Next(first, _bytes.Length + 1000);
            var (header, from, to) = random.Next(4) switch
            {
                0 => ($"bytes={first}-", first, _bytes.Length - 1),
                1 => ($"bytes=-{_bytes.Length - first}", first, _bytes.Length - 1),
                _ => ($"bytes={first}-{last}", first, Math.Min(last, _bytes.Length - 1)),
            };
            using var response = await Bed.AskAsync(Url, $"Range: {header}");
            var body = await response.Content.ReadAsByteArrayAsync();
            Assert.True(response.StatusCode == HttpStatusCode.PartialContent, $"seed {Seed}, {header}: {response.StatusCode}");
            Assert.Equal($"bytes {from}-{to}/{_bytes.Length}", response.Content.Headers.GetValues("Content-Range").Single());
            Assert.True(body.AsSpan().SequenceEqual(_bytes.AsSpan(from, to - from + 1)), $"seed {Seed}, {header}");
        }
    }

    [Fact]
    public async Task Several_ranges_come_as_parts_with_the_length_that_was_said()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 60; i++)
        {
            var cuts = Enumerable.Range(0, random.Next(2, 30)).Select(_ => random.Next(_bytes.Length)).ToArray();
            var asked = cuts.Select(cut => (From: cut, To: Math.Min(cut + random.Next(5000), _bytes.Length - 1))).ToArray();
            using var response = await Bed.AskAsync(Url, $"Range: bytes={string.Join(", ", asked.Select(static range => $"{range.From}-{range.To}"))}");
            var body = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal(body.LongLength, response.Content.Headers.ContentLength);
            var covered = new bool[_bytes.Length];
            foreach (var (from, part) in PartsOf(response, body))
            {
                Assert.True(part.AsSpan().SequenceEqual(_bytes.AsSpan(from, part.Length)), $"seed {Seed}, round {i}");
                Assert.All(covered[from..(from + part.Length)], Assert.False);
                covered.AsSpan(from, part.Length).Fill(true);
            }

            foreach (var (from, to) in asked)
                Assert.DoesNotContain(false, covered[from..(to + 1)]);
        }
    }

    [Theory]
    [InlineData("bytes=2000000-", 416)]
    [InlineData("bytes=-0", 416)]
    [InlineData("bytes=5-2", 200)]
    [InlineData("bytes=", 200)]
    [InlineData("bytes=a-b", 200)]
    [InlineData("bytes=1", 200)]
    [InlineData("lines=1-2", 200)]
    [InlineData("bytes=0-99999999999999999999999", 206)]
    [InlineData("bytes=-99999999999999999999999", 206)]
    [InlineData("bytes=2000000-,0-0", 206)]
    [InlineData(" BYTES=0-0", 206)]
    public async Task A_range_that_is_none_or_not_there_is_passed_over_or_refused(string header, int status)
    {
        using var response = await Bed.AskAsync(Url, $"Range: {header}");

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 416)
            Assert.Equal($"bytes */{_bytes.Length}", response.Content.Headers.GetValues("Content-Range").Single());
    }

    [Fact]
    public async Task Thousands_of_ranges_get_the_whole_once()
    {
        using var response = await Bed.AskAsync(Url, $"Range: bytes={string.Join(',', Enumerable.Range(0, 4000).Select(static i => $"{i * 2}-{i * 2}"))}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(_bytes.LongLength, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Of_ranges_that_lie_over_each_other_no_byte_comes_twice()
    {
        using var response = await Bed.AskAsync(Url, $"Range: bytes={string.Join(',', Enumerable.Repeat("0-", 90))}");

        Assert.Equal(_bytes, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Nothing_is_sent_to_who_has_it_already()
    {
        using var first = await Bed.AskAsync(Url);
        var etag = first.Headers.ETag!.ToString();

        foreach (var (header, status) in ((string, int)[])
        [
            ($"If-None-Match: {etag}", 304), ($"If-None-Match: \"other\", W/{etag}", 304), ("If-None-Match: *", 304), ("If-None-Match: \"other\"", 200),
            ("If-Modified-Since: Mon, 03 Feb 2020 04:05:06 GMT", 304), ("If-Modified-Since: Mon, 03 Feb 2020 04:05:05 GMT", 200), ("If-Modified-Since: yesterday", 200),
            ($"If-Match: {etag}", 200), ("If-Match: \"other\"", 412), ($"If-Match: W/{etag}", 412),
            ("If-Unmodified-Since: Mon, 03 Feb 2020 04:05:05 GMT", 412), ("If-Unmodified-Since: Mon, 03 Feb 2020 04:05:06 GMT", 200),
        ])
        {
            using var response = await Bed.AskAsync(Url, header);
            Assert.True(status == (int)response.StatusCode, $"{header}: {response.StatusCode}");
            Assert.Equal(etag, response.Headers.ETag!.ToString());
            if (status != 200)
                Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_range_of_something_else_than_the_client_has_is_the_whole()
    {
        using var first = await Bed.AskAsync(Url);
        foreach (var (header, status) in ((string, int)[])
        [
            ($"If-Range: {first.Headers.ETag}", 206), ("If-Range: \"other\"", 200), ($"If-Range: W/{first.Headers.ETag}", 200),
            ("If-Range: Mon, 03 Feb 2020 04:05:06 GMT", 206), ("If-Range: Mon, 03 Feb 2020 04:05:07 GMT", 200),
        ])
        {
            using var response = await Bed.AskAsync(Url, header, "Range: bytes=1-2");
            Assert.True(status == (int)response.StatusCode, $"{header}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task A_tree_named_by_itself_may_be_kept_for_ever()
    {
        using var response = await Bed.AskAsync(Url);

        Assert.Equal("public, max-age=31536000, immutable", response.Headers.GetValues("Cache-Control").Single());
        Assert.Equal("Mon, 03 Feb 2020 04:05:06 GMT", response.Content.Headers.GetValues("Last-Modified").Single());
    }

    [Fact]
    public async Task Asking_for_the_head_gives_the_headers_of_the_whole_and_no_byte()
    {
        using var get = await Bed.AskAsync(Url);
        using var head = await Bed.AskAsync(HttpMethod.Head, Url, "Range: bytes=1-2");

        Assert.Equal((HttpStatusCode.OK, _bytes.LongLength), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Empty_content_is_served_whole_and_has_no_range()
    {
        using var whole = await Bed.AskAsync(_tree!.Url + "empty.bin");
        using var range = await Bed.AskAsync(_tree.Url + "empty.bin", "Range: bytes=0-");

        Assert.Equal((HttpStatusCode.OK, 0L), (whole.StatusCode, whole.Content.Headers.ContentLength));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, range.StatusCode);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("zstd", "zstd")]
    [InlineData("gzip, zstd, br", "zstd")]
    [InlineData("gzip;q=1.0, zstd;q=0.5", "gzip")]
    [InlineData("*", "zstd")]
    [InlineData("zstd;q=0, gzip", "gzip")]
    [InlineData("br", null)]
    [InlineData("identity", null)]
    [InlineData("*;q=0", null)]
    public async Task Text_is_compressed_as_the_client_likes_it(string accepted, string? coding)
    {
        var text = await File.ReadAllBytesAsync(_tree!.Folder["words.txt"]);
        using var response = await Bed.AskAsync(_tree.Url + "words.txt", $"Accept-Encoding: {accepted}");
        var body = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal(coding, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        Assert.Equal(coding is not null, response.Headers.ETag!.Tag.EndsWith($"-{coding}\"", StringComparison.Ordinal));
        Assert.Equal(text, coding switch { "gzip" => Gunzip(body), "zstd" => Unzstd(body, text.Length), _ => body });
        Assert.True(coding is null || body.Length < text.Length / 2, $"{body.Length} of {text.Length}");
    }

    [Fact]
    public async Task A_range_of_text_is_of_the_text_and_not_of_what_it_is_compressed_to()
    {
        using var response = await Bed.AskAsync(_tree!.Url + "words.txt", "Accept-Encoding: gzip", "Range: bytes=0-3");

        Assert.Equal("0\n1\n", await response.Content.ReadAsStringAsync());
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    // 200,000 headers made of the characters that mean something, with a fixed seed.
    [Fact]
    public void No_header_makes_ranges_outside_the_content_or_over_each_other()
    {
        var random = new Random(Seed);
        const string Letters = "0123456789-,= bytes";
        for (var i = 0; i < 200_000; i++)
        {
            var header = "bytes=" + string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => Letters[random.Next(random.Next(2) == 0 ? 12 : Letters.Length)]));
            var length = random.NextInt64(0, 300);
            if (RangeHeader.Parse(header, length) is not { } ranges)
                continue;
            var inOrder = ranges.OrderBy(static range => range.First).ToArray();
            for (var k = 0; k < inOrder.Length; k++)
            {
                Assert.True(inOrder[k].First >= 0 && inOrder[k].Last < length && inOrder[k].Length > 0, header);
                Assert.True(k == 0 || inOrder[k - 1].Last < inOrder[k].First, header);
            }
        }
    }

    static byte[] Gunzip(byte[] body)
    {
        using var plain = new MemoryStream();
        using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(body), System.IO.Compression.CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    // Frames, one behind the other, each of at most 128 KiB of content, whose length it says.
    static byte[] Unzstd(byte[] body, int length)
    {
        using var decompressor = new ZstdDecompressor();
        var plain = new byte[length];
        Assert.Equal(length, decompressor.Decompress(body, plain));
        return plain;
    }

    static IEnumerable<(int From, byte[] Bytes)> PartsOf(HttpResponseMessage response, byte[] body)
    {
        if (response.Content.Headers.ContentRange is { } single)
        {
            yield return ((int)single.From!, body);
            yield break;
        }

        Assert.Equal("multipart/byteranges", response.Content.Headers.ContentType!.MediaType);
        var boundary = response.Content.Headers.ContentType.Parameters.Single(static parameter => parameter.Name == "boundary").Value;
        var text = Encoding.Latin1.GetString(body);
        var at = 0;
        while (true)
        {
            Assert.Equal($"--{boundary}", text.Substring(at, boundary!.Length + 2));
            at += boundary.Length + 2;
            if (text[at] == '-')
            {
                Assert.Equal("--\r\n", text[at..]);
                yield break;
            }

            var end = text.IndexOf("\r\n\r\n", at, StringComparison.Ordinal);
            var head = text[at..end];
            var range = head[(head.IndexOf("bytes ", StringComparison.Ordinal) + 6)..].Split('-', '/');
            var (from, to) = (int.Parse(range[0], CultureInfo.InvariantCulture), int.Parse(range[1], CultureInfo.InvariantCulture));
            at = end + 4;
            yield return (from, body[at..(at + to - from + 1)]);
            at += to - from + 1 + 2;
        }
    }

    static byte[] MakeBytes()
    {
        var bytes = new byte[1_500_000];
        new Random(Seed).NextBytes(bytes);
        bytes.AsSpan(400_000, 300_000).Clear();
        return bytes;
    }
}
