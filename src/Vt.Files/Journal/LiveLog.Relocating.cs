namespace Vt.Files.Journal;

/// <content>A log whose folder gets another name.</content>
sealed partial class LiveLog
{
    /// <summary>Has the folder renamed. Nothing is appended meanwhile.</summary>
    /// <param name="folder">What it is called then.</param>
    /// <param name="rename">Renames it, durably. If that fails nobody knows which name is durable, and the log has failed.</param>
    public async ValueTask RelocateAsync(string folder, Action rename)
    {
        await _disk.WaitAsync();
        try
        {
            await _growing.WaitAsync();
            try
            {
                Relocate(folder, rename);
            }
            finally
            {
                _growing.Release();
            }
        }
        finally
        {
            _disk.Release();
        }
    }

    void Relocate(string folder, Action rename)
    {
        _io.ThrowIfFailed();
        try
        {
            rename();
        }
        catch (IOException cause)
        {
            throw _io.Fail(cause, folder);
        }

        _io.Folder = folder;
        foreach (var segment in _segments.Values.Concat(_spares))
            segment.NoteFolder(folder);
        _next?.NoteFolder(folder);
        _tail.NoteFolder(folder);
    }

    /// <summary>Refuses to go on: what the log stands on is not known any more.</summary>
    public IOException Break(IOException cause) => _io.Fail(cause, _io.Folder);
}
