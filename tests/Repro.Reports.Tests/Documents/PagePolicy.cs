using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Repro.Reports.Tests.Documents;

/// <summary>What a page's own policy lets run.</summary>
internal static partial class PagePolicy
{
    /// <summary>One script, whose bytes are those that the policy names, and no other way to run any.</summary>
    public static void AssertOnlyOwnScript(string html)
    {
        var script = Assert.Single(Script().Matches(html)).Groups[1].Value;
        Assert.Single(Regex.Matches(html, "<script", RegexOptions.IgnoreCase));
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        Assert.Contains($"script-src 'sha256-{hash}';", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html[..html.IndexOf("<script>", StringComparison.Ordinal)], StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(@"script-src[^;]*unsafe", html);
    }

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();
}
