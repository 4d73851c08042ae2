using Microsoft.AspNetCore.Http;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Hosts.HttpServer;

/// <summary>Answers for blocks by their names: /h/NAME, and /h/XX/NAME with the name's first two digits, as an exported store has them.</summary>
sealed class BlockHandler(HttpSite site)
{
    /// <summary>Answers.</summary>
    public async Task HandleAsync(Exchange exchange)
    {
        exchange.AllowReading();
        var path = exchange.Path;
        var name = path.Count == 3 && path[2].StartsWith(path[1], StringComparison.Ordinal) && path[1].Length == 2 ? path[2] : path.Count == 2 ? path[1] : "";
        if (path.EndsInSlash || !BlockHash.TryParse(name, out var hash))
            throw RefusalException.NotFound("a block is /h/ and its name: the digits of the hash, a dot and the algorithm");

        // Nobody can have another block under that name: whoever has it needs no look at the store.
        if (hash.ToString() != name)
        {
            exchange.Redirect($"/h/{hash}", isForGood: true);
            return;
        }

        using var lease = await ReadAsync(exchange, hash);
        if (!lease.IsPresent)
            throw new RefusalException(StatusCodes.Status404NotFound, $"the store has no block {hash}");
        await site.Sender.SendAsync(exchange, ServedContent.Bytes(lease.Memory, hash.ToString(), MediaTypes.Unknown) with { IsImmutable = true });
    }

    // HEAD asks whether it is there, which takes no reading; but its length does.
    ValueTask<BlockLease> ReadAsync(Exchange exchange, BlockHash hash) => site.Store.GetAsync(hash, exchange.Aborted);
}
