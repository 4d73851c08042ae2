namespace Vt.Hosts.HttpServer;

/// <summary>What a request is for.</summary>
enum HttpRoute
{
    /// <summary>The front page, figures, and what there is not.</summary>
    Other,

    /// <summary>A block: /h/.</summary>
    Block,

    /// <summary>Content by its reference: /i/.</summary>
    Content,

    /// <summary>A tree by its text: /d/.</summary>
    Tree,

    /// <summary>A volume: /v/.</summary>
    Volume,

    /// <summary>An archive: /a/.</summary>
    Archive,

    /// <summary>The transfer of blocks: /s/.</summary>
    Transfer,
}
