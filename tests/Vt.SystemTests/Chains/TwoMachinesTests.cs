using Vt.SystemTests.Commands;
using Vt.SystemTests.S3;
using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>Two machines on one bucket, each with a cache and a mount of its own, whose lines are cut and mended.</summary>
[Collection(S3Collection.Name)]
public sealed class TwoMachinesTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly NetworkedMachine _ann;
    readonly NetworkedMachine _bob;

    public TwoMachinesTests(S3Gateway gateway)
    {
        Shell.Succeed($"'{Live.Sources.Top}/scripts/deps' socat iproute2");
        var store = gateway.NewStore();
        var port = new Uri(gateway.Endpoint).Port;
        _ann = new NetworkedMachine(1, _folder.Path, port);
        _bob = new NetworkedMachine(2, _folder.Path, port);
        foreach (var (name, machine) in ((string, NetworkedMachine)[])[("ann", _ann), ("bob", _bob)])
        {
            var vt = new VtCommand(_folder[name]);
            gateway.Equip(vt);
            File.WriteAllText(_folder[$"{name}/vtrc"], $"""
                [bucket]
                type = s3
                url = {store}
                endpoint = {machine.Endpoint}
                timeout = 3
                {(gateway.IsWithoutConditions ? "references = single-writer" : "")}
                [cached]
                type = cache
                store = [bucket]
                max_size = 64 MiB

                """);
            File.WriteAllText(_folder[$"{name}/vt"], $"""
                #!/bin/sh
                cd '{_folder[name]}' && exec env -i PATH="$PATH" HOME='{_folder[name]}' VT_CONFIG='{_folder[name]}/vtrc' VT_STORE='[cached]' VT_AUTHOR='{name} <{name}@example.org>' \
                    {string.Join(' ', vt.Environment.Where(static variable => variable.Key != "AWS_ENDPOINT_URL").Select(static variable => $"{variable.Key}='{variable.Value}'"))} \
                    {machine.Inside} '{VtCommand.Executable}' -q "$@"

                """);
            Shell.Succeed($"chmod 755 '{_folder[$"{name}/vt"]}'");
            _folder.Make($"{name}/mnt");
        }
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
        _folder.Dispose();
    }

    [MountFact]
    public void Commits_of_both_survive_races_are_refused_and_a_cut_line_heals_without_loss()
    {
        Run("ann", "init");
        Run("ann", "volume init v");
        using var anns = Mount("ann");
        Write("ann", "first", 2_000_000);
        Run("ann", "commit -V v -m 'of ann'");
        using var bobs = Mount("bob");
        Write("bob", "second", 1_000_000);
        Run("bob", "commit -V v -m 'of bob'");
        Assert.Equal(["of bob", "of ann"], Titles("bob", "v@main"));

        // Ann's tree has changes, and the branch is where she never was.
        Write("ann", "third", 1_000_000);
        var refused = Shell.Run($"{Vt("ann")} commit -V v -m 'too late'");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("was moved to", refused.Output, StringComparison.Ordinal);
        Assert.Single(refused.Output.Split('\n'));
        Shell.Succeed($"cmp '{_folder["ann/mnt/third"]}' '{_folder["ann/third"]}'");

        Assert.Contains("vt stash", refused.Output, StringComparison.Ordinal);

        // What the refusal says brings hers in behind his.
        Run("ann", "stash push -V v");
        Run("ann", "stash pop -V v");
        Run("ann", "commit -V v -m 'of ann too'");
        Assert.Equal(["of ann too", "of bob", "of ann"], Titles("bob", "v@main"));

        // Bob's line is cut: what he writes is durable where he is, and what needs the bucket says so and ends.
        _bob.Cut();
        Write("bob", "fourth", 1_000_000);
        var cut = Shell.Run($"{Vt("bob")} commit -V v -m 'while away'");
        Assert.Equal(1, cut.ExitCode);
        Assert.Single(cut.Output.Split('\n'));
        Write("ann", "fifth", 1_000_000);
        Run("ann", "commit -V v -m 'while bob was away'");
        Shell.Succeed($"cmp '{_folder["bob/mnt/fourth"]}' '{_folder["bob/fourth"]}'");
        _bob.Mend();
        Assert.Equal(1, Shell.Run($"{Vt("bob")} commit -V v -m 'back again'").ExitCode);
        Run("bob", "stash push -V v");
        Run("bob", "stash pop -V v");
        Run("bob", "commit -V v -m 'back again'");
        Assert.Equal(["back again", "while bob was away", "of ann too", "of bob", "of ann"], Titles("ann", "v@main"));

        // Whoever mounts at last finds it all.
        bobs.Stop();
        anns.Stop();
        Run("ann", "fsck v@main");
        Run("ann", $"export v@main '{_folder["out"]}'");
        foreach (var file in (string[])["ann/first", "bob/second", "ann/third", "bob/fourth", "ann/fifth"])
            Shell.Succeed($"cmp '{_folder["out"]}/{Path.GetFileName(file)}' '{_folder[file]}'");
    }

    /// <summary>A file of a machine's mount that is durable, with a copy beside the mount.</summary>
    void Write(string name, string file, int length) => Shell.Succeed(
        $"head -c {length} /dev/urandom > '{_folder[$"{name}/{file}"]}' && cp '{_folder[$"{name}/{file}"]}' '{_folder[$"{name}/mnt/{file}"]}' && sync '{_folder[$"{name}/mnt/{file}"]}'");

    string Vt(string name) => $"'{_folder[$"{name}/vt"]}'";

    void Run(string name, string line) => Shell.Succeed($"{Vt(name)} {line}");

    string[] Titles(string name, string revision) => [.. CommitTitles.Of(Shell.Succeed($"{Vt(name)} log {revision} --json"))];

    RealMount Mount(string name) => RealMount.Start(_folder[$"{name}/vt"], ["mount", "v", _folder[$"{name}/mnt"]], _folder[$"{name}/mnt"]);
}
