using Vt.Output;
using Vt.Trees.Dirents;

namespace Vt.Ftp;

/// <summary>Lists what is in a session's tree, as <c>vt ls</c> does.</summary>
/// <param name="session">The session.</param>
/// <param name="isLong">Whether the columns of <c>ls -l</c> are wanted.</param>
/// <param name="showsHidden">Whether names that begin with a dot are shown.</param>
/// <param name="isRecursive">Whether folders below are listed too.</param>
sealed class SessionListing(FtpSession session, bool isLong, bool showsHidden, bool isRecursive)
{
    readonly EntryColumns _columns = new(session.Output, session.Context.Surroundings.Clock.LocalTimeZone);
    bool _isStarted;

    /// <summary>Lists a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="withHeading">Whether to say which it is.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task ListAsync(byte[] path, bool withHeading, CancellationToken cancellationToken)
    {
        var open = new Stack<byte[]>([path]);
        while (open.TryPop(out var next))
        {
            if (withHeading)
                Head(next);
            var below = new List<byte[]>();
            await foreach (var entry in session.Tree.ListAsync(next, cancellationToken))
            {
                if (!showsHidden && entry.Name.Span is [(byte)'.', ..])
                    continue;
                var full = FtpPath.Below(next, entry.Name.Span);
                await ShowAsync(full, entry, entry.Name, cancellationToken);
                if (isRecursive && entry.Kind == DirentKind.Directory)
                    below.Add(full);
            }

            Finish();
            for (var i = below.Count - 1; i >= 0; i--)
                open.Push(below[i]);
        }
    }

    /// <summary>Shows one entry that was named itself.</summary>
    public Task ShowAsync(byte[] path, Dirent entry, CancellationToken cancellationToken) => ShowAsync(path, entry, path.Length == 0 ? "/"u8.ToArray() : path, cancellationToken);

    /// <summary>Prints what is held back.</summary>
    public void Finish() => _columns.Print();

    async Task ShowAsync(byte[] path, Dirent entry, ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        _isStarted = true;
        var shown = NameText.Of(name.Span);
        if (isLong)
            _columns.Add(entry, shown, entry.Kind == DirentKind.Symlink ? await session.Tree.TargetOfAsync(path, entry, cancellationToken) : null);
        else
            session.Output.WriteLine(shown);
    }

    void Head(byte[] path)
    {
        if (_isStarted)
            session.Output.WriteLine();
        session.Output.WriteLine(FtpPath.Show(path) + ":");
        _isStarted = true;
    }
}
