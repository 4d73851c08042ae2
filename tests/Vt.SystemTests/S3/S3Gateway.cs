using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vt.SystemTests.Commands;
using Vt.SystemTests.Live;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.SystemTests.S3;

/// <summary>
/// A Ceph RADOS gateway of the tests' own, in memory and on loopback: tests/programs/rgw.sh. Started at the first use, one for all tests of a run; its packages are installed where they are
/// missing. Or the server that VT_TEST_S3 names, as <c>ENDPOINT BUCKET ACCESS SECRET</c>, which has no conditional puts: tests/long/swift.sh.
/// </summary>
public sealed class S3Gateway : IDisposable
{
    readonly string _bucket = "test-bucket";
    readonly string _access = S3Bed.AccessKey;
    readonly string _secret = S3Bed.SecretKey;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly TempFolder _folder = new(inMemory: true);
    readonly Process? _process;

    public S3Gateway()
    {
        if (Environment.GetEnvironmentVariable("VT_TEST_S3") is { Length: > 0 } given)
        {
            var words = given.Split(' ');
            (Endpoint, _bucket, _access, _secret) = (words[0], words[1], words[2], words[3]);
            IsWithoutConditions = true;
            return;
        }

        Shell.Succeed($"'{Sources.Top}/scripts/deps' ceph-mon ceph-osd radosgw");
        var port = FreePort();
        Endpoint = $"http://127.0.0.1:{port}";
        var start = new ProcessStartInfo(
            Path.Combine(Sources.Top, "tests", "programs", "rgw.sh"),
            [_folder.Path, $"{port}", $"{MonitorPort()}", _access, _secret, _bucket])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        var errors = _process.StandardError.ReadToEndAsync();
        var ready = _process.StandardOutput.ReadLineAsync();
        if (ready.Wait(Patience) && ready.Result == "ready")
            return;
        Dispose();
        throw new InvalidOperationException($"the gateway does not start: {errors.Result}");
    }

    /// <summary>Its address.</summary>
    public string Endpoint { get; }

    /// <summary>Whether it has no conditional puts.</summary>
    public bool IsWithoutConditions { get; }

    /// <summary>A place for one test's store.</summary>
    public S3Bed NewBed()
    {
        var bed = new S3Bed(Endpoint, _bucket, _access, _secret);
        bed.Settings = bed.Settings with { IsSingleWriter = IsWithoutConditions };
        return bed;
    }

    /// <summary>What a program needs to reach it, as variables.</summary>
    internal void Equip(VtCommand command)
    {
        command.Environment["AWS_ACCESS_KEY_ID"] = _access;
        command.Environment["AWS_SECRET_ACCESS_KEY"] = _secret;
        command.Environment["AWS_ENDPOINT_URL"] = Endpoint;
        command.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
    }

    /// <summary>The address of a store that nobody else has.</summary>
    public string NewStore() => $"s3://{_bucket}/{Guid.NewGuid():n}";

    public void Dispose()
    {
        if (_process is null)
        {
            _folder.Dispose();
            return;
        }

        _process.StandardInput.Close();
        if (!_process.WaitForExit(Patience))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _folder.Dispose();
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // The cluster takes what is free of the sixty ports behind the monitor's.
    static int MonitorPort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20000, 30000);
            try
            {
                using var first = new TcpListener(IPAddress.Loopback, port);
                using var second = new TcpListener(IPAddress.Loopback, port + 1);
                first.Start();
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody's.
            }
        }
    }
}
