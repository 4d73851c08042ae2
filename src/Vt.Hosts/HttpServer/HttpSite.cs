using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;

namespace Vt.Hosts.HttpServer;

/// <summary>What all requests share: the store, what was read of it lately, and what the server was told.</summary>
sealed class HttpSite : IDisposable
{
    const int AddsAtOnce = 16;
    const int MeasuredAtOnce = 2;

    public HttpSite(IBlockStore store, HttpServerOptions options)
    {
        Store = store;
        Options = options;
        Directories = new DirectoryReader(store, new DirectoryNodeCache());
        Sender = new ContentSender(Load, options.Token is not null);
        Metrics = new HttpMetrics(options.Clock);
    }

    /// <summary>The store.</summary>
    public IBlockStore Store { get; }

    /// <summary>Its references; null where it keeps none.</summary>
    public IRefStore? References => Store as IRefStore;

    /// <summary>What the server was told.</summary>
    public HttpServerOptions Options { get; }

    /// <summary>Reads its directories.</summary>
    public DirectoryReader Directories { get; }

    /// <summary>Keeps indirect blocks of content.</summary>
    public NodeCache Nodes { get; } = new(512);

    /// <summary>Files of trees that were served lately, by their paths, of which the first part is the tree itself.</summary>
    public ClockCache<string, ServedContent> Served { get; } = new(1024);

    /// <summary>Answers with content.</summary>
    public ContentSender Sender { get; }

    /// <summary>What is under way.</summary>
    public ServerLoad Load { get; } = new();

    /// <summary>Counts.</summary>
    public HttpMetrics Metrics { get; }

    /// <summary>Lets in few requests at once that bring blocks, each of which takes its length of memory.</summary>
    public SemaphoreSlim Adds { get; } = new(AddsAtOnce, AddsAtOnce);

    /// <summary>Lets in few at once who read all of a folder's metadata.</summary>
    public SemaphoreSlim Measuring { get; } = new(MeasuredAtOnce, MeasuredAtOnce);

    /// <summary>Names this run of the server.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    public void Dispose()
    {
        Adds.Dispose();
        Measuring.Dispose();
    }
}
