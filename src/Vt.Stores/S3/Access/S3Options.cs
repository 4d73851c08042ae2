using Amazon.Runtime;

namespace Vt.Stores.S3.Access;

/// <summary>How a bucket is reached, beside its settings: what tests put in the place of the surroundings.</summary>
sealed record S3Options
{
    /// <summary>The clock of pauses, deadlines and movement logs.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether nothing will be written.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The credentials; those of the usual chain when null.</summary>
    public AWSCredentials? Credentials { get; init; }

    /// <summary>Puts something between the SDK and the network.</summary>
    public Func<HttpMessageHandler, HttpMessageHandler>? Handler { get; init; }

    /// <summary>How long one try of a small request may take; more is given to large bodies.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The bound of the pause before a request is made a second time.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How old a listing of the index may be for an answer that a block is absent, where no reference was read since.</summary>
    public TimeSpan Freshness { get; init; } = TimeSpan.FromMilliseconds(200);
}
