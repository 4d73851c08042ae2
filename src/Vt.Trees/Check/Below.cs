namespace Vt.Trees.Check;

/// <summary>What a part of a tree holds that makes another look at it necessary where it is met again.</summary>
[Flags]
enum Below
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Hard links, whose meaning hangs on the root.</summary>
    Links = 1,

    /// <summary>Something that can't be read.</summary>
    Damage = 2,
}
