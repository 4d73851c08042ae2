using Vt.Blocks.Contracts;
using Vt.Files.Journal;
using Vt.Tests.Support;

namespace Vt.Tests.Files.Journal;

/// <summary>What a log holds after a crash or a power cut at any change that it makes on disk.</summary>
public sealed class LogCrashTests
{
    static readonly LiveLogOptions _tiny = new() { FileSize = 48 << 10, BulkSize = 40 << 10, BufferSize = 4 << 10, ReserveStep = 16 << 10, CheapSync = 24 << 10 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(155)]
    [InlineData(127)]
    [InlineData(1005)]
    [InlineData(1019)]
    public async Task What_was_committed_survives_a_power_cut_at_every_change(int seed)
    {
        using var scratch = new TempFolder(inMemory: true);
        var folder = scratch.Make("log");
        var random = new Random(seed);
        var cuts = new PowerCuts(folder, random);
        var model = new LogModel();
        var pending = new List<(string Folder, Task<int> Check)>();
        var made = 0;
        var isOpen = false;
        var options = _tiny with
        {
            Boundary = new WriteBoundary((step, path, isDone) =>
            {
                // Only this test's thread changes anything: there is no background work that isn't waited for here.
                lock (cuts)
                {
                    cuts.Cross(step, path, isDone);
                    if (!isOpen || random.Next(12) != 0)
                        return;
                    var target = scratch[$"cut-{made++}"];
                    cuts.Cut(target, isKill: random.Next(4) == 0);
                    model.CheckAsync(target, _tiny).GetAwaiter().GetResult();
                    TempFolder.Remove(System.Text.Encoding.UTF8.GetBytes(target));
                }
            }),
            GrowsInBackground = false,
        };
        await using (var log = LiveLog.Open(folder, 1, options, static (LiveLog _, in LogRecord _) => true))
        {
            isOpen = true;
            for (var i = 0; i < 500; i++)
                await StepAsync(log, model, random);
            await model.CommitAsync(log);
            isOpen = false;
        }

        Assert.Equal(model.Count, await model.CheckAsync(folder, _tiny));
        Assert.Equal(model.Count, await model.CheckAsync(folder, _tiny));
        Assert.True(made > 20, $"{made} power cuts");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_crash_while_a_log_is_opened_costs_nothing(int seed)
    {
        using var scratch = new TempFolder(inMemory: true);
        var folder = scratch.Make("log");
        var random = new Random(seed);
        var cuts = new PowerCuts(folder, random);
        var model = new LogModel();
        var options = _tiny with { Boundary = new WriteBoundary(cuts.Cross), GrowsInBackground = false };
        await using (var log = LiveLog.Open(folder, 1, options, static (LiveLog _, in LogRecord _) => true))
        {
            for (var i = 0; i < 150; i++)
                await StepAsync(log, model, random);
            for (var i = 0; i < 30; i++)
            {
                var target = scratch[$"cut-{i}"];
                cuts.Cut(target, isKill: false);
                var left = i;
                var dying = _tiny with { Boundary = new WriteBoundary((_, path, _) => Die(ref left, path)), GrowsInBackground = false };
                await Assert.ThrowsAnyAsync<IOException>(() => OpenDyingAsync(model, target, dying));
                await model.CheckAsync(target, _tiny);
                await StepAsync(log, model, random);
            }
        }

        static void Die(ref int left, string path)
        {
            if (left-- <= 0)
                throw new IOException($"died at {path}");
        }

        static async Task OpenDyingAsync(LogModel model, string folder, LiveLogOptions options)
        {
            await model.CheckAsync(folder, options);
            throw new IOException("lived to the end");
        }
    }

    static async Task StepAsync(LiveLog log, LogModel model, Random random)
    {
        switch (random.Next(20))
        {
            case 0:
                await model.CommitAsync(log);
                break;
            case 1:
                log.WriteOut();
                break;
            case 2:
                model.Remove(log, random.Next(8));
                break;
            case 3 when random.Next(2) == 0:
                log.DropUnsynced();
                break;
            case 4 when random.Next(3) == 0:
                model.Checkpoint(log, () => Change(log, model, random));
                break;
            default:
                Change(log, model, random);
                break;
        }
    }

    static void Change(LiveLog log, LogModel model, Random random)
    {
        var isBulk = random.Next(3) == 0;
        var value = new byte[isBulk ? random.Next(1, 15000) : random.Next(1, 1500)];
        random.NextBytes(value);
        model.Set(log, random.Next(8), value, isBulk);
    }
}
