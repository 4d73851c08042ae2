using System.Diagnostics;
using System.Text.RegularExpressions;
using Vt.SystemTests.Commands;

namespace Vt.SystemTests.Serving;

/// <summary>A <c>vt serve</c> or <c>vt httpd</c> that runs, has said where it serves, and can be ended in every way.</summary>
sealed class ServerProcess : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly List<string> _said = [];
    readonly Task _reading;

    /// <param name="vt">Whose store is served.</param>
    /// <param name="doors">How many addresses it serves at.</param>
    /// <param name="arguments">What follows <c>serve</c>.</param>
    public ServerProcess(VtCommand vt, int doors, params string[] arguments)
        : this(vt, ["serve", .. arguments], doors)
    {
    }

    ServerProcess(VtCommand vt, string[] line, int doors)
    {
        _process = vt.Start(line);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _reading = ReadAsync(doors, ready);
        if (!ready.Task.Wait(Patience) || _process.HasExited)
            throw new InvalidOperationException($"vt {line[0]} does not serve: {Said}");
    }

    /// <summary>Starts a <c>vt httpd</c>.</summary>
    /// <param name="vt">Whose store is served.</param>
    /// <param name="arguments">What follows <c>httpd</c>, one address with a port among them.</param>
    public static ServerProcess StartWeb(VtCommand vt, params string[] arguments) => new(vt, ["httpd", .. arguments], doors: 1);

    async Task ReadAsync(int doors, TaskCompletionSource ready)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_said)
                _said.Add(line);
            if (Regex.IsMatch(line, "serves (.* )?at ") && --doors == 0)
                ready.SetResult();
        }

        ready.TrySetResult();
    }

    public int Id => _process.Id;

    public string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    /// <summary>The port of the TCP address.</summary>
    public int Port => int.Parse(Regex.Match(Said, @"at (?:tcp|http):\S*:(\d+)").Groups[1].Value);

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public int Stop()
    {
        Shell.Succeed($"kill -TERM {_process.Id}");
        Assert.True(_process.WaitForExit(Patience), "the server goes on");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _reading.Wait();
        _process.Dispose();
    }
}
