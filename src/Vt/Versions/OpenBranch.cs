using Vt.Commands;
using Vt.Volumes.Branches;

namespace Vt.Versions;

/// <summary>The branch that a command changes: its store, its volume and its tree on this machine, which is locked until this is disposed.</summary>
sealed class OpenBranch : IAsyncDisposable
{
    OpenBranch(OpenVolumes volumes, BranchTree tree)
    {
        Volumes = volumes;
        Tree = tree;
    }

    /// <summary>The volumes of the store.</summary>
    public OpenVolumes Volumes { get; }

    /// <summary>The branch's tree.</summary>
    public BranchTree Tree { get; }

    /// <summary>The volume.</summary>
    public Volume Volume => Tree.Volume;

    /// <summary>The branch's name.</summary>
    public string Name => Tree.Branch;

    /// <summary>What the branch is called in messages and in the table of mounts.</summary>
    public string FullName => BranchTree.MountNameOf(Volume, Name);

    /// <summary>Opens a branch.</summary>
    /// <param name="context">The command.</param>
    /// <param name="volume">Its volume; null for the one that the environment says, else the current one.</param>
    /// <param name="branch">Its name; null for the one that is checked out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Vt.Blocks.Contracts.UserErrorException">There is no such volume or branch.</exception>
    public static async Task<OpenBranch> OpenAsync(CommandContext context, string? volume, string? branch, CancellationToken cancellationToken)
    {
        var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        OpenBranch? opened = null;
        try
        {
            var found = await volumes.FindVolumeAsync(volume, cancellationToken);
            var name = await volumes.FindBranchAsync(found, branch, cancellationToken);
            return opened = new OpenBranch(volumes, await BranchTree.OpenAsync(context, volumes, found, name, cancellationToken));
        }
        finally
        {
            if (opened is null)
                await volumes.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Tree.Dispose();
        return Volumes.DisposeAsync();
    }
}
