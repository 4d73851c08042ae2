using System.Text;
using Vt.Blocks.Contracts;

namespace Vt.Trees.Archives;

/// <summary>How an archive takes over states that were saved elsewhere.</summary>
public sealed partial class ArchiveFile
{
    /// <summary>
    /// Appends states that another copy of the archive has behind those that this one has, durably. All blocks of their trees must have been flushed before.
    /// </summary>
    /// <remarks>
    /// As in <see cref="AppendAsync"/>: pending registrations, the lines with one sync, the confirmations. A crash between leaves states that are registered and not in the
    /// file, or the other way round; the next run goes on from there.
    /// </remarks>
    /// <param name="id">The archive's id; a file that is not there yet gets it.</param>
    /// <param name="states">All states of the other copy, oldest first.</param>
    /// <param name="refs">Where the archive registers.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <returns>How many were appended; 0 also where this one has more.</returns>
    /// <exception cref="UserErrorException">The file is another archive, or something else, or has states of its own where the other has others; nothing was changed.</exception>
    public async ValueTask<int> AdoptAsync(Guid id, IReadOnlyList<ArchiveState> states, IRefStore refs, CancellationToken cancellationToken = default)
    {
        using var file = OpenToAppend(Vt.Posix.OpenFlags.O_CREAT);
        var end = FindEnd(file);
        if (!end.IsNew && ReadId(file) != id)
            throw new UserErrorException($"{Path} is another archive");
        var own = end.IsNew ? [] : ReadAll().States;
        for (var i = 0; i < Math.Min(own.Count, states.Count); i++)
        {
            if (own[i].When != states[i].When || !own[i].Root.Equals(states[i].Root))
                throw new UserErrorException($"{Path} has states of its own from {own[i].Date:yyyy-MM-dd HH:mm:ss zzz} on");
        }

        var added = states.Skip(own.Count).ToList();
        foreach (var state in added)
            await ArchiveRegistration.Of(state, FullPath).RegisterAsync(refs, id, cancellationToken);
        if (added.Count > 0)
            WriteAdopted(file, end, id, added);
        foreach (var state in added)
            await (ArchiveRegistration.Of(state, FullPath) with { IsConfirmed = true }).RegisterAsync(refs, id, CancellationToken.None);
        return added.Count;
    }

    void WriteAdopted(Vt.Posix.FileDescriptor file, in ArchiveEnd end, Guid id, List<ArchiveState> states)
    {
        var text = new StringBuilder();
        if (end.IsNew)
            text.Append(ArchiveLine.FormatHeader(id));
        else if (end.LacksLineFeed)
            text.Append('\n');
        foreach (var state in states)
            text.Append(ArchiveLine.Format(state));
        Write(file, end.Length, Encoding.ASCII.GetBytes(text.ToString()));
    }
}
