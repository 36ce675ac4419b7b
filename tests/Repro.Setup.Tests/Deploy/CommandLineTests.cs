using System.Text.RegularExpressions;
using Repro.Cli;

namespace Repro.Setup.Tests.Deploy;

/// <summary>What the files of <c>cluster/deploy</c> start is what the program understands.</summary>
public sealed partial class CommandLineTests
{
    [Theory]
    [InlineData("compose.yaml", "cluster init-db", "silo", "silo")]
    [InlineData("systemd/repro-silo.service", "silo")]
    [InlineData("slurm/repro-silo.sbatch", "silo", "cluster drain")]
    public void Every_file_that_starts_something_has_its_command_lines_found(string file, params string[] verbs) => 
        Assert.Equal(verbs, Found(file).Select(command => command.Verb));

    [SkippableTheory]
    [MemberData(nameof(Files))]
    public void Every_option_that_a_file_gives_is_one_of_its_verb(string file)
    {
        foreach (var command in Found(file))
        {
            var help = Help(command.Verb);
            Skip.If(help is null, $"this build of repro has no verb `{command.Verb}`");
            var known = OptionName().Matches(help).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
            Assert.All(command.Options, option => Assert.True(known.Contains(option), $"{file}: `repro {command.Verb}` has no option {option}"));
        }
    }

    [Fact]
    public void No_file_has_a_password_in_an_address()
    {
        Assert.Matches(WithPassword(), "postgres://me:secret@host/database");
        Assert.All(DeployFiles.All, file => Assert.DoesNotMatch(WithPassword(), file.Value));
    }

    [Fact]
    public void A_command_line_is_found_whatever_stands_around_it()
    {
        var found = DeployFiles.Commands(
            """
            exec "$HOME"/repro silo --name x \
                --label "$(hostname --short | cut -c1)" --slots=cpu:2'
            docker compose run --rm repro cluster status --json; ./repro doctor --json
            """).ToArray();
        Assert.Equal(["silo", "cluster status"], found.Select(command => command.Verb));
        Assert.Equal(["--name", "--label", "--slots"], found[0].Options);
        Assert.Equal(["--json"], found[1].Options);
    }

    [Fact]
    public void A_verb_s_help_names_its_options_and_an_unknown_verb_has_none()
    {
        Assert.Contains("--store", OptionName().Matches(Help("status")!).Select(match => match.Value));
        Assert.Null(Help("statistics"));
    }

    public static TheoryData<string> Files() => [.. DeployFiles.All.Keys.Where(file => Found(file).Count > 0).Order(StringComparer.Ordinal)];

    private static List<ReproCommand> Found(string file) =>
        file == "compose.yaml" ? [.. new Compose().Commands] : [.. DeployFiles.Commands(DeployFiles.All[file])];

    /// <summary>What the verb says of itself; null where this build does not know it, and says what it says of the program or of the verb above.</summary>
    private static string? Help(string verb)
    {
        var words = verb.Split(' ');
        var (said, above) = (Said([.. words, "--help"]), Said([.. words[..^1], "--help"]));
        return said == above ? null : said;
    }

    private static string Said(params string[] arguments)
    {
        using var text = new StringWriter();
        ReproProgram.Run(arguments, new Surroundings
        {
            Out = text, Error = text, Experiments = () => [], Renderer = () => throw new InvalidOperationException("help draws nothing"),
        });
        return text.ToString();
    }

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"postgres(ql)?://[^/@\s:]*:[^@\s]+@")]
    private static partial Regex WithPassword();
}
