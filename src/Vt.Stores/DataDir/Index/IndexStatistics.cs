namespace Vt.Stores.DataDir.Index;

/// <summary>What an index consists of.</summary>
/// <param name="Packs">Closed packs that it covers.</param>
/// <param name="Places">Places of blocks in them; a block that lies in two packs counts twice.</param>
/// <param name="MergedRuns">Runs in the index folder that are in use.</param>
/// <param name="MergedBytes">Their bytes.</param>
/// <param name="PackRuns">Packs whose own tables of contents are in use, since no merged run covers them yet.</param>
readonly record struct IndexStatistics(int Packs, long Places, int MergedRuns, long MergedBytes, int PackRuns);
