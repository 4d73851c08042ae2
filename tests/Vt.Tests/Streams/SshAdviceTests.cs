using System.Text;
using Vt.Posix;
using Vt.Stores.Config;
using Vt.Stores.Streams.Transport;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

public sealed class SshAdviceTests
{
    [Theory]
    [InlineData("chacha20-poly1305@openssh.com,aes128-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com", "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr")]
    [InlineData("aes256-gcm@openssh.com", null)]
    [InlineData("aes256-gcm@openssh.com,aes128-ctr", null)]
    [InlineData("chacha20-poly1305@openssh.com", null)]
    [InlineData("", null)]
    public void The_allowed_ciphers_stay_the_same_with_AES_GCM_before_the_others(string allowed, string? ordered) => Assert.Equal(ordered, SshAdvice.Prefer(allowed));

    [Theory]
    [InlineData("/there/is/none")]
    [InlineData("/bin/false")]
    public async Task An_ssh_that_does_not_say_its_settings_is_told_nothing_and_forwards_nothing(string program)
    {
        var (arguments, mayForward) = await SshAdvice.AskAsync(new SshSettings("host") { Ssh = program }, CancellationToken.None);
        Assert.Empty(arguments);
        Assert.False(mayForward);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("controlpath none\n", true)]
    [InlineData("controlpath /home/me/.ssh/%C\n", false)]
    [InlineData("clearallforwardings no\n", true)]
    [InlineData("clearallforwardings yes\n", false)]
    public async Task Sockets_are_forwarded_where_ssh_has_a_connection_of_its_own(string settings, bool expected)
    {
        using var folder = new TempFolder();
        var program = folder.Write("ssh", $"#!/bin/sh\ncat <<'E'\nuser me\n{settings}E\n");
        Assert.Equal(Errno.OK, Ownership.TryChmodAt(FileDescriptor.CurrentDirectory, Encoding.UTF8.GetBytes(program), 0x140));
        var (_, mayForward) = await SshAdvice.AskAsync(new SshSettings("host") { Ssh = program }, CancellationToken.None);
        Assert.Equal(expected, mayForward);
    }
}
