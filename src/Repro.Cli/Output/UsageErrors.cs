using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Repro.Cli.Verbs;
using Repro.Studies.Options;

namespace Repro.Cli.Output;

/// <summary>Says what is wrong with a command line, with the nearest valid words.</summary>
internal static partial class UsageErrors
{
    /// <summary>Whether anything is wrong with the usage. The parser takes an unknown option for an argument, or for another option's value, wherever one may stand; here it is an error. So is an empty text.</summary>
    public static bool Any(ParseResult result) => result.Errors.Count > 0 || Strays(result).Any() || Empties(result).Any();

    public static int Report(ParseResult result, CommandOutput output)
    {
        var command = result.CommandResult.Command;
        var lines = Sentences(result, command).Distinct().ToList();
        foreach (var line in lines) output.Complain(line);
        output.Complain($"See: {Path(result)} --help");
        output.Result(new JsonObject { ["status"] = "bad_input", ["error"] = string.Join(" ", lines), ["exit_code"] = ExitCode.BadInput });
        return ExitCode.BadInput;
    }

    private static IEnumerable<string> Sentences(ParseResult result, Command command)
    {
        var afterUnknownOption = false;
        foreach (var token in result.UnmatchedTokens.Concat(Strays(result)))
        {
            var isOption = token.StartsWith('-');
            // What follows an unknown option was meant as its value.
            if (afterUnknownOption && !isOption) continue;
            afterUnknownOption = isOption && !token.Contains('=', StringComparison.Ordinal);
            var valid = isOption ? OptionNames(result) : command.Subcommands.Select(c => c.Name).ToList();
            var word = token.Split('=')[0];
            if (valid.Count == 0)
            {
                yield return $"'{token}' is one word too many for '{Path(result)}'.";
                continue;
            }
            var nearest = NearestWords.Order(isOption ? word.TrimStart('-') : word, valid.Select(v => v.TrimStart('-')));
            var prefix = isOption ? "--" : "";
            yield return $"There is no {(isOption ? "option" : "verb")} '{word}' in '{Path(result)}'. Valid ones, nearest first: {string.Join(", ", nearest.Select(n => prefix + n))}.";
            // What follows an unknown verb belongs to it.
            if (!isOption) yield break;
        }
        foreach (var name in Empties(result)) yield return $"'{name}' was given an empty text; write a value, or leave it out.";
        foreach (var error in result.Errors)
        {
            // The parser complains of unmatched tokens too, and of a missing verb where the verb was mistyped.
            if (result.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal))) continue;
            if (result.UnmatchedTokens.Count > 0 && error.Message.StartsWith("Required command", StringComparison.Ordinal)) continue;
            yield return error.Message.StartsWith("Required command", StringComparison.Ordinal)
                ? $"'{Path(result)}' needs one of: {string.Join(", ", command.Subcommands.Select(c => c.Name))}."
                : error.Message.StartsWith("Required argument", StringComparison.Ordinal) && command is Verb { Examples: [var example, ..] } && Missing(result) is { } missing
                    ? $"'{Path(result)}' needs {missing.Name}: {char.ToLowerInvariant(missing.Description![0])}{missing.Description[1..]}. For example: {example}"
                : Plain(error.Message, command);
        }
    }

    /// <summary>The first argument that has to be there and is not.</summary>
    private static Argument? Missing(ParseResult result) => result.CommandResult.Command.Arguments.FirstOrDefault(argument =>
        argument.Description is { Length: > 0 } && argument.Arity.MinimumNumberOfValues > (result.GetResult(argument)?.Tokens.Count ?? 0));

    /// <summary>The parser names .NET types; a person is told what is valid.</summary>
    private static string Plain(string message, Command command)
    {
        var match = Unparsable().Match(message);
        if (!match.Success) return message;
        var type = match.Groups["type"].Value;
        var valid = type.Contains("UInt64", StringComparison.Ordinal) ? "a whole number from 0"
            : type.Contains("Int", StringComparison.Ordinal) ? "a whole number"
            : type.Contains("Boolean", StringComparison.Ordinal) ? "true or false"
            : type.Contains("Double", StringComparison.Ordinal) ? "a number" : "another value";
        var (name, value) = (match.Groups["name"].Value, match.Groups["value"].Value);
        if (type.Contains("Int", StringComparison.Ordinal) && System.Numerics.BigInteger.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            // The help states the range of an option that has one of its own.
            var stated = StatedRange().Match(command.Options.FirstOrDefault(option => option.Name == name)?.Description ?? "");
            var range = stated.Success ? stated.Value : type.Contains("UInt64", StringComparison.Ordinal) ? $"0 .. {ulong.MaxValue}" : $"up to {int.MaxValue}";
            return $"'{name}' takes a whole number, {range}; {value} is too {(number.Sign < 0 ? "small" : "large")}.";
        }
        return $"'{match.Groups["name"].Value}' takes {valid}; '{match.Groups["value"].Value}' is none.";
    }

    private static IEnumerable<string> Strays(ParseResult result) => result.CommandResult.Children
        .SelectMany(argumentOrOption => argumentOrOption.Tokens)
        .Select(token => token.Value)
        .Where(value => value.StartsWith("--", StringComparison.Ordinal) && value.Length > 2);

    // An empty text comes from a shell variable that is not set; no name, file, folder or number is one. A text to read may be white space: a line break is a character too.
    private static IEnumerable<string> Empties(ParseResult result) => result.CommandResult.Children
        .Where(argumentOrOption => argumentOrOption.Tokens.Any(token =>
            argumentOrOption is System.CommandLine.Parsing.OptionResult { Option.Name: "--text" } ? token.Value.Length == 0 : string.IsNullOrWhiteSpace(token.Value)))
        .Select(argumentOrOption => argumentOrOption is System.CommandLine.Parsing.OptionResult option ? option.Option.Name : ((System.CommandLine.Parsing.ArgumentResult)argumentOrOption).Argument.Name);

    private static List<string> OptionNames(ParseResult result)
    {
        var command = result.CommandResult.Command;
        return command.Options.Concat(result.RootCommandResult.Command.Options.Where(o => o.Recursive)).Select(o => o.Name).Distinct().ToList();
    }

    private static string Path(ParseResult result)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = result.CommandResult; at is System.CommandLine.Parsing.CommandResult c; at = at.Parent)
        {
            if (c.Command is not RootCommand) names.Insert(0, c.Command.Name);
        }
        return string.Join(' ', names.Prepend("./repro"));
    }

    [GeneratedRegex(@"\b\d+ \.\. \d+")]
    private static partial Regex StatedRange();

    [GeneratedRegex("^Cannot parse argument '(?<value>.*)' for (option|command|argument) '(?<name>.*)' as expected type '(?<type>.*)'")]
    private static partial Regex Unparsable();
}
