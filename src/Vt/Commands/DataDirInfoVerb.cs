using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.DataDir.Inspection;

namespace Vt.Commands;

/// <summary>Tells what a DataDir holds.</summary>
sealed class DataDirInfoVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object");

    /// <summary>Makes the command.</summary>
    public DataDirInfoVerb()
        : base("info", "Tell how much a store holds, and in what sizes") => Options.Add(_json);

    /// <inheritdoc/>
    public override string Details =>
        """
        A pack that is missing should be there and is not: what it held is lost here. One that is doubted has folders that were being
        written when the machine went down: they can be read, and the next import or push stores them again, with all that is below
        them.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt datadir info", "Show blocks, packs and how well they compress.")];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var info = new DataDirInspector(DataDirVerbs.PathOf(context)).GetInfo(cancellationToken);
        if (context.Get(_json))
            PrintJson(context.Output, info);
        else
            Print(context.Output, info);
        return Task.FromResult(ExitCode.Ok);
    }

    static void Print(ResultWriter output, DataDirInfo info)
    {
        output.WriteLine($"blocks      {HumanText.Count(info.Blocks)}, {HumanText.Count(info.TreeBlocks)} of them trees");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"content     {HumanText.Size(info.RawBytes)} in {HumanText.Size(info.PackBytes)} of packs, {info.Ratio:0.00} to 1"));
        output.WriteLine($"index       {HumanText.Size(info.IndexBytes)}");
        output.WriteLine($"packs       {info.ClosedPacks} closed, {info.OpenPacks} open, {info.MissingPacks} missing{(info.DoubtedPacks == 0 ? "" : $", {info.DoubtedPacks} doubted")}");
        output.WriteLine($"references  {info.References}");
        output.WriteLine($"damaged     {HumanText.Count(info.DamagedBlocks, "block")}");
        PrintHistogram(output, "block sizes", info.BlockSizes);
        PrintHistogram(output, "pack sizes", info.PackSizes);
    }

    // Bin n counts what is at least 2^n and less than 2^(n+1) bytes long.
    static void PrintHistogram(ResultWriter output, string title, IReadOnlyList<long> bins)
    {
        output.WriteLine(title);
        for (var bin = 0; bin < bins.Count; bin++)
        {
            if (bins[bin] > 0)
                output.WriteLine($"  {HumanText.Size(1L << bin),10}  {HumanText.Count(bins[bin])}");
        }
    }

    static void PrintJson(ResultWriter output, DataDirInfo info)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteNumber("blocks", info.Blocks);
        json.WriteNumber("tree_blocks", info.TreeBlocks);
        json.WriteNumber("raw_bytes", info.RawBytes);
        json.WriteNumber("pack_bytes", info.PackBytes);
        json.WriteNumber("index_bytes", info.IndexBytes);
        json.WriteNumber("closed_packs", info.ClosedPacks);
        json.WriteNumber("open_packs", info.OpenPacks);
        json.WriteNumber("missing_packs", info.MissingPacks);
        json.WriteNumber("doubted_packs", info.DoubtedPacks);
        json.WriteNumber("references", info.References);
        json.WriteNumber("damaged_blocks", info.DamagedBlocks);
        WriteHistogram(json, "block_sizes", info.BlockSizes);
        WriteHistogram(json, "pack_sizes", info.PackSizes);
        json.WriteEndObject();
        output.EndJson();
    }

    static void WriteHistogram(Utf8JsonWriter json, string name, IReadOnlyList<long> bins)
    {
        json.WriteStartObject(name);
        for (var bin = 0; bin < bins.Count; bin++)
        {
            if (bins[bin] > 0)
                json.WriteNumber((1L << bin).ToString(CultureInfo.InvariantCulture), bins[bin]);
        }

        json.WriteEndObject();
    }
}
