using System.Buffers.Binary;
using System.Text;
using Vt.Blocks.Contracts;

namespace Vt.Hosts.DockerEngine;

/// <summary>Reads what a command in a container writes: frames of a byte for the stream, three of 0, the length in 4 bytes big-endian, and the text.</summary>
static class ExecStream
{
    /// <summary>What is kept of the text, in bytes.</summary>
    public const int Most = 64 << 10;

    const int HeaderLength = 8;

    /// <summary>Reads until the end.</summary>
    /// <exception cref="FormatInvalidException">It ends within a frame.</exception>
    public static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var header = new byte[HeaderLength];
        var piece = new byte[8192];
        while (true)
        {
            var read = await stream.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellationToken);
            if (read == 0)
                return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
            if (read < HeaderLength)
                throw new FormatInvalidException("the output of a command in a container ends within a frame's header");
            for (long left = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)); left > 0;)
            {
                var count = await stream.ReadAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, left)), cancellationToken);
                if (count == 0)
                    throw new FormatInvalidException("the output of a command in a container ends within a frame");
                kept.Write(piece, 0, (int)Math.Min(count, Most - kept.Length));
                left -= count;
            }
        }
    }
}
