using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Http;

/// <summary>Parameters of cutting, as they go over the wire.</summary>
/// <param name="Rule">Which rule cuts.</param>
/// <param name="Minimum">The shortest block, in bytes.</param>
/// <param name="Average">The average, in bytes.</param>
/// <param name="Maximum">The longest, in bytes.</param>
public sealed record ChunkingInfo(int Rule, int Minimum, int Average, int Maximum)
{
    /// <summary>The wire's form of some parameters.</summary>
    public static ChunkingInfo Of(ChunkingParameters chunking) => new(chunking.Rule, chunking.Minimum, chunking.Average, chunking.Maximum);

    /// <summary>The parameters.</summary>
    /// <exception cref="FormatInvalidException">They are none that this version can cut by.</exception>
    public ChunkingParameters ToParameters()
    {
        if (Rule != 1 || Minimum < 1 || Average < Minimum || Maximum < Average || Maximum > ChunkingParameters.LargestBlock)
            throw new FormatInvalidException($"rule {Rule} with blocks of {Minimum}, {Average} and {Maximum} bytes is no way of cutting that this version knows");
        return new ChunkingParameters { Rule = Rule, Minimum = Minimum, Average = Average, Maximum = Maximum };
    }
}
