using System.Globalization;
using Vt.Stores.References;

namespace Vt.Stores.Cache;

/// <summary>Names under which values are kept that could not be given to the references that they were meant for.</summary>
static class ConflictName
{
    /// <summary>What all of them start with.</summary>
    public const string Prefix = "conflict/";

    /// <summary>The name for a movement: the reference's, and when it was moved here. The same for the same movement, however often it is tried.</summary>
    public static string Of(QueuedMove move)
    {
        var date = move.When.UtcDateTime.ToString("'/'yyyyMMdd'T'HHmmss.fffffff", CultureInfo.InvariantCulture);
        var room = RefName.LongestName - Prefix.Length - date.Length;
        var name = move.Name.Length <= room ? move.Name : move.Name[..room].TrimEnd('/', '.');
        return Prefix + name + date;
    }
}
