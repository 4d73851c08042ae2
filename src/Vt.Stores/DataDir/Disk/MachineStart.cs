using System.Buffers.Binary;
using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Disk;

/// <summary>Tells the starts of the machine apart: what was written before this one and not synced may be gone.</summary>
static class MachineStart
{
    /// <summary>Which start of the machine this is (proc(5), boot_id); 0 where the kernel does not say.</summary>
    public static ulong Read()
    {
        try
        {
            var text = File.ReadAllBytes("/proc/sys/kernel/random/boot_id");
            return BinaryPrimitives.ReadUInt64LittleEndian(HashAlgorithms.GetHasher(HashAlgorithms.Default).Hash(text).Digest);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Also where a container hides it.
            return 0;
        }
    }
}
