using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Remotes;

/// <summary>Brings a volume that is not here yet, with all branches and tags, and makes it ready to work in.</summary>
/// <param name="session">The two sides.</param>
sealed class VolumeClone(RemoteSession session)
{
    /// <summary>Brings it. One that is here already is brought up to date.</summary>
    /// <param name="there">The remote's volume.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    public async Task RunAsync(Volume there, CancellationToken cancellationToken)
    {
        var here = await new VolumePull(session).RunAsync(there, null, cancellationToken);
        if (session.Options.IsDryRun)
            return;
        var work = session.Here.Work;
        var branch = await session.Here.HeadOfAsync(here, cancellationToken);
        if (work.ReadHead(here) is null)
            work.WriteHead(here, branch);
        if (work.ReadCurrent(session.Here.Store.Description) is null)
            work.WriteCurrent(session.Here.Store.Description, here.Id);
        using var tree = await BranchTree.OpenAsync(session.Context, session.Here, here, branch, cancellationToken);
    }
}
