namespace Vt.Tests.BlockTree;

/// <summary>Content of the kinds that trees treat differently, made from a seed.</summary>
static class TestContent
{
    /// <summary>Random bytes, runs below and above the shortest that counts, repetitions and text, in random order.</summary>
    public static byte[] Make(Random random, int length)
    {
        var content = new byte[length];
        for (var at = 0; at < length;)
        {
            var part = content.AsSpan(at, Math.Min(length - at, PartLength(random, length)));
            switch (random.Next(7))
            {
                case 0:
                    part.Fill((byte)random.Next(3));
                    break;
                case 1:
                    Repeat(random, part);
                    break;
                case 2:
                    Write(random, part);
                    break;
                case 3:
                    foreach (ref var b in part)
                        b = (byte)random.Next(2);
                    break;
                default:
                    random.NextBytes(part);
                    break;
            }

            at += part.Length;
        }

        return content;
    }

    static int PartLength(Random random, int length) => random.Next(5) switch
    {
        0 => 1 + random.Next(10),
        1 => 4090 + random.Next(12),
        2 => 1 + random.Next(5000),
        _ => 1 + random.Next(Math.Max(1, length / 3)),
    };

    static void Write(Random random, Span<byte> part)
    {
        ReadOnlySpan<byte> letters = "fn    {}\n\n"u8;
        foreach (ref var b in part)
            b = letters[random.Next(letters.Length)];
    }

    static void Repeat(Random random, Span<byte> part)
    {
        var pattern = new byte[1 + random.Next(700)];
        random.NextBytes(pattern);
        for (var i = 0; i < part.Length; i++)
            part[i] = pattern[i % pattern.Length];
    }
}
