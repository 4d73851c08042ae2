namespace Vt.Hosts.StreamServer;

/// <summary>
/// What came of the last moves of references, by session and request, so that one that is asked for again, since its answer was lost with a line, is
/// not made twice. Thread-safe.
/// </summary>
sealed class MoveMemory
{
    const int MostMoves = 4096;

    // Guards both.
    readonly Lock _gate = new();
    readonly Dictionary<(Guid Session, uint Request), Task<bool>> _moves = [];
    readonly Queue<(Guid Session, uint Request)> _oldest = [];

    /// <summary>Makes a move, or waits for what came of it before.</summary>
    /// <param name="session">The client's opened store.</param>
    /// <param name="request">Its request.</param>
    /// <param name="move">Makes the move.</param>
    public Task<bool> MakeAsync(Guid session, uint request, Func<Task<bool>> move)
    {
        lock (_gate)
        {
            if (_moves.TryGetValue((session, request), out var made))
                return made;
            made = Task.Run(move);
            _moves.Add((session, request), made);
            _oldest.Enqueue((session, request));
            if (_oldest.Count > MostMoves)
                _moves.Remove(_oldest.Dequeue());
            return made;
        }
    }
}
