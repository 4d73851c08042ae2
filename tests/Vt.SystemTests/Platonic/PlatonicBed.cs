using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Platonic;

/// <summary>A home with a folder of files that is a store in place, <c>[photos]</c>, and the settings of a plain store; gone in the end.</summary>
public abstract class PlatonicBed : IDisposable
{
    private protected PlatonicBed()
    {
        Command = new VtCommand(Folder["home"]);
        Files = Folder.Make("files");
        Archive = Folder["home/photos.vt"];
        File.WriteAllText(
            Folder["home/vtrc"],
            $"""
            [GLOBAL]
            basedir = {Folder["home"]}
            [photos]
            type = platonic
            path = {Files}
            [plain]
            type = datadir

            """);
        Command.Environment["VT_STORE"] = "[photos]";
    }

    private protected TempFolder Folder { get; } = new();

    private protected VtCommand Command { get; }

    /// <summary>The folder of files.</summary>
    private protected string Files { get; }

    /// <summary>The archive that its scans make.</summary>
    private protected string Archive { get; }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Folder.Dispose();
    }
}
