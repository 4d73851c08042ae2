namespace Vt.Stores.Http;

/// <summary>The server has been started anew since a request was made first, and does not know any more what became of that.</summary>
/// <param name="response">Its answer.</param>
sealed class ServerRestartedException(HttpResponseMessage response) : Exception("the server has been started anew")
{
    /// <summary>The run of the server that it is now.</summary>
    public string Instance { get; } = HttpStore.InstanceOf(response);
}
