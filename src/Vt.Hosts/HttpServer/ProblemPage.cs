using System.Globalization;
using Microsoft.AspNetCore.Http;
using Vt.Stores.Http;

namespace Vt.Hosts.HttpServer;

/// <summary>Tells what went wrong, in the form that whoever asked likes best.</summary>
static class ProblemPage
{
    /// <summary>Answers.</summary>
    public static async Task SendAsync(Exchange exchange, HttpProblem problem)
    {
        switch (FolderForm.Of(exchange))
        {
            case "json":
                await exchange.SendProblemAsync(problem, asJson: true);
                return;
            case "text":
                await exchange.SendProblemAsync(problem, asJson: false);
                return;
        }

        var title = TitleOf(problem.Status);
        var page = new HtmlPage($"{title} – vt", (null, problem.Status.ToString(CultureInfo.InvariantCulture)))
            .Raw("<h1>").Text(title).Raw("</h1>\n<p>").Text(problem.Detail).Raw("</p>\n<p><a href=\"/\">What there is</a></p>\n")
            .Finish();
        exchange.Response.StatusCode = problem.Status;
        exchange.Response.Headers.ContentSecurityPolicy = ContentSender.PagePolicy;
        await exchange.SendAsync(page, "text/html; charset=utf-8");
    }

    static string TitleOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request makes no sense",
        StatusCodes.Status401Unauthorized => "A token is wanted",
        StatusCodes.Status403Forbidden => "This can’t be shown",
        StatusCodes.Status404NotFound => "There is no such thing",
        StatusCodes.Status405MethodNotAllowed => "There is no such method",
        StatusCodes.Status503ServiceUnavailable => "The store can’t be reached",
        >= StatusCodes.Status500InternalServerError => "The server failed",
        _ => "The request is refused",
    };
}
