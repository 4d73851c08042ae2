using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Vt.Hosts.DockerEngine;

/// <summary>
/// Asks a Docker Engine by its HTTP API over a unix socket (docs.docker.com/engine/api). Paths have no version, so each engine answers in its own. Safe from any thread.
/// </summary>
public sealed class EngineClient : IDisposable
{
    /// <summary>The variable that says where the engine is.</summary>
    public const string Variable = "DOCKER_HOST";

    /// <summary>Where the engine is unless something else is said.</summary>
    public const string UsualSocket = "/var/run/docker.sock";

    const string UnixScheme = "unix://";
    const int StopAttempts = 10;

    // What the engine itself does not answer within: it is down, though its socket is there.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly HttpClient _http;

    /// <summary>Makes a client; nobody is asked yet.</summary>
    /// <param name="socket">The path of the engine's socket.</param>
    public EngineClient(string socket)
    {
        Socket = socket;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false }) { BaseAddress = new Uri("http://docker/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The path of the engine's socket.</summary>
    public string Socket { get; }

    /// <summary>Where the engine is.</summary>
    /// <param name="host">What <see cref="Variable"/> says; null or empty for nothing.</param>
    /// <returns>The path of its socket; null where it can't be reached by one.</returns>
    public static string? SocketOf(string? host)
    {
        if (string.IsNullOrEmpty(host))
            return UsualSocket;
        return host.StartsWith(UnixScheme, StringComparison.Ordinal) && host.Length > UnixScheme.Length ? host[UnixScheme.Length..] : null;
    }

    /// <summary>The containers that use volumes, running or not, in the order of their names.</summary>
    /// <param name="volumes">The volumes' names.</param>
    /// <param name="isDriver">Whether a volume driver is the one that is meant.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">The engine can't be asked.</exception>
    public async Task<IReadOnlyList<VolumeUser>> ListUsersAsync(IReadOnlyCollection<string> volumes, Func<string, bool> isDriver, CancellationToken cancellationToken)
    {
        if (volumes.Count == 0)
            return [];

        // The filter takes the name of a volume of any driver, and a place in a container too.
        var filters = JsonSerializer.Serialize(new Dictionary<string, string[]> { ["volume"] = [.. volumes] }, EngineJson.Default.DictionaryStringStringArray);
        var containers = await GetAsync($"containers/json?all=1&filters={Uri.EscapeDataString(filters)}", EngineJson.Default.EngineContainerArray, cancellationToken);
        var users = new List<VolumeUser>();
        foreach (var container in containers)
        {
            var used = (container.Mounts ?? []).Where(mount => mount is { Name: { } name, Driver: { } driver } && volumes.Contains(name) && isDriver(driver)).Select(static mount => mount.Name!);
            if (used.Distinct().ToList() is { Count: > 0 } names)
                users.Add(UserOf(container, names));
        }

        users.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        return users;
    }

    /// <summary>Whether the engine removes a container as soon as it stops; null where there is no such container.</summary>
    /// <exception cref="EngineException">The engine can't be asked.</exception>
    public async Task<bool?> IsRemovedWhenStoppedAsync(string container, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"containers/{Uri.EscapeDataString(container)}/json", null, cancellationToken, HttpStatusCode.NotFound);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : (await ReadAsync(answer, EngineJson.Default.EngineInspection, cancellationToken)).HostConfig?.AutoRemove ?? false;
    }

    /// <summary>What a container is doing now; null where there is no such container.</summary>
    /// <exception cref="EngineException">The engine can't be asked.</exception>
    public async Task<ContainerState?> ReadStateAsync(string container, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"containers/{Uri.EscapeDataString(container)}/json", null, cancellationToken, HttpStatusCode.NotFound);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : StateOf((await ReadAsync(answer, EngineJson.Default.EngineInspection, cancellationToken)).State?.Status);
    }

    /// <summary>By what an image is the same everywhere: the digest that a registry gave it, else its id.</summary>
    /// <param name="image">The image's id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">The engine can't be asked.</exception>
    public async Task<string> ReadDigestAsync(string image, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"images/{Uri.EscapeDataString(image)}/json", null, cancellationToken, HttpStatusCode.NotFound);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return image;
        var found = await ReadAsync(answer, EngineJson.Default.EngineImage, cancellationToken);
        return found.RepoDigests is [var first, ..] ? first[(first.IndexOf('@', StringComparison.Ordinal) + 1)..] : found.Id ?? image;
    }

    /// <summary>Stops a container; one that does not run is left as it is. Tries again where the engine could not.</summary>
    /// <param name="container">The container.</param>
    /// <param name="grace">How long it gets to end by itself; whole seconds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">It could not be stopped.</exception>
    public async Task StopAsync(string container, TimeSpan grace, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var answer = await SendAsync(HttpMethod.Post, $"containers/{Uri.EscapeDataString(container)}/stop?t={(int)grace.TotalSeconds}", null, cancellationToken, HttpStatusCode.NotModified);
                return;
            }
            catch (EngineException fault) when (!fault.IsUnreachable && attempt < StopAttempts)
            {
                // An engine that is busy with the container refuses for a moment.
                await Task.Delay(TimeSpan.FromMilliseconds(100 * attempt), cancellationToken);
            }
        }
    }

    /// <summary>Starts a container; one that runs is left as it is.</summary>
    /// <exception cref="EngineException">It could not be started.</exception>
    public Task StartAsync(string container, CancellationToken cancellationToken) => ActAsync(container, "start", cancellationToken, HttpStatusCode.NotModified);

    /// <summary>Pauses a container; one that is paused is left as it is.</summary>
    /// <exception cref="EngineException">It could not be paused.</exception>
    public Task PauseAsync(string container, CancellationToken cancellationToken) => ActAsync(container, "pause", cancellationToken, HttpStatusCode.Conflict);

    /// <summary>Lets a paused container go on.</summary>
    /// <exception cref="EngineException">It could not, or was not paused.</exception>
    public Task UnpauseAsync(string container, CancellationToken cancellationToken) => ActAsync(container, "unpause", cancellationToken);

    /// <summary>Removes a container that is stopped, and its anonymous volumes.</summary>
    /// <exception cref="EngineException">It runs.</exception>
    public async Task RemoveContainerAsync(string container, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Delete, $"containers/{Uri.EscapeDataString(container)}?v=1", null, cancellationToken, HttpStatusCode.NotFound);
    }

    /// <summary>The names of the volumes of a driver. Other drivers are not asked, of which one that is gone would take its time not to answer.</summary>
    /// <exception cref="EngineException">The engine can't be asked.</exception>
    public async Task<IReadOnlyList<string>> ListVolumesAsync(string driver, CancellationToken cancellationToken)
    {
        var filters = JsonSerializer.Serialize(new Dictionary<string, string[]> { ["driver"] = [driver] }, EngineJson.Default.DictionaryStringStringArray);
        var answer = await GetAsync($"volumes?filters={Uri.EscapeDataString(filters)}", EngineJson.Default.EngineVolumes, cancellationToken);
        return [.. (answer.Volumes ?? []).Where(volume => volume.Driver == driver && volume.Name is not null).Select(static volume => volume.Name!)];
    }

    /// <summary>Lets the engine forget a volume; one that it does not know is no fault.</summary>
    /// <exception cref="EngineException">A container has it.</exception>
    public async Task RemoveVolumeAsync(string volume, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Delete, $"volumes/{Uri.EscapeDataString(volume)}", null, cancellationToken, HttpStatusCode.NotFound);
    }

    /// <summary>Runs a command in a running container, and waits for its end.</summary>
    /// <param name="container">The container.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="cancellationToken">Gives up waiting; the command goes on.</param>
    /// <exception cref="EngineException">It can't be run: the container is paused or gone.</exception>
    public async Task<ExecOutcome> RunAsync(string container, string[] command, CancellationToken cancellationToken)
    {
        using var made = await SendAsync(
            HttpMethod.Post,
            $"containers/{Uri.EscapeDataString(container)}/exec",
            JsonContent.Create(new EngineExecRequest(true, true, command), EngineJson.Default.EngineExecRequest),
            cancellationToken);
        var id = (await ReadAsync(made, EngineJson.Default.EngineExec, cancellationToken)).Id ?? throw Fault("it gave a command no id");
        var request = JsonContent.Create(new EngineExecStart(false, false), EngineJson.Default.EngineExecStart);

        // No limit of time here: a command may take its time, and who runs it says how long.
        using var started = await SendUnlimitedAsync(HttpMethod.Post, $"exec/{id}/start", request, cancellationToken);
        await using var stream = await started.Content.ReadAsStreamAsync(cancellationToken);
        var output = await ExecStream.ReadAsync(stream, cancellationToken);
        var ended = await GetAsync($"exec/{id}/json", EngineJson.Default.EngineExec, cancellationToken);
        return new ExecOutcome(ended.ExitCode ?? throw Fault("it does not say how a command ended"), output);
    }

    /// <summary>What happens in the engine to containers and volumes, from now on until the enumeration is left.</summary>
    /// <param name="types">Of what: <c>container</c>, <c>volume</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="EngineException">The engine can't be asked, or ended.</exception>
    public async IAsyncEnumerable<EngineEvent> ReadEventsAsync(string[] types, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filters = JsonSerializer.Serialize(new Dictionary<string, string[]> { ["type"] = types }, EngineJson.Default.DictionaryStringStringArray);
        using var answer = await SendUnlimitedAsync(HttpMethod.Get, $"events?filters={Uri.EscapeDataString(filters)}", null, cancellationToken);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
                yield return JsonSerializer.Deserialize(line, EngineJson.Default.EngineEvent) ?? throw Fault("it tells of nothing");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    static VolumeUser UserOf(EngineContainer container, IReadOnlyList<string> volumes) => new()
    {
        Id = container.Id,
        Name = container.Names is [var name, ..] ? name : container.Id,
        State = StateOf(container.State),
        Status = container.State ?? "",
        Image = container.Image ?? "",
        ImageId = container.ImageID ?? "",
        Command = container.Command ?? "",
        Labels = container.Labels ?? [],
        Volumes = volumes,
    };

    static ContainerState StateOf(string? state) => state switch
    {
        "running" or "restarting" => ContainerState.Running,
        "paused" => ContainerState.Paused,
        _ => ContainerState.Stopped,
    };

    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    async Task ActAsync(string container, string action, CancellationToken cancellationToken, HttpStatusCode? alsoGood = null)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"containers/{Uri.EscapeDataString(container)}/{action}", null, cancellationToken, alsoGood);
    }

    async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        return await ReadAsync(answer, type, cancellationToken);
    }

    async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw Fault("it answered with nothing");
        }
        catch (JsonException fault)
        {
            throw Fault($"its answer can't be read: {fault.Message}", inner: fault);
        }
    }

    async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken, HttpStatusCode? alsoGood = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await SendUnlimitedAsync(method, path, content, patience.Token, alsoGood);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fault($"it has not answered within {Patience.TotalSeconds:F0} seconds", isUnreachable: true);
        }
    }

    async Task<HttpResponseMessage> SendUnlimitedAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken, HttpStatusCode? alsoGood = null)
    {
        HttpResponseMessage answer;
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException fault)
        {
            throw Fault((fault.InnerException ?? fault).Message, isUnreachable: true, fault);
        }

        if (answer.IsSuccessStatusCode || answer.StatusCode == alsoGood)
            return answer;
        using (answer)
            throw Fault(await WordsOfAsync(answer, cancellationToken));
    }

    static async Task<string> WordsOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            if (await answer.Content.ReadFromJsonAsync(EngineJson.Default.EngineFault, cancellationToken) is { Message: { } said })
                return said;
        }
        catch (JsonException)
        {
            // The status says it too.
        }

        return $"it answered with {(int)answer.StatusCode} {answer.ReasonPhrase}";
    }

    EngineException Fault(string what, bool isUnreachable = false, Exception? inner = null) => new($"Docker Engine at {Socket}: {what}", isUnreachable, inner);
}
