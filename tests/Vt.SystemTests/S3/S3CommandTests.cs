using Vt.SystemTests.Commands;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.SystemTests.S3;

/// <summary>The program on a store in a bucket, killed at any moment.</summary>
[Collection(S3Collection.Name)]
public sealed class S3CommandTests(S3Gateway gateway) : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tree_is_stored_in_a_bucket_listed_checked_and_restored()
    {
        var vt = NewCommand(out var store);
        Assert.Contains($"made {store}", vt.Succeed("init"), StringComparison.Ordinal);
        Assert.Contains($"found {store}", vt.Succeed("init"), StringComparison.Ordinal);
        MakeTree(1);
        vt.Succeed("import", _folder["tree"], _folder["a.vt"]);
        vt.Succeed("fsck", _folder["a.vt"]);
        Shell.Succeed($"rm -rf '{_folder["home"]}/.local'");
        vt.Succeed("export", _folder["a.vt"], _folder["out"]);
        Shell.Succeed($"diff -r '{_folder["tree"]}' '{_folder["out"]}'");
    }

    [Fact]
    public async Task An_import_that_is_killed_at_any_moment_leaves_a_sound_store_and_the_next_one_is_whole()
    {
        const int Rounds = 3;
        var vt = NewCommand(out _);
        vt.Succeed("init");
        var seed = Environment.TickCount;
        var random = new Random(seed);
        MakeTree(0);
        vt.Succeed("import", _folder["tree"], _folder["a.vt"]);
        for (var round = 1; round <= Rounds; round++)
        {
            MakeTree(round);
            using (var import = vt.Start("import", _folder["tree"], _folder["a.vt"]))
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(150 + random.Next(1200)));
                try
                {
                    await import.WaitForExitAsync(patience.Token);
                }
                catch (OperationCanceledException)
                {
                    import.Kill();
                    await import.WaitForExitAsync(CancellationToken.None);
                }
            }

            var check = vt.Run("fsck", _folder["a.vt"]);
            Assert.True(check.ExitCode == 0, $"seed {seed}, round {round}: {check.Errors}{check.Output}");
        }

        vt.Succeed("import", _folder["tree"], _folder["a.vt"]);
        vt.Succeed("fsck", _folder["a.vt"]);
        vt.Succeed("export", _folder["a.vt"], _folder["out"]);
        Shell.Succeed($"diff -r '{_folder["tree"]}' '{_folder["out"]}'");
    }

    [Fact]
    public void Without_credentials_a_store_or_a_bucket_it_is_said_in_one_line_without_secrets()
    {
        var vt = NewCommand(out _);
        var none = vt.Run("ls", _folder["a.vt"]);
        File.WriteAllText(_folder["a.vt"], "");
        var missing = vt.Run("import", _folder.Make("empty"), _folder["b.vt"]);
        Assert.Contains("vt init", missing.Errors, StringComparison.Ordinal);
        vt.Environment["AWS_SECRET_ACCESS_KEY"] = "wrong-secret";
        var wrong = vt.Run("init");
        Assert.Contains("secret key", wrong.Errors, StringComparison.Ordinal);
        vt.Environment.Remove("AWS_ACCESS_KEY_ID");
        vt.Environment.Remove("AWS_SECRET_ACCESS_KEY");
        var bare = vt.Run("init");
        Assert.Contains("no credentials", bare.Errors, StringComparison.Ordinal);
        foreach (var run in (VtCommand.Completed[])[none, missing, wrong, bare])
        {
            Assert.NotEqual(0, run.ExitCode);
            Assert.DoesNotContain("wrong-secret", run.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain(S3Bed.SecretKey, run.Errors, StringComparison.Ordinal);
            Assert.Single(run.Errors.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public void Credentials_come_from_a_profile_of_the_usual_files()
    {
        var vt = NewCommand(out var store);
        vt.Environment.Remove("AWS_ACCESS_KEY_ID");
        vt.Environment.Remove("AWS_SECRET_ACCESS_KEY");
        Directory.CreateDirectory(_folder["home/.aws"]);
        File.WriteAllText(_folder["home/.aws/credentials"], $"[mine]\naws_access_key_id = {S3Bed.AccessKey}\naws_secret_access_key = {S3Bed.SecretKey}\n");
        File.AppendAllText(_folder["home/vtrc"], $"[bucket]\ntype = s3\nurl = {store}\nprofile = mine\nendpoint = {gateway.Endpoint}\n");
        vt.Environment["VT_STORE"] = "[bucket]";
        Assert.Contains("made", vt.Succeed("init"), StringComparison.Ordinal);
        MakeTree(1);
        vt.Succeed("import", _folder["tree"], _folder["a.vt"]);
        vt.Environment.Remove("AWS_ENDPOINT_URL");
        vt.Environment["AWS_PROFILE"] = "mine";
        vt.Succeed("fsck", _folder["a.vt"]);
    }

    VtCommand NewCommand(out string store)
    {
        var vt = new VtCommand(_folder["home"]);
        gateway.Equip(vt);
        store = gateway.NewStore();
        vt.Environment["VT_STORE"] = store;
        return vt;
    }

    void MakeTree(int seed)
    {
        var random = new Random(seed);
        Directory.CreateDirectory(_folder["tree/below"]);
        for (var i = 0; i < 40; i++)
        {
            var bytes = new byte[random.Next(200_000)];
            random.NextBytes(bytes);
            File.WriteAllBytes(_folder[$"tree/below/{seed}-{i}"], bytes);
        }

        var large = new byte[24 << 20];
        random.NextBytes(large);
        File.WriteAllBytes(_folder["tree/large"], large);
    }
}
