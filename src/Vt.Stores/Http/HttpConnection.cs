using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.Stores.Http;

/// <summary>Makes calls of one server: again and again while they fail for reasons that pass, until its patience ends. Thread-safe.</summary>
sealed class HttpConnection : IDisposable
{
    static readonly TimeSpan _firstDelay = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(5);

    readonly HttpClient _client;
    readonly TimeProvider _time;
    readonly Random _random;

    public HttpConnection(HttpSettings settings, TimeProvider time, int? seed = null)
    {
        Description = settings.Url.AbsoluteUri;
        Patience = settings.Timeout;
        Parallel = settings.Parallel;
        _client = HttpClients.Create(settings);
        _time = time;
        _random = seed is { } fixedSeed ? new Random(fixedSeed) : Random.Shared;
    }

    /// <summary>The server, for messages.</summary>
    public string Description { get; }

    /// <summary>How long nothing may be heard.</summary>
    public TimeSpan Patience { get; init; }

    /// <summary>How many requests are under way at once.</summary>
    public int Parallel { get; }

    /// <summary>Makes a call.</summary>
    /// <param name="make">Makes the request; called for each attempt.</param>
    /// <param name="read">Reads an answer that is a success, or that <paramref name="accept"/> takes.</param>
    /// <param name="accept">Which statuses are answers besides 200; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreUnavailableException">There was no answer within the patience, or one that refuses.</exception>
    public async Task<T> CallAsync<T>(
        Func<HttpRequestMessage> make, Func<HttpResponseMessage, HttpAttempt, ValueTask<T>> read, Func<HttpStatusCode, bool>? accept, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var attempt = new HttpAttempt(Patience, _time, cancellationToken);
            Exception fault;
            try
            {
                using var request = make();
                using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, attempt.Token);
                attempt.Touch();
                if (response.StatusCode == HttpStatusCode.OK || accept?.Invoke(response.StatusCode) == true)
                    return await read(response, attempt);
                fault = await FailureOfAsync(response, attempt);
                if (fault is not StoreUnavailableException { IsTransient: true })
                    throw fault;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && DescribeTransient(e, attempt) is { } what)
            {
                fault = new StoreUnavailableException(Description, what, IsLasting(e) is false, e);
                if (IsLasting(e))
                    throw fault;
            }

            catch (StoreUnavailableException e) when (e.IsTransient)
            {
                fault = e;
            }
            catch (InvalidDataException e)
            {
                throw Strange(e.Message, e);
            }

            if (attempt.HasGained)
                (started, tries) = (_time.GetTimestamp(), 0);
            var delay = DelayBefore(tries);
            if (_time.GetElapsedTime(started) + delay > Patience)
                throw fault;
            await Task.Delay(delay, _time, cancellationToken);
        }
    }

    /// <summary>Makes a call whose answer is a JSON object.</summary>
    public Task<T> CallAsync<T>(Func<HttpRequestMessage> make, JsonTypeInfo<T> type, int most, CancellationToken cancellationToken) =>
        CallAsync(
            make,
            async (response, attempt) =>
            {
                await using var body = await response.Content.ReadAsStreamAsync(attempt.Token);
                return ParseJson(await attempt.ReadAllAsync(body, most), type);
            },
            null,
            cancellationToken);

    /// <summary>Reads a JSON object.</summary>
    /// <exception cref="StoreUnavailableException">It is none.</exception>
    public T ParseJson<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw Strange("it is null");
        }
        catch (JsonException fault)
        {
            throw Strange(fault.Message, fault);
        }
    }

    /// <summary>The failure that an answer of another form is.</summary>
    public StoreUnavailableException Strange(string what, Exception? inner = null) => new(Description, $"the answer is not what a store on the web gives: {what}", false, inner);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    async ValueTask<Exception> FailureOfAsync(HttpResponseMessage response, HttpAttempt attempt)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType == HttpWire.ProblemType)
        {
            await using var body = await response.Content.ReadAsStreamAsync(attempt.Token);
            if (HttpProblem.TryParse(await attempt.ReadAllAsync(body, HttpWire.LargestText)) is { } problem)
                return problem.Type == HttpProblem.Restarted ? new ServerRestartedException(response) : problem.ToException(Description);
        }

        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new StoreUnavailableException(Description, "the server wants a token, and not the one it got, if any; say token_file"),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                new StoreUnavailableException(Description, $"the server answers {status} {response.ReasonPhrase}", isTransient: true),
            _ => new StoreUnavailableException(Description, $"the server answers {status} {response.ReasonPhrase}"),
        };
    }

    // What kept an attempt from its end, where that came from the network; null of all else.
    static string? DescribeTransient(Exception fault, HttpAttempt attempt) => fault switch
    {
        OperationCanceledException when attempt.IsTimedOut => "nothing is heard from the server",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } secure => $"no secure connection: {(secure.InnerException ?? secure).Message}",
        HttpRequestException or IOException => $"the server can't be reached: {fault.Message}",
        _ => null,
    };

    // A certificate that is not trusted will not be in a while.
    static bool IsLasting(Exception fault) => fault is HttpRequestException { InnerException: AuthenticationException };

    // Twice as long each time, and by chance shorter, so that many clients don't come all at once.
    TimeSpan DelayBefore(int tries)
    {
        var most = Math.Min(_longestDelay.TotalMilliseconds, _firstDelay.TotalMilliseconds * Math.Pow(2, Math.Min(tries, 16)));
        lock (_random)
            return TimeSpan.FromMilliseconds(most * (0.5 + (_random.NextDouble() / 2)));
    }
}
