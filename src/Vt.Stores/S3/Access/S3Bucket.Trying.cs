using System.Xml;
using Amazon.Runtime;

namespace Vt.Stores.S3.Access;

/// <summary>How long a request may take, and how often it is made.</summary>
sealed partial class S3Bucket
{
    // What a request that sends must at least make of its bytes in a second: a thin line that eight of them share.
    const int SlowestRate = 32 << 10;

    // Each so many bytes that a request sends give it the time once more.
    const int LargeBody = 4 << 20;

    static bool IsOfRequest(Exception thrown) =>
        thrown is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or OperationCanceledException or TimeoutException
            or XmlException or FormatException;

    static TimeSpan TimeFor(long length) => TimeSpan.FromSeconds(length / SlowestRate);

    /// <summary>For how long a try hears nothing before it is given up: no longer than all tries together may take, but a second at least.</summary>
    TimeSpan TryTimeout => TimeSpan.FromTicks(Math.Min(_options.TryTimeout.Ticks, Math.Max(_settings.Timeout.Ticks, TimeSpan.TicksPerSecond)));

    Task<T> TryAgainAsync<T>(
        string doing, long length, Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken, bool mayBeMissing = false) =>
        TryAgainAsync(doing, length, (token, _) => request(token), cancellationToken, mayBeMissing);

    /// <summary>Makes a request until it succeeds, fails for good, or the deadline has passed.</summary>
    /// <param name="doing">What it does, for messages.</param>
    /// <param name="length">How many bytes it sends.</param>
    /// <param name="request">Makes it; calls what it is given whenever something has come, so that only a silent server takes too long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="mayBeMissing">Whether 404 is an answer. To a put it never is: nothing was stored then.</param>
    /// <returns>Its answer; the default where there is no such object.</returns>
    async Task<T> TryAgainAsync<T>(
        string doing, long length, Func<CancellationToken, Action, Task<T>> request, CancellationToken cancellationToken, bool mayBeMissing = false)
    {
        var backoff = NewBackoff(_settings.Timeout * (1 + (length / LargeBody)));
        while (true)
        {
            using var patience = new CancellationTokenSource(TryTimeout + TimeFor(length), Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                return await request(either.Token, () => patience.CancelAfter(TryTimeout));
            }
            catch (Exception thrown) when (!cancellationToken.IsCancellationRequested && IsOfRequest(thrown))
            {
                var fault = RequestFault.Of(thrown, _settings.Bucket);
                if (fault.Kind == FaultKind.Missing && mayBeMissing)
                    return default!;
                if (fault.Kind != FaultKind.Transient || !await backoff.WaitAsync(cancellationToken))
                    throw fault.ToException(Description, doing, thrown);
            }
        }
    }
}
