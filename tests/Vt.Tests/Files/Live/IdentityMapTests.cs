using FsCheck.Fluent;
using Vt.Files.Access;

namespace Vt.Tests.Files.Live;

/// <summary>The exchange of owners.</summary>
public sealed class IdentityMapTests
{
    [Fact]
    public void What_is_exchanged_twice_is_what_it_was_and_no_two_become_one()
    {
        var map = new IdentityMap();
        Assert.True(map.TryAddUsers("1000:0:10"));
        Assert.True(map.TryAddUsers("50:5000:3"));
        var numbers = Enumerable.Range(0, 6000).Select(static number => (uint)number).ToList();
        Assert.All(numbers, number => Assert.Equal(number, map.User(map.User(number))));
        Assert.Equal(numbers.Count, numbers.Select(map.User).Distinct().Count());
        Assert.Equal((0u, 1000u, 9u, 1009u, 10u, 5002u), (map.User(1000), map.User(0), map.User(1009), map.User(9), map.User(10), map.User(52)));
        Assert.Equal(1000u, map.Group(1000));
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll<uint>(number => map.User(map.User(number)) == number));
    }

    [Theory]
    [InlineData("1000")]
    [InlineData("1000:1000")]
    [InlineData("1000:1005:10")]
    [InlineData("1000:2000:0")]
    [InlineData("4294967290:5:10")]
    [InlineData("-1:5")]
    [InlineData("a:b")]
    [InlineData("3:105")]
    [InlineData("200:102")]
    public void What_is_no_exchange_is_refused(string text)
    {
        var map = new IdentityMap();
        Assert.True(map.TryAddUsers("100:1:6"));
        Assert.False(map.TryAddUsers(text));
        Assert.Equal(100u, map.User(1));
    }
}
