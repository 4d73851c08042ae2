using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Http;

/// <summary>What both ends of the transfer of blocks over HTTP keep to; vt-http(7) has the whole of it.</summary>
public static class HttpWire
{
    /// <summary>The version that is spoken.</summary>
    public const int Protocol = 1;

    /// <summary>
    /// The header that every request below <see cref="Prefix"/> has, with <see cref="Protocol"/> as its value. A page of another site can't set it without
    /// being asked for leave, which is never given: so no page can write to a server on the reader's own machine.
    /// </summary>
    public const string ProtocolHeader = "Vt-Protocol";

    /// <summary>The header of every answer that names the run of the server: what was added and not flushed is gone when it changes.</summary>
    public const string InstanceHeader = "Vt-Instance";

    /// <summary>The path below which blocks are transferred.</summary>
    public const string Prefix = "s/";

    /// <summary>The file at the top of an exported store that says what it is.</summary>
    public const string ManifestName = "vt-store.json";

    /// <summary>The file of an exported store's references.</summary>
    public const string ReferencesName = "refs.json";

    /// <summary>The folder of an exported store's blocks: each is <c>h/FIRST-TWO-DIGITS/NAME</c>.</summary>
    public const string BlocksFolder = "h";

    /// <summary>The media type of bodies that are no text.</summary>
    public const string BinaryType = "application/octet-stream";

    /// <summary>The media type of failures (RFC 9457).</summary>
    public const string ProblemType = "application/problem+json";

    /// <summary>The most names that one request asks about.</summary>
    public const int MostHashes = 4096;

    /// <summary>The most blocks that one request asks for.</summary>
    public const int MostBlocks = 1024;

    /// <summary>The most bytes of one request that brings blocks.</summary>
    public const int LargestAdd = 16 << 20;

    /// <summary>The most bytes of a request that moves a reference.</summary>
    public const int LargestMove = 8 << 20;

    /// <summary>The most bytes of a failure's text, and of an answer that describes the store.</summary>
    public const int LargestText = 64 << 10;

    /// <summary>How many names a page of the listing has at most.</summary>
    public const int ListPage = 8192;

    /// <summary>The length of a name: the algorithm's number and the digest.</summary>
    public const int HashLength = 1 + BlockHash.MaxDigestLength;

    /// <summary>What precedes a block's bytes in an answer: how it stands with the block, and how many bytes follow, little-endian.</summary>
    public const int AnswerHeaderLength = 1 + sizeof(uint);

    /// <summary>What precedes a block's bytes in a request: what it is for, its name, and how many bytes follow.</summary>
    public const int AddHeaderLength = 1 + HashLength + sizeof(uint);

    /// <summary>In the place of what a block is for: the sender believes that the store has the block, and no bytes follow.</summary>
    public const byte Claim = 0x80;

    /// <summary>The longest block.</summary>
    public const int LargestBlock = ChunkingParameters.LargestBlock;

    /// <summary>The path of a block below the top of a store on the web.</summary>
    /// <param name="hash">Its name.</param>
    public static string PathOf(in BlockHash hash)
    {
        var name = hash.ToString();
        return $"{BlocksFolder}/{name[..2]}/{name}";
    }
}
