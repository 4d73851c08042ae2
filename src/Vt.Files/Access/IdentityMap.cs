
namespace Vt.Files.Access;

/// <summary>
/// Owners and groups that a mount shows as others: ranges of numbers that are exchanged for one another, both ways. As it is an exchange, each
/// number stands for exactly one other: nobody's files turn into somebody's who has some already, and what is made through the mount is
/// stored as what it is shown as elsewhere.
/// </summary>
public sealed class IdentityMap
{
    readonly List<(uint Stored, uint Shown, uint Count)> _users = [];
    readonly List<(uint Stored, uint Shown, uint Count)> _groups = [];

    /// <summary>The number that stands for a user: what is shown for what is stored, and what is stored for what is shown.</summary>
    public uint User(uint id) => Exchange(_users, id);

    /// <summary>The number that stands for a group.</summary>
    public uint Group(uint id) => Exchange(_groups, id);

    /// <summary>Exchanges two ranges of users.</summary>
    /// <param name="text"><c>STORED:SHOWN</c>, or <c>STORED:SHOWN:COUNT</c> for as many numbers from these on.</param>
    /// <returns>Whether that could be read, and the ranges overlap neither each other nor earlier ones.</returns>
    public bool TryAddUsers(string text) => TryAdd(_users, text);

    /// <summary>Exchanges two ranges of groups; as <see cref="TryAddUsers"/>.</summary>
    public bool TryAddGroups(string text) => TryAdd(_groups, text);

    /// <summary>Exchanges the numbers in an access list (acl(5), as it lies in an attribute).</summary>
    /// <param name="acl">The list; what is none comes back as it is.</param>
    /// <returns>The list; a new one where a number in it changes.</returns>
    public ReadOnlyMemory<byte> List(ReadOnlyMemory<byte> acl)
    {
        if (!PosixAcl.IsValid(acl.Span))
            return acl;
        var mapped = acl.ToArray();
        PosixAcl.Exchange(mapped, this);
        return mapped;
    }

    static uint Exchange(List<(uint Stored, uint Shown, uint Count)> ranges, uint id)
    {
        foreach (var (stored, shown, count) in ranges)
        {
            if (id - stored < count)
                return shown + (id - stored);
            if (id - shown < count)
                return stored + (id - shown);
        }

        return id;
    }

    static bool TryAdd(List<(uint Stored, uint Shown, uint Count)> ranges, string text)
    {
        // The last number means "nobody in particular" to the kernel and is never exchanged.
        const uint numbers = uint.MaxValue;
        var parts = text.Split(':');
        uint count = 1;
        if (parts.Length is not (2 or 3) || !TryParse(parts[0], out var stored) || !TryParse(parts[1], out var shown)
            || (parts.Length == 3 && !TryParse(parts[2], out count)) || count == 0 || count > numbers - stored || count > numbers - shown)
        {
            return false;
        }

        var taken = ranges.SelectMany(static range => (IEnumerable<(uint First, uint Count)>)[(range.Stored, range.Count), (range.Shown, range.Count)]);
        if (stored == shown || Overlap((stored, count), (shown, count)) || taken.Any(range => Overlap(range, (stored, count)) || Overlap(range, (shown, count))))
            return false;
        ranges.Add((stored, shown, count));
        return true;
    }

    static bool TryParse(string text, out uint number) =>
        uint.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);

    static bool Overlap((uint First, uint Count) one, (uint First, uint Count) other) => one.First - other.First < other.Count || other.First - one.First < one.Count;
}
