using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Repro.Setup.Tests.Deploy;

/// <summary>The compose file as a program reads it: merged, and its variables at their defaults.</summary>
internal sealed class Compose
{
    public Compose()
    {
        using var text = new StringReader(System.Text.RegularExpressions.Regex.Replace(DeployFiles.All["compose.yaml"], @"\$\{\w+:-([^}]*)\}", "$1"));
        Root = Map(new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(text))));
        Services = Map(Root["services"]).ToDictionary(service => service.Key, service => Map(service.Value), StringComparer.Ordinal);
    }

    public Dictionary<string, object?> Root { get; }

    public Dictionary<string, Dictionary<string, object?>> Services { get; }

    /// <summary>What each service that starts <c>repro</c> starts.</summary>
    public IReadOnlyList<ReproCommand> Commands =>
    [
        .. Services.Where(service => service.Value.ContainsKey("build")).OrderBy(service => service.Key, StringComparer.Ordinal).Select(service => ReproCommand.Of(Words(service.Value, "command"))),
    ];

    /// <summary>A list of words; empty where there is none.</summary>
    public static IReadOnlyList<string> Words(Dictionary<string, object?> map, string key) =>
        map.TryGetValue(key, out var found) ? [.. ((IEnumerable<object>)found!).Select(word => (string)word)] : [];

    /// <summary>The names under a key: of a list its words, of a map its keys.</summary>
    public static IReadOnlyList<string> Names(Dictionary<string, object?> map, string key) =>
        map.GetValueOrDefault(key) is IDictionary<object, object?> ? [.. Map(map[key]).Keys] : Words(map, key);

    public static Dictionary<string, object?> Map(object? value) =>
        Assert.IsAssignableFrom<IDictionary<object, object?>>(value).ToDictionary(pair => (string)pair.Key, pair => pair.Value, StringComparer.Ordinal);
}
