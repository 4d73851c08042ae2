namespace Vt.Blocks.Contracts;

/// <summary>Memory that several leases may share; it goes back to its pool when the last one is released.</summary>
public interface IBlockOwner
{
    /// <summary>One lease less.</summary>
    void Release();
}
