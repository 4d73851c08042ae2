using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Hosts.HttpServer;

/// <summary>Content that is served: its bytes, its type, and how long whoever has it may keep it.</summary>
/// <param name="Length">How many bytes there are.</param>
/// <param name="ReadAsync">Reads at an offset as many bytes as fit and are there.</param>
/// <param name="Tag">What the entity tag is made of: other content, or the same of another type, has another.</param>
/// <param name="Type">The media type.</param>
sealed record ServedContent(long Length, Func<long, Memory<byte>, CancellationToken, ValueTask<int>> ReadAsync, string Tag, string Type)
{
    /// <summary>When it was last changed, where that is known.</summary>
    public DateTimeOffset? LastModified { get; init; }

    /// <summary>Whether the address will never stand for anything else.</summary>
    public bool IsImmutable { get; init; }

    /// <summary>Whether several may read it at once.</summary>
    public bool IsForMany { get; init; }

    /// <summary>Whether it is the server's own page, which may be shown with its styles; what is stored is shown without any rights.</summary>
    public bool IsOwnPage { get; init; }

    /// <summary>The name under which it is to be saved; empty where the browser may show it.</summary>
    public ReadOnlyMemory<byte> SaveAs { get; init; }

    /// <summary>Content of a store.</summary>
    public static ServedContent Of(HttpSite site, BlockRef content, string type) =>
        new(content.Span, new BlockTreeReader(site.Store, content, site.Nodes).ReadAsync, TagOf($"{content} {type}"), type) { IsForMany = true };

    /// <summary>Content that is made while it is read.</summary>
    /// <param name="content">The content.</param>
    /// <param name="name">What it is made of.</param>
    /// <param name="type">Its type.</param>
    public static ServedContent Of(IVirtualContent content, string name, string type) => new(content.Length, content.ReadAsync, TagOf($"{name} {type}"), type);

    /// <summary>A page that has been written.</summary>
    public static ServedContent Page(ReadOnlyMemory<byte> body, string type) => new(body.Length, ReaderOf(body), TagOf(body.Span), type) { IsOwnPage = true };

    /// <summary>Bytes that are there, under a tag.</summary>
    public static ServedContent Bytes(ReadOnlyMemory<byte> body, string tag, string type) => new(body.Length, ReaderOf(body), tag, type);

    static Func<long, Memory<byte>, CancellationToken, ValueTask<int>> ReaderOf(ReadOnlyMemory<byte> body) => (offset, destination, _) =>
    {
        var rest = body[(int)Math.Min(offset, body.Length)..];
        var count = Math.Min(rest.Length, destination.Length);
        rest[..count].CopyTo(destination);
        return new ValueTask<int>(count);
    };

    static string TagOf(string text) => TagOf(Encoding.UTF8.GetBytes(text));

    static string TagOf(ReadOnlySpan<byte> bytes) => HashAlgorithms.GetHasher(HashAlgorithmId.Blake3).Hash(bytes).ToString()[..32];
}
