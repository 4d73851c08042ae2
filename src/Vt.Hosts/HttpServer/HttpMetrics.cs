using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;

namespace Vt.Hosts.HttpServer;

/// <summary>Counts what a server does, for Prometheus (the text format, version 0.0.4). Thread-safe.</summary>
/// <param name="clock">The clock.</param>
sealed class HttpMetrics(TimeProvider clock)
{
    static readonly double[] _bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

    readonly long _started = clock.GetUtcNow().ToUnixTimeSeconds();
    readonly RouteFigures[] _routes = [.. Enum.GetValues<HttpRoute>().Select(static _ => new RouteFigures())];
    long _connections;
    long _accepted;
    long _failures;

    /// <summary>How many connections there are.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>A connection is made.</summary>
    public void Connect()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _accepted);
    }

    /// <summary>A connection ends.</summary>
    public void Disconnect() => Interlocked.Decrement(ref _connections);

    /// <summary>The server has failed.</summary>
    public void Fail() => Interlocked.Increment(ref _failures);

    /// <summary>A request is answered.</summary>
    public void Count(HttpRoute route, int status, TimeSpan time)
    {
        var figures = _routes[(int)route];
        Interlocked.Increment(ref figures.ByStatus[Math.Clamp(status / 100, 1, 5) - 1]);
        var bound = Array.FindIndex(_bounds, limit => time.TotalSeconds <= limit);
        Interlocked.Increment(ref figures.ByTime[bound < 0 ? _bounds.Length : bound]);
        Interlocked.Add(ref figures.Ticks, time.Ticks);
    }

    /// <summary>The figures as Prometheus reads them.</summary>
    /// <param name="store">The store, of which capacity and caches are told where it knows them.</param>
    /// <param name="active">How many answers are under way.</param>
    public byte[] Write(IBlockStore store, int active)
    {
        var text = new StringBuilder(8192);
        Head(text, "vt_http_requests_total", "counter", "Requests that were answered");
        foreach (var route in Enum.GetValues<HttpRoute>())
        {
            for (var status = 0; status < 5; status++)
            {
                if (Interlocked.Read(ref _routes[(int)route].ByStatus[status]) is > 0 and var count)
                    text.Append(CultureInfo.InvariantCulture, $"vt_http_requests_total{{route=\"{NameOf(route)}\",status=\"{status + 1}xx\"}} {count}\n");
            }
        }

        Head(text, "vt_http_request_duration_seconds", "histogram", "How long answers took");
        foreach (var route in Enum.GetValues<HttpRoute>())
            WriteTimes(text, route);
        Gauge(text, "vt_http_connections", "Connections that there are", Connections);
        Gauge(text, "vt_http_requests_active", "Requests that are being answered", active);
        Counter(text, "vt_http_connections_total", "Connections that were made", Interlocked.Read(ref _accepted));
        Counter(text, "vt_http_failures_total", "Failures of the server", Interlocked.Read(ref _failures));
        Gauge(text, "vt_start_time_seconds", "When the server was started, in seconds since 1970", _started);
        Gauge(text, "vt_memory_bytes", "What the process takes of memory", Environment.WorkingSet);
        Counter(text, "vt_allocated_bytes_total", "What was allocated on the heap", GC.GetTotalAllocatedBytes());
        WriteStore(text, store);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    static void WriteStore(StringBuilder text, IBlockStore store)
    {
        if ((store as IStoreCapacity)?.GetCapacity() is { } capacity)
        {
            Gauge(text, "vt_store_blocks", "Blocks in the store", capacity.Blocks);
            Gauge(text, "vt_store_bytes", "What the store's blocks take", capacity.StoredBytes);
            Gauge(text, "vt_store_available_bytes", "What is free for the store", capacity.AvailableBytes);
        }

        if (store is not ICached cached)
            return;
        var figures = cached.ReadCaches().ToArray();
        Head(text, "vt_cache_hits_total", "counter", "How often a cache had what was asked for");
        foreach (var cache in figures)
            text.Append(CultureInfo.InvariantCulture, $"vt_cache_hits_total{{cache=\"{cache.Name}\"}} {cache.Hits}\n");
        Head(text, "vt_cache_misses_total", "counter", "How often a cache did not have it");
        foreach (var cache in figures)
            text.Append(CultureInfo.InvariantCulture, $"vt_cache_misses_total{{cache=\"{cache.Name}\"}} {cache.Misses}\n");
    }

    void WriteTimes(StringBuilder text, HttpRoute route)
    {
        var figures = _routes[(int)route];
        var sum = 0L;
        var counts = figures.ByTime.Select(static (_, _) => 0L).ToArray();
        for (var i = 0; i < counts.Length; i++)
            counts[i] = sum += Interlocked.Read(ref figures.ByTime[i]);
        if (sum == 0)
            return;
        var name = NameOf(route);
        for (var i = 0; i < _bounds.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"vt_http_request_duration_seconds_bucket{{route=\"{name}\",le=\"{_bounds[i]}\"}} {counts[i]}\n");
        text.Append(CultureInfo.InvariantCulture, $"vt_http_request_duration_seconds_bucket{{route=\"{name}\",le=\"+Inf\"}} {sum}\n");
        text.Append(CultureInfo.InvariantCulture, $"vt_http_request_duration_seconds_sum{{route=\"{name}\"}} {TimeSpan.FromTicks(Interlocked.Read(ref figures.Ticks)).TotalSeconds}\n");
        text.Append(CultureInfo.InvariantCulture, $"vt_http_request_duration_seconds_count{{route=\"{name}\"}} {sum}\n");
    }

    static void Gauge(StringBuilder text, string name, string help, long value) => One(text, name, "gauge", help, value);

    static void Counter(StringBuilder text, string name, string help, long value) => One(text, name, "counter", help, value);

    static void One(StringBuilder text, string name, string type, string help, long value)
    {
        Head(text, name, type, help);
        text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
    }

    static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    static string NameOf(HttpRoute route) => route switch
    {
        HttpRoute.Block => "h",
        HttpRoute.Content => "i",
        HttpRoute.Tree => "d",
        HttpRoute.Volume => "v",
        HttpRoute.Archive => "a",
        HttpRoute.Transfer => "s",
        _ => "other",
    };

    sealed class RouteFigures
    {
        public readonly long[] ByStatus = new long[5];
        public readonly long[] ByTime = new long[_bounds.Length + 1];
        public long Ticks;
    }
}
