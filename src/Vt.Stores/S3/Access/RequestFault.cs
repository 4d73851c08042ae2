using System.Globalization;
using System.Net;
using System.Xml;
using Amazon.Runtime;
using Vt.Blocks.Contracts;

namespace Vt.Stores.S3.Access;

/// <summary>What a failed request means, in our words. Nothing of the server's own texts is shown: they may repeat what was sent.</summary>
/// <param name="Kind">What to do about it.</param>
/// <param name="What">What happened, for messages.</param>
readonly record struct RequestFault(FaultKind Kind, string What)
{
    /// <summary>Reads what a call of the SDK threw.</summary>
    /// <param name="thrown">It; no cancellation by the caller.</param>
    /// <param name="bucket">The bucket, for messages.</param>
    public static RequestFault Of(Exception thrown, string bucket) => thrown switch
    {
        AmazonServiceException { StatusCode: not 0 } answer => OfAnswer(answer, bucket),
        TimeoutException or OperationCanceledException => new RequestFault(FaultKind.Transient, "the server did not answer in time"),
        HttpRequestException failed => new RequestFault(FaultKind.Transient, $"the connection failed ({failed.HttpRequestError})"),
        IOException => new RequestFault(FaultKind.Transient, "the connection was cut"),
        AmazonServiceException => new RequestFault(FaultKind.Transient, "the connection failed"),
        AmazonClientException { Message: var text } when !text.Contains("credential", StringComparison.OrdinalIgnoreCase) =>
            new RequestFault(FaultKind.Transient, "the answer was damaged on its way"),
        XmlException or FormatException => new RequestFault(FaultKind.Transient, "the answer was damaged on its way"),
        AmazonClientException => new RequestFault(
            FaultKind.User,
            "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile of ~/.aws/credentials with the setting 'profile'"),
        _ => new RequestFault(FaultKind.Permanent, thrown.GetType().Name),
    };

    /// <summary>The exception that tells a user of the store.</summary>
    /// <param name="store">The store's description.</param>
    /// <param name="doing">What was tried, as <c>reading packs/x.vtd</c>.</param>
    /// <param name="cause">What was thrown.</param>
    public Exception ToException(string store, string doing, Exception cause) => Kind switch
    {
        FaultKind.User => new UserErrorException($"{store}: {What}", cause),
        FaultKind.Full => new StoreFullException(store, $"{doing}: {What}", cause),
        _ => new StoreUnavailableException(store, $"{doing}: {What}", Kind == FaultKind.Transient, cause),
    };

    static RequestFault OfAnswer(AmazonServiceException answer, string bucket)
    {
        var status = (int)answer.StatusCode;
        var code = answer.ErrorCode is { Length: > 0 and < 80 } known && known.All(char.IsAsciiLetterOrDigit) ? known : "";
        var shown = string.Create(CultureInfo.InvariantCulture, $"the server answered {status}{(code.Length > 0 ? " " : "")}{code}");
        return code switch
        {
            "NoSuchBucket" => new RequestFault(FaultKind.User, $"there is no bucket {bucket}; make it first, and check 'endpoint' and 'region'"),
            "InvalidAccessKeyId" => new RequestFault(FaultKind.User, $"{shown}: the server does not know this access key; check the credentials and 'endpoint'"),
            "SignatureDoesNotMatch" => new RequestFault(FaultKind.User, $"{shown}: the secret key is wrong, or 'region' is"),
            "RequestTimeTooSkewed" => new RequestFault(FaultKind.User, $"{shown}: this machine's clock is wrong"),
            "ExpiredToken" or "InvalidToken" => new RequestFault(FaultKind.User, $"{shown}: the credentials have expired"),
            "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" =>
                new RequestFault(FaultKind.User, $"{shown}: the bucket {bucket} is in another region; set 'region'"),
            "QuotaExceeded" or "InsufficientStorage" or "InsufficientCapacity" or "StorageFull" or "XMinioStorageFull" => new RequestFault(FaultKind.Full, shown),
            "SlowDown" or "RequestTimeout" or "InternalError" or "ServiceUnavailable" or "OperationAborted" or "ConditionalRequestConflict"
                or "BadDigest" or "XAmzContentSHA256Mismatch" or "IncompleteBody" => new RequestFault(FaultKind.Transient, shown),
            _ => OfStatus(answer.StatusCode, shown, bucket),
        };
    }

    static RequestFault OfStatus(HttpStatusCode status, string shown, string bucket) => status switch
    {
        HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.NoContent => new RequestFault(FaultKind.Transient, "the answer was damaged on its way"),
        HttpStatusCode.NotFound => new RequestFault(FaultKind.Missing, shown),
        HttpStatusCode.RequestedRangeNotSatisfiable => new RequestFault(FaultKind.OutOfRange, shown),
        HttpStatusCode.PreconditionFailed => new RequestFault(FaultKind.ConditionFailed, shown),
        HttpStatusCode.NotImplemented => new RequestFault(FaultKind.NotOffered, shown),
        HttpStatusCode.InsufficientStorage => new RequestFault(FaultKind.Full, shown),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            new RequestFault(FaultKind.User, $"{shown}: these credentials may not do this in bucket {bucket}; it takes GetObject, PutObject, DeleteObject and ListBucket"),
        HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect =>
            new RequestFault(FaultKind.User, $"{shown}: the bucket {bucket} is in another region; set 'region'"),
        HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
            new RequestFault(FaultKind.Transient, shown),
        _ => new RequestFault(FaultKind.Permanent, shown),
    };
}
