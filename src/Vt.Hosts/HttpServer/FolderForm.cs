namespace Vt.Hosts.HttpServer;

/// <summary>The form of a page: what the query says, else what the client likes best.</summary>
static class FolderForm
{
    /// <summary>html, json or text.</summary>
    public static string Of(Exchange exchange) =>
        exchange.Query("format") is "html" or "json" or "text" ? exchange.Query("format")! : Negotiation.FormOf(exchange.Request.Headers.Accept.ToString());
}
