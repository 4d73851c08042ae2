using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vt.SystemTests.Commands;
using Vt.SystemTests.Live;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.SystemTests.S3;

/// <summary>A Ceph RADOS gateway of the tests' own, in memory and on loopback: tests/programs/rgw.sh. Started at the first use, one for all tests of a run; its packages are installed where they are missing.</summary>
public sealed class S3Gateway : IDisposable
{
    const string Bucket = "test-bucket";

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly TempFolder _folder = new(inMemory: true);
    readonly Process _process;

    public S3Gateway()
    {
        Shell.Succeed($"'{Sources.Top}/scripts/deps' ceph-mon ceph-osd radosgw");
        var port = FreePort();
        Endpoint = $"http://127.0.0.1:{port}";
        var start = new ProcessStartInfo(
            Path.Combine(Sources.Top, "tests", "programs", "rgw.sh"),
            [_folder.Path, $"{port}", $"{MonitorPort()}", S3Bed.AccessKey, S3Bed.SecretKey, Bucket])
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

    /// <summary>A place for one test's store.</summary>
    public S3Bed NewBed() => new(Endpoint, Bucket, S3Bed.AccessKey, S3Bed.SecretKey);

    /// <summary>What a program needs to reach it, as variables.</summary>
    internal void Equip(VtCommand command)
    {
        command.Environment["AWS_ACCESS_KEY_ID"] = S3Bed.AccessKey;
        command.Environment["AWS_SECRET_ACCESS_KEY"] = S3Bed.SecretKey;
        command.Environment["AWS_ENDPOINT_URL"] = Endpoint;
        command.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
    }

    /// <summary>The address of a store that nobody else has.</summary>
    public static string NewStore() => $"s3://{Bucket}/{Guid.NewGuid():n}";

    public void Dispose()
    {
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
