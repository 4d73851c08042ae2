using System.IO.Enumeration;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Proxy;

/// <summary>Which store keeps the references of some names.</summary>
/// <param name="Store">The store.</param>
/// <param name="Pattern">What the names look like: <c>*</c> stands for any characters, slashes included, <c>?</c> for one.</param>
public sealed record RefRoute(IBlockStore Store, string Pattern = RefRoute.All)
{
    /// <summary>The pattern of all names.</summary>
    public const string All = "*";

    /// <summary>Whether a name is one of these.</summary>
    public bool Matches(string name) => FileSystemName.MatchesSimpleExpression(Pattern, name, ignoreCase: false);
}
