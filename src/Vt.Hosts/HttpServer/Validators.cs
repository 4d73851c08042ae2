using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Vt.Hosts.HttpServer;

/// <summary>Compares what a client has with what there is (RFC 9110, 13).</summary>
/// <param name="etag">The entity tag of what there is, with its quotes; strong.</param>
/// <param name="lastModified">When it was last changed, where that is known.</param>
sealed class Validators(string etag, DateTimeOffset? lastModified)
{
    /// <summary>The status of an answer without the content: 304 or 412; null where the content is to be sent.</summary>
    public int? Evaluate(HttpRequest request)
    {
        var headers = request.Headers;
        if (headers.IfMatch.Count > 0)
        {
            if (!Lists(headers.IfMatch, isWeak: false))
                return StatusCodes.Status412PreconditionFailed;
        }
        else if (DateOf(headers.IfUnmodifiedSince) is { } unmodified && Modified() is { } when && when > unmodified)
        {
            return StatusCodes.Status412PreconditionFailed;
        }

        if (headers.IfNoneMatch.Count > 0)
            return Lists(headers.IfNoneMatch, isWeak: true) ? StatusCodes.Status304NotModified : null;
        return DateOf(headers.IfModifiedSince) is { } since && Modified() is { } changed && changed <= since ? StatusCodes.Status304NotModified : null;
    }

    /// <summary>Whether a range may be sent: what the client has the rest of is what there is.</summary>
    public bool AllowsRange(HttpRequest request)
    {
        var header = request.Headers.IfRange.ToString();
        if (header.Length == 0)
            return true;
        return header.Contains('"', StringComparison.Ordinal) ? header.Trim() == etag : DateOf(header) is { } date && date == Modified();
    }

    /// <summary>The date of the Last-Modified header; null where none is known.</summary>
    public string? LastModified => Modified()?.ToString("R", CultureInfo.InvariantCulture);

    // Headers know whole seconds.
    DateTimeOffset? Modified() => lastModified is { } time ? time.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerSecond)).ToUniversalTime() : null;

    bool Lists(StringValues header, bool isWeak)
    {
        foreach (var line in header)
        {
            foreach (var item in (line ?? "").Split(','))
            {
                var tag = item.Trim();
                if (tag == "*" || tag == etag || (isWeak && tag.StartsWith("W/", StringComparison.Ordinal) && tag[2..] == etag))
                    return true;
            }
        }

        return false;
    }

    static DateTimeOffset? DateOf(StringValues header) =>
        DateTimeOffset.TryParseExact(header.ToString(), "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;
}
