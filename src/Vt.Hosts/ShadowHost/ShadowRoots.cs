using Vt.Blocks.Contracts;
using Vt.Trees.Dirents;

namespace Vt.Hosts.ShadowHost;

/// <summary>Keeps the trees that a shadow needs in the store: the references <c>shadows/ID/seen</c> and <c>shadows/ID/base</c>, whose values are the trees' texts.</summary>
/// <param name="refs">The store's references.</param>
/// <param name="id">The shadow.</param>
sealed class ShadowRoots(IRefStore refs, Guid id)
{
    /// <summary>Keeps those of a state; before it is written.</summary>
    public async ValueTask KeepAsync(ShadowState state, CancellationToken cancellationToken)
    {
        await KeepAsync("seen", state.Seen, cancellationToken);
        await KeepAsync("base", state.Base, cancellationToken);
    }

    async ValueTask KeepAsync(string name, Dirent root, CancellationToken cancellationToken)
    {
        var (full, value) = ($"shadows/{id:D}/{name}", root.ToString());
        while (true)
        {
            var before = await refs.ReadAsync(full, cancellationToken);
            if (before == value || await refs.TryMoveAsync(full, before, value, "vt shadow", cancellationToken))
                return;
        }
    }
}
