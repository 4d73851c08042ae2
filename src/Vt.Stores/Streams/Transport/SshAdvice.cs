using System.ComponentModel;
using System.Diagnostics;
using Vt.Stores.Config;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Vt.Stores.Streams.Transport;

/// <summary>
/// What ssh's own settings say of a machine, and which cipher ssh is to prefer there. It prefers chacha20-poly1305 by itself, which is right where the processor has no instructions for AES; where it has, AES-GCM takes about half of
/// the time, and ssh spends more of it than anything else here.
/// </summary>
static class SshAdvice
{
    const string Ciphers = "ciphers ";
    const string ControlPath = "controlpath ";
    const string ClearsForwardings = "clearallforwardings ";
    const string Preferred = "-gcm@openssh.com";

    /// <summary>Asks ssh.</summary>
    /// <returns>
    /// Further arguments: the ciphers that it would use anyway, with AES-GCM before the others, none where that changes nothing or ssh does not say; and whether it can forward sockets
    /// that go with it: not where it may go over a connection that others use too, which would keep them, nor where its settings forbid it, nor where it is another program that does not know the question.
    /// </returns>
    public static async Task<(IReadOnlyList<string> Arguments, bool MayForward)> AskAsync(SshSettings settings, CancellationToken cancellationToken)
    {
        if (await ReadAsync(settings, cancellationToken) is not { } said)
            return ([], false);
        var hasInstructions = X86Aes.IsSupported || ArmAes.IsSupported;
        var ordered = hasInstructions && Find(said, Ciphers) is { } ciphers ? Prefer(ciphers) : null;
        return (ordered is null ? [] : ["-o", $"Ciphers={ordered}"], Find(said, ControlPath) is null or "none" && Find(said, ClearsForwardings) != "yes");
    }

    /// <summary>The same ciphers with AES-GCM before the others; null where they are in that order, or none is there.</summary>
    /// <param name="ciphers">As ssh writes them: separated by commas.</param>
    internal static string? Prefer(string ciphers)
    {
        var all = ciphers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var ordered = string.Join(',', all.Where(IsPreferred).Concat(all.Where(static cipher => !IsPreferred(cipher))));
        return ordered == string.Join(',', all) ? null : ordered;
    }

    static bool IsPreferred(string cipher) => cipher.EndsWith(Preferred, StringComparison.Ordinal);

    // "ssh -G" prints what it would do, and connects to nobody.
    static async Task<string?> ReadAsync(SshSettings settings, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(settings.Ssh, ["-G", .. settings.PlaceArguments, "--", settings.Host])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start);
            if (process is null)
                return null;
            process.StandardInput.Close();
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            var said = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? said : null;
        }
        catch (Win32Exception)
        {
            // There is no such program, which the connection will say.
            return null;
        }
    }

    static string? Find(string said, string keyword)
    {
        foreach (var line in said.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(keyword, StringComparison.OrdinalIgnoreCase))
                return line[keyword.Length..].Trim().ToString();
        }

        return null;
    }
}
