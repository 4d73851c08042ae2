using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Vt.Tests.Support.S3;

/// <summary>As much of an S3 server as a store needs, in this process and without a network: what tests put under the SDK to see and spoil every request. Thread-safe.</summary>
public sealed class MemoryServer : HttpMessageHandler
{
    // Guards everything below.
    readonly Lock _gate = new();
    readonly SortedDictionary<string, (byte[] Bytes, string Tag, DateTime Modified)> _objects = new(StringComparer.Ordinal);

    /// <summary>What it does with conditions.</summary>
    public ConditionHabit Habit { get; set; }

    /// <summary>The most rows of a listing's page.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>What the clock says of new objects.</summary>
    public DateTime Now { get; set; } = DateTime.UnixEpoch.AddYears(60);

    /// <summary>How many bytes of objects it takes.</summary>
    public long Room { get; set; } = long.MaxValue;

    /// <summary>The keys, in order.</summary>
    public string[] Keys
    {
        get
        {
            lock (_gate)
                return [.. _objects.Keys];
        }
    }

    /// <summary>An object's bytes.</summary>
    public byte[] this[string key]
    {
        get
        {
            lock (_gate)
                return _objects[key].Bytes;
        }

        set
        {
            lock (_gate)
                _objects[key] = (value, TagOf(value), Now);
        }
    }

    /// <summary>Deletes an object.</summary>
    public void Remove(string key)
    {
        lock (_gate)
            _objects.Remove(key);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath).TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var key = slash < 0 ? "" : path[(slash + 1)..];
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var answer = request.Method.Method switch
            {
                "PUT" => Put(request, key, body),
                "GET" when key.Length == 0 => List(request),
                "GET" or "HEAD" => Get(request, key),
                "DELETE" => Delete(key),
                _ => Refuse(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed"),
            };
            answer.RequestMessage = request;
            return answer;
        }
    }

    static string TagOf(byte[] bytes)
    {
#pragma warning disable CA5351 // The tag of S3 is this digest; nothing is protected by it.
        return Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
    }

    static HttpResponseMessage Refuse(HttpStatusCode status, string code) => new(status)
    {
        Content = new StringContent($"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>secret of the server</Message></Error>", Encoding.UTF8, "application/xml"),
    };

    HttpResponseMessage Put(HttpRequestMessage request, string key, byte[] body)
    {
        var absent = Header(request, "If-None-Match");
        var match = Header(request, "If-Match");
        if ((absent ?? match) is not null && Habit == ConditionHabit.NotOffered)
            return Refuse(HttpStatusCode.NotImplemented, "NotImplemented");
        var isThere = _objects.TryGetValue(key, out var now);
        if (Habit is ConditionHabit.Standard or ConditionHabit.BareTags)
        {
            var tag = Habit == ConditionHabit.Standard ? $"\"{now.Tag}\"" : now.Tag;
            if ((absent is not null && isThere) || (match is not null && (!isThere || match != tag)))
                return Refuse(HttpStatusCode.PreconditionFailed, "PreconditionFailed");
        }

        if (_objects.Values.Sum(static one => (long)one.Bytes.Length) + body.Length > Room)
            return Refuse(HttpStatusCode.InsufficientStorage, "InsufficientStorage");
        _objects[key] = (body, TagOf(body), Now);
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]) };
        answer.Headers.TryAddWithoutValidation("ETag", $"\"{_objects[key].Tag}\"");
        return answer;
    }

    HttpResponseMessage Get(HttpRequestMessage request, string key)
    {
        if (!_objects.TryGetValue(key, out var found))
            return Refuse(HttpStatusCode.NotFound, "NoSuchKey");
        var (from, to) = (0L, found.Bytes.LongLength - 1);
        if (request.Headers.Range?.Ranges.First() is { From: { } first } range)
        {
            if (first >= found.Bytes.Length)
                return Refuse(HttpStatusCode.RequestedRangeNotSatisfiable, "InvalidRange");
            (from, to) = (first, Math.Min(to, range.To ?? to));
        }

        var bytes = request.Method == HttpMethod.Head ? [] : found.Bytes[(int)from..(int)(to + 1)];
        var answer = new HttpResponseMessage(request.Headers.Range is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent) { Content = new ByteArrayContent(bytes) };
        answer.Content.Headers.ContentLength = to + 1 - from;
        answer.Content.Headers.LastModified = found.Modified;
        answer.Headers.TryAddWithoutValidation("ETag", $"\"{found.Tag}\"");
        return answer;
    }

    HttpResponseMessage Delete(string key)
    {
        _objects.Remove(key);
        return new HttpResponseMessage(HttpStatusCode.NoContent) { Content = new ByteArrayContent([]) };
    }

    HttpResponseMessage List(HttpRequestMessage request)
    {
        var query = request.RequestUri!.Query.TrimStart('?').Split('&').Select(static part => part.Split('=', 2)).ToDictionary(
            static part => part[0], static part => Uri.UnescapeDataString(part.Length > 1 ? part[1] : ""));
        var prefix = query.GetValueOrDefault("prefix", "");
        var after = query.GetValueOrDefault("start-after", "");
        var rows = _objects.Where(row => row.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(row.Key, after) > 0).ToArray();
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult>");
        text.Append(CultureInfo.InvariantCulture, $"<IsTruncated>{(rows.Length > PageSize ? "true" : "false")}</IsTruncated>");
        foreach (var (key, row) in rows.Take(PageSize))
        {
            text.Append(CultureInfo.InvariantCulture, $"<Contents><Key>{WebUtility.HtmlEncode(key)}</Key><LastModified>{row.Modified:yyyy-MM-ddTHH:mm:ss.fffZ}</LastModified>");
            text.Append(CultureInfo.InvariantCulture, $"<ETag>&quot;{row.Tag}&quot;</ETag><Size>{row.Bytes.Length}</Size></Contents>");
        }

        text.Append("</ListBucketResult>");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text.ToString(), Encoding.UTF8, "application/xml") };
    }

    static string? Header(HttpRequestMessage request, string name) =>
        request.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
