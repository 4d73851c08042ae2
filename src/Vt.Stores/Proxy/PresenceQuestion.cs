using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Proxy;

/// <summary>Which of some blocks the stores of a proxy have. One task at a time.</summary>
/// <param name="hashes">The names.</param>
/// <param name="present">Receives an answer for each; all false to begin with.</param>
sealed class PresenceQuestion(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present)
{
    int[] _open = [.. Enumerable.Range(0, hashes.Length)];
    StoreUnavailableException? _outage;

    /// <summary>How many blocks nobody has said to have.</summary>
    public int Open => _open.Length;

    /// <summary>Why it is not known of some whether they are there; null where it is known of all.</summary>
    public StoreUnavailableException? WhyOpen => Open > 0 ? _outage : null;

    /// <summary>Takes for present what each of some stores has.</summary>
    public async ValueTask AskAllAsync(ProxyMember[] members, CancellationToken cancellationToken)
    {
        var everywhere = _open;
        foreach (var member in members)
        {
            if (everywhere.Length == 0)
                return;
            if (await TryAskAsync(member, everywhere, cancellationToken) is not { } answers)
                return;
            everywhere = [.. everywhere.Where((_, i) => answers[i])];
        }

        foreach (var i in everywhere)
            present.Span[i] = true;
        _open = [.. _open.Except(everywhere)];
    }

    /// <summary>Takes for present what any of some stores has.</summary>
    public async ValueTask AskOneOfAsync(ProxyMember[] members, CancellationToken cancellationToken)
    {
        foreach (var member in members)
        {
            if (_open.Length == 0)
                return;
            if (await TryAskAsync(member, _open, cancellationToken) is not { } answers)
                continue;
            for (var i = 0; i < answers.Length; i++)
                present.Span[_open[i]] = answers[i];
            _open = [.. _open.Where((_, i) => !answers[i])];
        }
    }

    /// <summary>Asks a store.</summary>
    /// <returns>What it has of the blocks; null where it can't be asked, which is noted.</returns>
    async ValueTask<bool[]?> TryAskAsync(ProxyMember member, int[] blocks, CancellationToken cancellationToken)
    {
        if (!member.TryEnter())
        {
            _outage ??= member.WhyPaused();
            return null;
        }

        var asked = blocks.Length == hashes.Length ? hashes : Array.ConvertAll(blocks, i => hashes.Span[i]);
        var answers = new bool[blocks.Length];
        try
        {
            await member.Store.ContainsManyAsync(asked, answers, cancellationToken);

            // Who leaves a block out for this has a right to find it there: the next flush asks that store too, whatever its role.
            if (answers.Contains(true))
                member.Owe();
            member.Succeeded(null);
            return answers;
        }
        catch (Exception fault) when (ProxyMember.IsOutage(fault))
        {
            member.Failed(fault);
            _outage ??= fault as StoreUnavailableException ?? new StoreUnavailableException(member.Store.Description, fault.Message, isTransient: true, fault);
            return null;
        }
        catch
        {
            member.Abandoned();
            throw;
        }
    }
}
