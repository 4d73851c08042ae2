using System.ComponentModel;
using System.Diagnostics;
using Vt.Stores.Config;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Vt.Stores.Streams.Transport;

/// <summary>
/// Which cipher ssh is to prefer. It prefers chacha20-poly1305 by itself, which is right where the processor has no instructions for AES; where it has, AES-GCM takes about half of
/// the time, and ssh spends more of it than anything else here.
/// </summary>
static class SshCiphers
{
    const string Keyword = "ciphers ";
    const string Preferred = "-gcm@openssh.com";

    /// <summary>Further arguments for ssh: those of the ciphers that it would use anyway, with AES-GCM before the others. Empty where that changes nothing, or ssh does not say.</summary>
    public static async Task<IReadOnlyList<string>> ArgumentsAsync(SshSettings settings, CancellationToken cancellationToken)
    {
        if (!X86Aes.IsSupported && !ArmAes.IsSupported)
            return [];
        return await AskAsync(settings, cancellationToken) is { } ciphers && Prefer(ciphers) is { } ordered ? ["-o", $"Ciphers={ordered}"] : [];
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
    static async Task<string?> AskAsync(SshSettings settings, CancellationToken cancellationToken)
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
            return process.ExitCode == 0 ? Find(said) : null;
        }
        catch (Win32Exception)
        {
            // There is no such program, which the connection will say.
            return null;
        }
    }

    static string? Find(string said)
    {
        foreach (var line in said.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Keyword, StringComparison.OrdinalIgnoreCase))
                return line[Keyword.Length..].Trim().ToString();
        }

        return null;
    }
}
