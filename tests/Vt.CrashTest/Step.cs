namespace Vt.CrashTest;

/// <summary>One change of a writer's folder, or a sync.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Path">The file, or the folder: below the writer's own.</param>
/// <param name="Other">The second name of what has one.</param>
/// <param name="Offset">Where it writes, or the new size.</param>
/// <param name="Length">How many bytes it writes.</param>
/// <param name="Seed">Of the bytes.</param>
sealed record Step(StepKind Kind, string Path, string Other = "", int Offset = 0, int Length = 0, int Seed = 0)
{
    /// <summary>The bytes that it writes: half of them such as can be compressed.</summary>
    public byte[] Bytes()
    {
        var random = new Random(Seed);
        var bytes = new byte[Length];
        random.NextBytes(bytes);
        if ((Seed & 1) == 0)
        {
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] &= 0x0f;
        }

        return bytes;
    }
}
