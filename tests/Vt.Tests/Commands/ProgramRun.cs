using System.Text;
using Vt.Blocks.Contracts;
using Vt.Settings;
using Vt.Stores.Config;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Commands;

/// <summary>Runs the program in this process, in a home folder and a current folder of its own.</summary>
sealed class ProgramRun : IDisposable
{
    readonly string _top = Directory.CreateTempSubdirectory("vt-run-").FullName;
    readonly Dictionary<string, string> _variables = [];

    public ProgramRun()
    {
        Home = Directory.CreateDirectory(Path.Combine(_top, "home")).FullName;
        Here = Directory.CreateDirectory(Path.Combine(_top, "here")).FullName;
        _variables["HOME"] = Home;
    }

    public string Home { get; }

    public string Here { get; }

    public string ProgramName { get; set; } = "vt";

    public byte[] Output { get; private set; } = [];

    public string OutputText => Encoding.UTF8.GetString(Output);

    public string Error { get; private set; } = "";

    /// <summary>The store that commands get, whatever the settings say; null for what they say.</summary>
    public MemoryStore? Store { get; set; }

    public byte[] Input { get; set; } = [];

    public bool OnTerminal { get; set; }

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    public string this[string variable]
    {
        set => _variables[variable] = value;
    }

    public void Dispose() => TempFolder.Remove(Encoding.UTF8.GetBytes(_top));

    /// <summary>Runs one command line and keeps what it printed.</summary>
    public async Task<int> RunAsync(params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var surroundings = new Surroundings
        {
            Input = new MemoryStream(Input),
            Output = output,
            Error = error,
            OutputIsTerminal = OnTerminal,
            ErrorIsTerminal = OnTerminal,
            Environment = _variables.GetValueOrDefault,
            CurrentDirectory = Here,
            ProgramName = ProgramName,
            Clock = Clock,
            OpenStore = Store is null ? StoreFactory.OpenAsync : (_, _, _) => Task.FromResult<IBlockStore>(Store),
        };
        var code = await Program.RunAsync(arguments, surroundings);
        Output = output.ToArray();
        Error = Encoding.UTF8.GetString(error.ToArray());
        return code;
    }

    /// <summary>Runs one command line that has to end well, and gives what it printed.</summary>
    public async Task<string> RunOkAsync(params string[] arguments)
    {
        var code = await RunAsync(arguments);
        Assert.True(code == ExitCode.Ok, $"vt {string.Join(' ', arguments)}: exit status {code}: {Error}");
        return OutputText;
    }
}
