namespace Vt.Hosts.HttpServer;

/// <summary>A range of content.</summary>
/// <param name="First">Its first byte.</param>
/// <param name="Last">Its last byte, which is within the content.</param>
readonly record struct ByteRange(long First, long Last)
{
    /// <summary>How many bytes it has.</summary>
    public long Length => Last - First + 1;
}
