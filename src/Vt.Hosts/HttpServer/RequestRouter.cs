using Microsoft.AspNetCore.Http;
using Vt.Blocks.Contracts;
using Vt.Stores.Http;

namespace Vt.Hosts.HttpServer;

/// <summary>Finds who answers a request, and makes an answer of whatever goes wrong.</summary>
sealed class RequestRouter
{
    readonly HttpSite _site;
    readonly Doorkeeper _doorkeeper;
    readonly TransferHandler _transfer;
    readonly BlockHandler _blocks;
    readonly ReferenceHandler _references;
    readonly VolumeHandler _volumes;
    readonly ArchiveHandler _archives;
    readonly FrontPage _front;

    public RequestRouter(HttpSite site)
    {
        _site = site;
        _doorkeeper = new Doorkeeper(site.Options);
        _transfer = new TransferHandler(site);
        _blocks = new BlockHandler(site);
        var trees = new TreeHandler(site);
        _references = new ReferenceHandler(site, trees);
        _volumes = new VolumeHandler(site, trees);
        _archives = new ArchiveHandler(site, trees);
        _front = new FrontPage(site, _volumes, _archives);
    }

    /// <summary>Answers a request.</summary>
    public async Task ProcessAsync(HttpContext context)
    {
        var started = _site.Options.Clock.GetTimestamp();
        var route = HttpRoute.Other;
        _site.Load.Enter();
        Exchange? exchange = null;
        try
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers[HttpWire.InstanceHeader] = _site.Instance;
            exchange = new Exchange(context);
            route = RouteOf(exchange.Path[0]);
            await RouteAsync(exchange, route);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
#pragma warning disable CA1031 // The boundary of a request: whatever went wrong becomes an answer, and a line of the log where the server is at fault.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            await AnswerAsync(context, exchange, route, fault);
        }
        finally
        {
            _site.Load.Leave();
            _site.Metrics.Count(route, context.Response.StatusCode, _site.Options.Clock.GetElapsedTime(started));
        }
    }

    async Task RouteAsync(Exchange exchange, HttpRoute route)
    {
        // Whether it runs is no secret.
        if (exchange.Path is { Count: 1 } path && path[0] == "healthz")
        {
            exchange.AllowReading();
            await exchange.SendAsync("ok\n"u8.ToArray(), "text/plain; charset=utf-8");
            return;
        }

        _doorkeeper.Check(exchange);
        await (route switch
        {
            HttpRoute.Block => _blocks.HandleAsync(exchange),
            HttpRoute.Content => _references.HandleContentAsync(exchange),
            HttpRoute.Tree => _references.HandleTreeAsync(exchange),
            HttpRoute.Volume => _volumes.HandleAsync(exchange),
            HttpRoute.Archive => _archives.HandleAsync(exchange),
            HttpRoute.Transfer => _transfer.HandleAsync(exchange),
            _ => HandleOtherAsync(exchange),
        });
    }

    Task HandleOtherAsync(Exchange exchange)
    {
        exchange.AllowReading();
        return (exchange.Path.Count, exchange.Path[0]) switch
        {
            (0, _) => _front.HandleAsync(exchange),
            (1, "metrics") => exchange.SendAsync(_site.Metrics.Write(_site.Store, _site.Load.Active), "text/plain; version=0.0.4; charset=utf-8"),
            (1, "robots.txt") => exchange.SendAsync("User-agent: *\nDisallow: /\n"u8.ToArray(), "text/plain; charset=utf-8"),
            _ => throw RefusalException.NotFound("there is nothing of that name; / shows what there is"),
        };
    }

    async Task AnswerAsync(HttpContext context, Exchange? exchange, HttpRoute route, Exception fault)
    {
        var problem = ProblemOf(route, fault);
        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            _site.Metrics.Fail();
            _site.Options.Log($"{context.Request.Method} {context.Request.Path}: {fault.GetType().Name}: {fault.Message}");
        }

        if (context.Response.HasStarted || exchange is null)
        {
            if (exchange is null && !context.Response.HasStarted)
                context.Response.StatusCode = problem.Status;
            else
                context.Abort();
            return;
        }

        ClearContent(context.Response);
        try
        {
            if (route == HttpRoute.Transfer)
                await exchange.SendProblemAsync(problem, asJson: true);
            else
                await ProblemPage.SendAsync(exchange, problem);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    // A request that is none is told apart from a tree that is damaged.
    static HttpProblem ProblemOf(HttpRoute route, Exception fault) => fault switch
    {
        FormatInvalidException when route != HttpRoute.Transfer => new HttpProblem(HttpProblem.Fault, StatusCodes.Status500InternalServerError, fault.Message),
        RefusalException refusal => new HttpProblem(TypeOf(refusal.Status), refusal.Status, refusal.Message),
        BadHttpRequestException bad => new HttpProblem(HttpProblem.Argument, bad.StatusCode, bad.Message),
        EndOfStreamException => new HttpProblem(HttpProblem.Argument, StatusCodes.Status400BadRequest, "the request ends too early"),
        _ => HttpProblem.Of(fault),
    };

    static string TypeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => HttpProblem.NotFound,
        StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden => HttpProblem.Forbidden,
        _ => HttpProblem.Argument,
    };

    static void ClearContent(HttpResponse response)
    {
        foreach (var header in (ReadOnlySpan<string>)["ETag", "Last-Modified", "Content-Encoding", "Content-Disposition", "Content-Range", "Accept-Ranges", "Content-Length", "Vary"])
            response.Headers.Remove(header);
    }

    static HttpRoute RouteOf(string part) => part switch
    {
        "h" => HttpRoute.Block,
        "i" => HttpRoute.Content,
        "d" => HttpRoute.Tree,
        "v" => HttpRoute.Volume,
        "a" => HttpRoute.Archive,
        "s" => HttpRoute.Transfer,
        _ => HttpRoute.Other,
    };
}
