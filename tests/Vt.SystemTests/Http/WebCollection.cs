namespace Vt.SystemTests.Http;

/// <summary>Tests that share a site on the web, for which packages may have to be installed.</summary>
[CollectionDefinition(Name)]
public sealed class WebCollection : ICollectionFixture<WebSite>
{
    public const string Name = "Web";
}
