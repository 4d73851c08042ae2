using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Vt.Stores.Http;

namespace Vt.Hosts.HttpServer;

/// <summary>A request and its answer.</summary>
sealed class Exchange
{
    const int MostParameters = 32;

    readonly Dictionary<string, string> _query = new(StringComparer.Ordinal);

    public Exchange(HttpContext context)
    {
        Context = context;
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";

        // A proxy may ask for the whole address.
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (!target.StartsWith('/') && scheme > 0)
            target = target.IndexOf('/', scheme + 3) is var slash and > 0 ? target[slash..] : "/";
        var question = target.IndexOf('?', StringComparison.Ordinal);
        QueryText = question < 0 ? "" : target[question..];
        Path = UrlPath.Parse(question < 0 ? target : target[..question]);
        ParseQuery();
    }

    /// <summary>The request and the answer as the server has them.</summary>
    public HttpContext Context { get; }

    /// <summary>The path.</summary>
    public UrlPath Path { get; }

    /// <summary>The query with its question mark; empty where there is none.</summary>
    public string QueryText { get; }

    /// <summary>The request.</summary>
    public HttpRequest Request => Context.Request;

    /// <summary>The answer.</summary>
    public HttpResponse Response => Context.Response;

    /// <summary>Set when nobody waits for the answer any more.</summary>
    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>Whether no body is wanted.</summary>
    public bool IsHead => HttpMethods.IsHead(Request.Method);

    /// <summary>A parameter of the query; null where it is not there.</summary>
    public string? Query(string name) => _query.GetValueOrDefault(name);

    /// <summary>A number in the query.</summary>
    /// <exception cref="RefusalException">It is none from 0 to <paramref name="most"/>.</exception>
    public long Number(string name, long standard, long most)
    {
        if (Query(name) is not { } text)
            return standard;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw RefusalException.Bad($"{name} has to be a number from 0 to {most}");
    }

    /// <summary>Refuses other methods than these.</summary>
    public void Allow(params ReadOnlySpan<string> methods)
    {
        if (methods.Contains(Request.Method))
            return;
        Response.Headers.Allow = string.Join(", ", methods.ToArray());
        throw new RefusalException(StatusCodes.Status405MethodNotAllowed, $"there is no {Request.Method} of this; there is {string.Join(" and ", methods.ToArray())}");
    }

    /// <summary>Refuses all but reading.</summary>
    public void AllowReading() => Allow(HttpMethods.Get, HttpMethods.Head);

    /// <summary>Sends whoever asked to another path.</summary>
    /// <param name="location">The path, encoded, with a query or without.</param>
    /// <param name="isForGood">Whether it will always be so.</param>
    public void Redirect(string location, bool isForGood)
    {
        Response.StatusCode = isForGood ? StatusCodes.Status301MovedPermanently : StatusCodes.Status302Found;
        Response.Headers.Location = location;
        Response.ContentLength = 0;
    }

    /// <summary>Answers with bytes that no one keeps.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> body, string type)
    {
        Response.ContentType = type;
        Response.ContentLength = body.Length;
        Response.Headers.CacheControl = "no-store";
        if (!IsHead)
            await Response.Body.WriteAsync(body, Aborted);
    }

    /// <summary>Answers with a JSON object that no one keeps.</summary>
    public Task SendJsonAsync<T>(T value, JsonTypeInfo<T> type) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json");

    /// <summary>Answers with a failure: for programs that take such things as an object, else as a line.</summary>
    public async Task SendProblemAsync(HttpProblem problem, bool asJson)
    {
        Response.StatusCode = problem.Status;
        if (asJson)
            await SendAsync(JsonSerializer.SerializeToUtf8Bytes(problem, HttpStoreJson.Default.HttpProblem), HttpWire.ProblemType);
        else
            await SendAsync(Encoding.UTF8.GetBytes($"{problem.Status}: {problem.Detail}\n"), "text/plain; charset=utf-8");
    }

    void ParseQuery()
    {
        foreach (var pair in QueryText.TrimStart('?').Split('&', MostParameters + 1, StringSplitOptions.RemoveEmptyEntries))
        {
            if (_query.Count == MostParameters)
                throw RefusalException.Bad($"the query has more than {MostParameters} parameters");
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? pair : pair[..equals];
            _query.TryAdd(name, equals < 0 ? "" : Encoding.UTF8.GetString(UrlPath.Decode(pair[(equals + 1)..].Replace('+', ' '))));
        }
    }
}
