using System.IO.Compression;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Trees.Tar.Reading;

/// <summary>A tar archive as it comes: compressed by gzip or zstd, which its first bytes tell, or not.</summary>
static class TarInput
{
    const int Window = 256 << 10;
    const int Longest = 6;

    /// <summary>The archive's own bytes.</summary>
    /// <param name="input">What comes; not disposed.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="UserErrorException">It is compressed in another way.</exception>
    public static async ValueTask<Stream> OpenAsync(Stream input, CancellationToken cancellationToken)
    {
        var first = new byte[Longest];
        var got = await input.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellationToken);
        var all = new PrefixStream(first.AsMemory(0, got), input);
        if (OtherFormat(first.AsSpan(0, got)) is { } program)
            throw new UserErrorException($"the archive is compressed by {program}, which vt does not read; let {program} -dc decompress it, and give --tar - its output");
        Stream plain = first switch
        {
            [0x1f, 0x8b, ..] => new GZipStream(all, CompressionMode.Decompress),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => new ZstdReadStream(all),
            _ => all,
        };
        return new BufferedStream(plain, Window);
    }

    static string? OtherFormat(ReadOnlySpan<byte> first) => first switch
    {
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0] => "xz",
        [(byte)'B', (byte)'Z', (byte)'h', ..] => "bzip2",
        [0x04, 0x22, 0x4d, 0x18, ..] => "lz4",
        [(byte)'L', (byte)'Z', (byte)'I', (byte)'P', ..] => "lzip",
        [0x1f, 0x9d, ..] => "gzip",
        _ => null,
    };
}
