namespace Vt.Tests.Trees;

/// <summary>A clock that goes on when it is told to, two hours east of UTC.</summary>
sealed class ManualClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 7, 0, 0, TimeSpan.Zero);

    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("two", TimeSpan.FromHours(2), null, null);

    public override DateTimeOffset GetUtcNow() => Now;
}
