namespace Vt.SystemTests.S3;

/// <summary>Tests that share one gateway.</summary>
[CollectionDefinition(Name)]
public sealed class S3Collection : ICollectionFixture<S3Gateway>
{
    public const string Name = "S3";
}
