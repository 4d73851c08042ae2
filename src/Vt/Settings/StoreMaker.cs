using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Stores.Config;

namespace Vt.Settings;

/// <summary>Makes the store that the settings name where it is not there yet, for commands that people run before they ever heard of vt init.</summary>
static class StoreMaker
{
    /// <summary>Makes it, or finishes what somebody began to make, unless it is there or is of a kind that can't be made.</summary>
    /// <exception cref="UserErrorException">It can't be made, or something else is in its place.</exception>
    public static void Ensure(CommandContext context)
    {
        foreach (var settings in StoreFactory.DataDirsOf(context.StoreSettings).Distinct())
            Make(context, settings);
    }

    static void Make(CommandContext context, DataDirSettings settings)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(settings.Path.TrimEnd('/'))!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{settings.Path}: the store can't be made: {fault.Message}", fault);
        }

        StoreFactory.MakeDataDir(settings, context.Configuration.Hash);
    }
}
