using System.Security.Cryptography;
using Vt.Blocks.Contracts;
using Vt.Stores.S3.Access;

namespace Vt.Stores.S3.Refs;

/// <summary>
/// Finds out, by trying, whether a server keeps to conditions of puts and how it wants tags to be written. Some ignore conditions and answer 200, which would
/// lose movements of references without a word; some want tags without the quotes that the standard asks for, and refuse every update otherwise.
/// </summary>
/// <param name="bucket">The bucket.</param>
sealed class ConditionProbe(S3Bucket bucket)
{
    const int MostTries = 8;

    /// <summary>Tries, with an object of its own that is deleted then, and sets <see cref="S3Bucket.QuotesTags"/>.</summary>
    /// <returns>What the server does.</returns>
    /// <exception cref="StoreUnavailableException">The answers say nothing, again and again.</exception>
    public async Task<ConditionSupport> TryAsync(CancellationToken cancellationToken)
    {
        var key = $"{S3Layout.Probes}{Token()}";
        var support = await TryAsync(key, cancellationToken);
        await bucket.DeleteAsync(key, cancellationToken);
        return support;
    }

    /// <summary>128 random bits as text.</summary>
    public static string Token() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    async Task<ConditionSupport> TryAsync(string key, CancellationToken cancellationToken)
    {
        var first = await PutAsync(key, PutCondition.Absent, cancellationToken);
        if (first.Kind == PutOutcomeKind.NotOffered)
            return ConditionSupport.None;

        // The first may be an unknown one that was made, and the repeated one refused: all that matters is that it is there now.
        var second = await PutAsync(key, PutCondition.Absent, cancellationToken);
        if (second.Kind != PutOutcomeKind.Refused)
            return ConditionSupport.Ignored;
        foreach (var quotes in (bool[])[true, false])
        {
            bucket.QuotesTags = quotes;
            if (await bucket.TryGetAsync(key, cancellationToken) is not { } now)
                return ConditionSupport.Ignored;
            if ((await PutAsync(key, PutCondition.Unchanged(now.ETag), cancellationToken)).Kind == PutOutcomeKind.Refused
                && await bucket.TryGetAsync(key, cancellationToken) is { } still && still.ETag == now.ETag)
            {
                continue;
            }

            // The old tag is stale now, and must not do any more.
            return (await PutAsync(key, PutCondition.Unchanged(now.ETag), cancellationToken)).Kind == PutOutcomeKind.Refused
                ? ConditionSupport.Kept
                : ConditionSupport.Ignored;
        }

        bucket.QuotesTags = true;
        return ConditionSupport.None;
    }

    async Task<PutOutcome> PutAsync(string key, PutCondition condition, CancellationToken cancellationToken)
    {
        // Other bytes each time: the tag has to change.
        var body = System.Text.Encoding.ASCII.GetBytes($"vt probe {Token()}\n");
        var backoff = bucket.NewBackoff(TimeSpan.FromSeconds(20));
        for (var i = 0; i < MostTries; i++)
        {
            var outcome = await bucket.TryPutAsync(key, body, condition, cancellationToken);
            if (outcome.Kind != PutOutcomeKind.Unknown)
                return outcome;
            if (!await backoff.WaitAsync(cancellationToken))
                break;
        }

        throw new StoreUnavailableException(bucket.Description, "the server does not say whether it keeps to conditions of puts", isTransient: true);
    }
}
