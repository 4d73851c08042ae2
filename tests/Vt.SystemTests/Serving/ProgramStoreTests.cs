using Vt.Blocks.Contracts;
using Vt.Stores.Config;
using Vt.Stores.Streams;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Serving;

/// <summary>What every store does, done by one that <c>vt serve -</c> has open in a process that the client starts.</summary>
public abstract class ProgramStoreContract : StoreContract, IDisposable
{
    readonly TempFolder _folder = new();

    protected ProgramStoreContract()
    {
        There = new VtCommand(_folder["there"]);
        There.Succeed("init");
    }

    /// <summary>The machine that has the store.</summary>
    private protected VtCommand There { get; }

    protected override bool IsDurable => true;

    private protected abstract StreamSettings Settings { get; }

    protected override async ValueTask<IBlockStore> OpenAsync() => await StreamOpener.OpenAsync(Settings, TimeProvider.System, CancellationToken.None);

    public void Dispose()
    {
        Dispose(isDisposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool isDisposing) => _folder.Dispose();
}

public sealed class CommandStoreTests : ProgramStoreContract
{
    private protected override StreamSettings Settings => new CommandSettings(There.Line("serve", "-"));
}

/// <summary>By a real sshd, with channels beside the first line.</summary>
public class SshStoreTests : ProgramStoreContract
{
    readonly SshServer _ssh;

    public SshStoreTests()
        : this("")
    {
    }

    private protected SshStoreTests(string further) => _ssh = new SshServer(further);

    private protected override StreamSettings Settings => Ssh;

    private protected virtual SshSettings Ssh => new("test") { SshConfig = _ssh.Config, Program = There.Line() };

    protected override void Dispose(bool isDisposing)
    {
        _ssh.Dispose();
        base.Dispose(isDisposing);
    }
}

public sealed class SshConnectionsTests : SshStoreTests
{
    private protected override SshSettings Ssh => base.Ssh with { Connections = 3 };
}

public sealed class SshWithoutForwardingTests() : SshStoreTests("DisableForwarding yes");
