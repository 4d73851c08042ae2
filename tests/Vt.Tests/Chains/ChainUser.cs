using Vt.Blocks.Contracts;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>Who uses a random chain, in a process that can be killed, and what it may rely on.</summary>
sealed class ChainUser
{
    /// <summary>The process of now.</summary>
    public MortalProcess Process { get; set; } = new();

    /// <summary>What it has; null where the chain is closed.</summary>
    public IBlockStore? Store { get; set; }

    /// <summary>What the process has added.</summary>
    public HashSet<TestBlock> Added { get; } = [];

    /// <summary>What of that it was told nothing bad about.</summary>
    public HashSet<TestBlock> Held { get; } = [];

    /// <summary>What it was told is there, whoever had added it.</summary>
    public HashSet<TestBlock> Told { get; } = [];

    /// <summary>Another process knows nothing of this one's.</summary>
    public void Forget()
    {
        Added.Clear();
        Held.Clear();
        Told.Clear();
    }
}
