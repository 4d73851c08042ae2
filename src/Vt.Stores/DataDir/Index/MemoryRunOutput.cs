using System.Numerics;

namespace Vt.Stores.DataDir.Index;

/// <summary>Writes a run into memory: what a scan of a damaged pack gives where nothing may be written.</summary>
sealed class MemoryRunOutput : RunOutput
{
    byte[] _bytes = [];
    int _length;

    public override void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var end = checked((int)(offset + bytes.Length));
        if (end > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)end), Array.MaxLength));
        bytes.CopyTo(_bytes.AsSpan((int)offset));
        _length = Math.Max(_length, end);
    }

    public byte[] ToArray() => _bytes[.._length];
}
