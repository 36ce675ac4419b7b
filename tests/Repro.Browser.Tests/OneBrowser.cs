namespace Repro.Browser.Tests;

/// <summary>All tests of pages share one browser.</summary>
[CollectionDefinition(Name)]
public sealed class OneBrowser : ICollectionFixture<ReportPage>
{
    public const string Name = "one browser";
}
