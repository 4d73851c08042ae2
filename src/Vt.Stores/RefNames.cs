using System.Buffers;
using Vt.Blocks.Contracts;

namespace Vt.Stores;

/// <summary>The rule for names of references; see <see cref="IRefStore"/>.</summary>
static class RefNames
{
    const int Longest = 255;

    static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@+/");

    /// <summary>Lets a good name pass.</summary>
    /// <exception cref="UserErrorException">The name is not a good one.</exception>
    public static void Check(string name)
    {
        if (name.Length is 0 or > Longest)
            throw new UserErrorException($"the reference name '{name}' must have 1 to {Longest} characters");
        var bad = name.AsSpan().IndexOfAnyExcept(Allowed);
        if (bad >= 0)
            throw new UserErrorException($"the reference name '{name}' holds '{name[bad]}'; use letters, digits and -_.@+/");
        foreach (var part in name.AsSpan().Split('/'))
        {
            if (name.AsSpan()[part] is "" or "." or "..")
                throw new UserErrorException($"the reference name '{name}' has an empty, '.' or '..' part");
        }
    }
}
