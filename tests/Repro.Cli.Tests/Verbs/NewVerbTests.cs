namespace Repro.Cli.Tests.Verbs;

public sealed class NewVerbTests : IDisposable
{
    private const string Catalog = "using Repro.Training;\n\npublic static class Catalog\n{\n    [\n        new ResNet.ResNetExperiment(),\n    ];\n}\n";

    private readonly CommandLine _cli = new();

    public NewVerbTests()
    {
        foreach (var folder in (string[])["docs/templates/paper", "experiments", "papers"]) Directory.CreateDirectory(At(folder));
        foreach (var template in (string[])["Model.cs.txt", "Options.cs.txt", "Experiment.cs.txt", "Studies.cs.txt", "card.md.txt"]) File.WriteAllText(At($"docs/templates/paper/{template}"), template + ": {{Name}} {{name}}");
        File.WriteAllText(At("experiments/Catalog.cs"), Catalog);
    }

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("LeNet", "LeNet", "lenet")]
    [InlineData("double-descent", "DoubleDescent", "double-descent")]
    [InlineData("gpt2", "Gpt2", "gpt2")]
    public void A_paper_is_one_folder_one_card_and_one_line(string given, string pascal, string name)
    {
        var result = _cli.Bare("new", "paper", given, "--root", _cli.Runs, "--json");
        Assert.Equal((0, name), (result.Code, (string)result.Last["experiment"]!));
        Assert.Equal([$"{pascal}Experiment.cs", $"{pascal}Model.cs", $"{pascal}Options.cs", $"{pascal}Studies.cs"], Directory.GetFiles(At($"experiments/{pascal}")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal($"Model.cs.txt: {pascal} {name}", File.ReadAllText(At($"experiments/{pascal}/{pascal}Model.cs")));
        Assert.Equal($"card.md.txt: {pascal} {name}", File.ReadAllText(At($"papers/{name}.md")));
        Assert.Equal(
            Catalog.Replace("    ];", $"        new {pascal}.{pascal}Experiment(),\n    ];", StringComparison.Ordinal),
            File.ReadAllText(At("experiments/Catalog.cs")));
    }

    [Fact]
    public void Nothing_is_written_over()
    {
        _cli.Bare("new", "paper", "LeNet", "--root", _cli.Runs);
        File.WriteAllText(At("experiments/LeNet/LeNetModel.cs"), "a day's work");
        var result = _cli.Bare("new", "paper", "LeNet", "--root", _cli.Runs);
        Assert.Equal(2, result.Code);
        Assert.Contains("is there already", result.Error, StringComparison.Ordinal);
        Assert.Equal("a day's work", File.ReadAllText(At("experiments/LeNet/LeNetModel.cs")));
    }

    [Theory]
    [InlineData("2fast")]
    [InlineData("a b")]
    [InlineData("../x")]
    [InlineData("double--descent")]
    [InlineData("naïve")]
    public void A_name_that_is_no_class_is_refused(string name)
    {
        Assert.Equal(2, _cli.Bare("new", "paper", name, "--root", _cli.Runs).Code);
        Assert.Equal(Catalog, File.ReadAllText(At("experiments/Catalog.cs")));
    }

    [Fact]
    public void Outside_a_checkout_it_says_what_is_missing() => Assert.Equal(3, _cli.Bare("new", "paper", "LeNet", "--root", At("papers")).Code);

    private string At(string path) => Path.Combine(_cli.Runs, path);
}
