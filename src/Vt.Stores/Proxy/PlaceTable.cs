using Vt.Blocks.Hashing;

namespace Vt.Stores.Proxy;

/// <summary>
/// Which store had a block last, so that it is asked first. A hint of a fixed size: 24 bits of the name tell whose it is, and a newer block takes the place of an
/// older one. Thread-safe.
/// </summary>
sealed class PlaceTable
{
    const int Places = 1 << 15;
    const int MemberBits = 8;
    readonly uint[] _places = new uint[Places];

    /// <summary>The most stores that it can tell apart.</summary>
    public const int MostMembers = (1 << MemberBits) - 1;

    /// <summary>The store that had a block; -1 where that is not known.</summary>
    public int Find(in BlockHash hash)
    {
        var place = Volatile.Read(ref _places[PlaceOf(hash)]);
        return place >> MemberBits == TagOf(hash) ? (int)(place & MostMembers) - 1 : -1;
    }

    /// <summary>Remembers that a store had a block.</summary>
    public void Note(in BlockHash hash, int member) => Volatile.Write(ref _places[PlaceOf(hash)], (TagOf(hash) << MemberBits) | (uint)(member + 1));

    static int PlaceOf(in BlockHash hash) => (int)(hash.Prefix >> 49);

    static uint TagOf(in BlockHash hash) => (uint)(hash.Prefix >> 25) & 0xffffff;
}
