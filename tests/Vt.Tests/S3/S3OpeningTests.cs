using Vt.Blocks.Contracts;
using Vt.Stores.S3;
using Vt.Tests.Support.S3;

namespace Vt.Tests.S3;

public sealed class S3OpeningTests : IDisposable
{
    readonly S3Bed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task Where_there_is_no_store_it_is_said_what_makes_one()
    {
        var fault = await Assert.ThrowsAsync<UserErrorException>(async () => await _bed.OpenAsync(isReadOnly: true));
        Assert.Contains("vt init", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_is_made_once_with_what_the_settings_say()
    {
        _bed.Settings = _bed.Settings with { PackSize = 8 << 20, Level = 5, BlockSize = 64 << 10 };
        Assert.True(await _bed.MakeAsync());
        Assert.False(await _bed.MakeAsync());
        var config = S3Config.Parse(_bed.Server!["vt-store"]);
        Assert.Equal((8 << 20, 5, 64 << 10), (config.PackSize, config.Level, config.Chunking.Average));
    }

    [Fact]
    public async Task A_store_of_another_version_is_refused_and_so_is_a_damaged_description()
    {
        await _bed.MakeAsync();
        _bed.Server!["vt-store"] = "vt s3 2\n"u8.ToArray();
        var fault = await Assert.ThrowsAsync<UserErrorException>(async () => await _bed.OpenAsync(isReadOnly: true));
        Assert.Contains("of version 2", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
        await Assert.ThrowsAsync<UserErrorException>(() => _bed.MakeAsync());
    }

    [Fact]
    public async Task An_error_is_one_line_that_tells_no_secrets()
    {
        foreach (var kind in Enum.GetValues<WireFault>())
        {
            await _bed.MakeAsync();
            _bed.Settings = _bed.Settings with { Timeout = TimeSpan.FromMilliseconds(1) };
            var fault = await Record.ExceptionAsync(async () => await _bed.OpenAsync((_, _) => kind, isReadOnly: true));
            Assert.NotNull(fault);
            for (var one = fault; one is not null; one = one.InnerException)
            {
                Assert.DoesNotContain(S3Bed.SecretKey, one.ToString(), StringComparison.Ordinal);
                Assert.DoesNotContain(S3Bed.AccessKey, one.ToString(), StringComparison.Ordinal);
            }

            Assert.DoesNotContain('\n', fault.Message);
            Assert.DoesNotContain("secret of the server", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Opening_for_reading_asks_for_the_description_and_the_index_only()
    {
        await _bed.MakeAsync();
        await using var store = await _bed.OpenAsync(isReadOnly: true);
        Assert.Equal(["GET", "LIST"], _bed.Wire.Seen.Select(static request => request.Method));
    }
}
