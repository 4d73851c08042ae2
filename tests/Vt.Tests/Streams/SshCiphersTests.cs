using Vt.Stores.Config;
using Vt.Stores.Streams.Transport;

namespace Vt.Tests.Streams;

public sealed class SshCiphersTests
{
    [Theory]
    [InlineData("chacha20-poly1305@openssh.com,aes128-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com", "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr")]
    [InlineData("aes256-gcm@openssh.com", null)]
    [InlineData("aes256-gcm@openssh.com,aes128-ctr", null)]
    [InlineData("chacha20-poly1305@openssh.com", null)]
    [InlineData("", null)]
    public void The_allowed_ciphers_stay_the_same_with_AES_GCM_before_the_others(string allowed, string? ordered) => Assert.Equal(ordered, SshCiphers.Prefer(allowed));

    [Theory]
    [InlineData("/there/is/none")]
    [InlineData("/bin/false")]
    public async Task An_ssh_that_does_not_say_its_ciphers_is_told_nothing(string program) =>
        Assert.Empty(await SshCiphers.ArgumentsAsync(new SshSettings("host") { Ssh = program }, CancellationToken.None));
}
