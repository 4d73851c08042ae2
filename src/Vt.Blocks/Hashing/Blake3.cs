namespace Vt.Blocks.Hashing;

/// <summary>
/// BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020): hash, keyed hash and key derivation, with output of any length.
/// Uses as many lanes as the machine's vectors have.
/// </summary>
public static class Blake3
{
    /// <summary>The length of a key, in bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>The usual length of a hash, in bytes.</summary>
    public const int HashLength = Blake3Constants.ValueLength;

    /// <summary>Hashes data.</summary>
    /// <param name="data">Any number of bytes; borrowed for the call.</param>
    /// <param name="output">Receives as many bytes of the hash as it has room for, usually <see cref="HashLength"/>.</param>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> output) =>
        Compute(Blake3Mode.Plain(Blake3Mode.MachineWidth), data, output);

    /// <summary>Hashes data under a key: a message authentication code or pseudo-random function.</summary>
    /// <param name="key">Exactly <see cref="KeyLength"/> bytes.</param>
    /// <param name="data">Any number of bytes; borrowed for the call.</param>
    /// <param name="output">Receives as many bytes of the hash as it has room for.</param>
    /// <exception cref="ArgumentException">The key has another length.</exception>
    public static void KeyedHash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> output) =>
        Compute(KeyedMode(key), data, output);

    /// <summary>Derives a key from key material.</summary>
    /// <param name="context">
    /// What the key is for, in UTF-8: fixed in the program, unique in the world, "application date purpose".
    /// </param>
    /// <param name="material">The secret; not a password. Borrowed for the call.</param>
    /// <param name="output">Receives the key, as long as it has room for.</param>
    public static void DeriveKey(ReadOnlySpan<byte> context, ReadOnlySpan<byte> material, Span<byte> output) =>
        Compute(DerivationMode(context, Blake3Mode.MachineWidth), material, output);

    internal static Blake3Mode KeyedMode(ReadOnlySpan<byte> key) => KeyedMode(key, Blake3Mode.MachineWidth);

    internal static Blake3Mode KeyedMode(ReadOnlySpan<byte> key, int widest)
    {
        if (key.Length != KeyLength)
            throw new ArgumentException($"a key has {KeyLength} bytes, not {key.Length}", nameof(key));
        return new Blake3Mode(key, Blake3Constants.KeyedHash, widest);
    }

    internal static Blake3Mode DerivationMode(ReadOnlySpan<byte> context, int widest)
    {
        Span<byte> contextKey = stackalloc byte[KeyLength];
        Span<byte> initial = stackalloc byte[KeyLength];
        for (var i = 0; i < Blake3Constants.Iv.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(initial[(i * sizeof(uint))..], Blake3Constants.Iv[i]);
        Compute(new Blake3Mode(initial, Blake3Constants.DeriveKeyContext, widest), context, contextKey);
        return new Blake3Mode(contextKey, Blake3Constants.DeriveKeyMaterial, widest);
    }

    internal static void Compute(in Blake3Mode mode, ReadOnlySpan<byte> data, Span<byte> output)
    {
        if (data.Length <= Blake3Constants.LeafLength)
        {
            Blake3Node.OfLeaf(in mode.Key, data, 0, mode.Flags).Output(output);
            return;
        }

        using var stream = new Blake3Streaming(in mode);
        stream.Append(data);
        stream.Output(output);
    }
}
