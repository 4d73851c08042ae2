namespace Vt.Hosts.HttpServer;

/// <summary>A request that is refused, which is no failure of the server's.</summary>
/// <param name="status">The status of the answer.</param>
/// <param name="detail">Why, in one line.</param>
sealed class RefusalException(int status, string detail) : Exception(detail)
{
    /// <summary>The status of the answer.</summary>
    public int Status { get; } = status;

    /// <summary>There is nothing of that name.</summary>
    public static RefusalException NotFound(string detail) => new(404, detail);

    /// <summary>The request makes no sense.</summary>
    public static RefusalException Bad(string detail) => new(400, detail);
}
