namespace Vt.Files.Journal;

/// <summary>How records become durable.</summary>
sealed partial class LiveLog
{
    long _durable;
    bool _isLed;
    CommitRound? _following;

    /// <summary>
    /// Makes all records up to one durable, with the bulk bytes that they may name. Of many callers one syncs, in its own thread, and the others
    /// wait for the next round together.
    /// </summary>
    /// <param name="sequence">The record's number.</param>
    /// <param name="cancellationToken">Gives up waiting for another's sync.</param>
    /// <exception cref="IOException">The log has failed, now or before; nothing is known of the records.</exception>
    public ValueTask CommitAsync(long sequence, CancellationToken cancellationToken = default)
    {
        if (DurableSequence >= sequence)
            return default;
        cancellationToken.ThrowIfCancellationRequested();
        lock (_commit)
        {
            if (DurableSequence >= sequence)
                return default;
            if (_isLed)
            {
                _following ??= new CommitRound();
                _following.LastSequence = Math.Max(_following.LastSequence, sequence);
                return new ValueTask(cancellationToken.CanBeCanceled ? _following.Task.WaitAsync(cancellationToken) : _following.Task);
            }

            _isLed = true;
        }

        try
        {
            Sync();
        }
        finally
        {
            HandOver();
        }

        return default;
    }

    // The next round is led by another thread, as this one's caller has what it waited for.
    void HandOver()
    {
        while (true)
        {
            CommitRound? next;
            lock (_commit)
            {
                next = _following;
                _following = null;
                _isLed = next is not null;
            }

            if (next is null)
                return;
            if (next.LastSequence > DurableSequence)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static item => item.Log.Lead(item.Round), (Log: this, Round: next), preferLocal: false);
                return;
            }

            next.SetResult();
        }
    }

    void Lead(CommitRound round)
    {
        try
        {
            Sync();
            round.SetResult();
        }
        catch (IOException failure)
        {
            round.SetException(failure);
        }

        HandOver();
    }

    void Sync()
    {
        _disk.Wait();
        try
        {
            SyncAll();
        }
        finally
        {
            _disk.Release();
        }
    }

    // The caller holds _disk.
    void SyncAll()
    {
        _io.ThrowIfFailed();
        var dropped = TakeReleased();
        var (sequence, end) = WriteBuffers();
        var isBulkNew = SyncBulk(sequence);
        _io.Sync(_written);
        Interlocked.Increment(ref _syncs);
        Interlocked.Exchange(ref _durable, sequence);
        lock (_append)
        {
            if (_tail == _written && (isBulkNew || end - _markedTo >= MarkDistance))
                _markTo = end;
        }

        foreach (var segment in dropped)
            Delete(segment);
    }
}
