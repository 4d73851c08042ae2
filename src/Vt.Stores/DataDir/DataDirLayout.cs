using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir;

/// <summary>Where a DataDir's files lie.</summary>
/// <param name="Root">The folder.</param>
sealed record DataDirLayout(string Root)
{
    /// <summary>What a closed pack's name ends with.</summary>
    public const string ClosedSuffix = ".vtd";

    /// <summary>What the name of a pack that is being written, or was when its writer died, ends with.</summary>
    public const string OpenSuffix = ".open";

    /// <summary>What the name of a pack that has no header yet ends with.</summary>
    public const string NewSuffix = ".new";

    /// <summary>What the name of the file ends with that says of a pack that its trees may lack what is below them.</summary>
    public const string DoubtSuffix = ".doubt";

    /// <summary>The description of the store.</summary>
    public string Config => Path.Combine(Root, "config");

    /// <summary>The list of what must be there.</summary>
    public string Catalogue => Path.Combine(Root, "catalogue");

    /// <summary>The list of blocks that proved damaged.</summary>
    public string Damaged => Path.Combine(Root, "damaged");

    /// <summary>The file whose presence says that trees may be here without what they refer to.</summary>
    public string Partial => Path.Combine(Root, "partial");

    /// <summary>The folder of packs.</summary>
    public string Packs => Path.Combine(Root, "packs");

    /// <summary>The folder of references.</summary>
    public string Refs => Path.Combine(Root, "refs");

    /// <summary>The folder of derived runs.</summary>
    public string Index => Path.Combine(Root, "index");

    /// <summary>The table by which writers avoid storing the same block at once.</summary>
    public string Claims => Path.Combine(Index, "claims");

    /// <summary>A closed pack's file.</summary>
    public string ClosedPack(PackId pack) => Path.Combine(Packs, pack + ClosedSuffix);

    /// <summary>The file of a pack that is being written.</summary>
    public string OpenPack(PackId pack) => Path.Combine(Packs, pack + OpenSuffix);

    /// <summary>The file whose presence says of a pack that its trees may lack what is below them.</summary>
    public string Doubt(PackId pack) => Path.Combine(Packs, pack + DoubtSuffix);

    /// <summary>The file of a pack that has no header yet.</summary>
    public string NewPack(PackId pack) => Path.Combine(Packs, pack + NewSuffix);
}
