using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Repro.Cli.Verbs;

namespace Repro.Cli.Output;

/// <summary>The help of a command with examples, and for the program its exit codes, under it.</summary>
internal sealed class ExampleHelp(HelpAction help, Func<int> width) : SynchronousCommandLineAction
{
    private static readonly string[] RootExamples = ["./repro run resnet --profile quick", "./repro list", "./repro doctor"];

    public override bool ClearsParseErrors => true;

    /// <param name="width">Columns that the help may be wide.</param>
    public static void Attach(RootCommand root, Func<int> width)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new ExampleHelp((HelpAction)option.Action!, width);
    }

    public override int Invoke(ParseResult result)
    {
        help.MaxWidth = width();
        var output = result.InvocationConfiguration.Output;
        var text = new StringWriter();
        result.InvocationConfiguration.Output = text;
        help.Invoke(result);
        // An optional value of an option is named [NAME]; the library puts every name into angle brackets.
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n')) output.WriteLine(line.TrimEnd().Replace("<[", "[<", StringComparison.Ordinal).Replace("]>", ">]", StringComparison.Ordinal));
        output.WriteLine();
        output.WriteLine("Examples:");
        foreach (var example in result.CommandResult.Command is Verb verb ? verb.Examples : RootExamples) output.WriteLine($"  {example}");
        if (result.CommandResult.Command is not RootCommand) return ExitCode.Done;
        output.WriteLine();
        output.WriteLine("Exit codes: 0 done, 1 the work failed, 2 bad input or usage, 3 a component is missing,");
        output.WriteLine("130 cancelled.");
        output.WriteLine("REPRO_DEBUG=1 shows where an unexpected error came from.");
        return ExitCode.Done;
    }
}
