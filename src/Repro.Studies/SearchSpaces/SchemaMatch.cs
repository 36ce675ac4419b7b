using Repro.Studies.Options;

namespace Repro.Studies.SearchSpaces;

/// <summary>Holds a search space against the options of the experiment that it is for.</summary>
public static class SchemaMatch
{
    /// <summary>The space with every value written as the options write it (<c>1e-1</c> becomes <c>0.1</c>), after all of these are known to hold:
    /// each hyperparameter is an option, its type takes all values of the range, and none is outside what the option allows.</summary>
    /// <param name="options">As <see cref="OptionSchema.Of"/> lists them.</param>
    /// <exception cref="BadInputException">States the hyperparameter, the rule, the actual value and the nearest valid word.</exception>
    public static SearchSpace For(this SearchSpace space, IReadOnlyList<OptionInfo> options)
    {
        var matched = space.Parameters.Select(parameter => Match(parameter, Find(parameter.Name, options))).ToList();
        for (var i = 0; i < matched.Count; i++)
        {
            // Conditions name values of their parent, which may be written otherwise now.
            if (matched[i].Condition is { } condition && matched.Find(p => p.Name == condition.Parameter) is Categorical parent)
                matched[i] = matched[i] with { Condition = condition with { Values = [.. condition.Values.Select(v => Canonical(v, parent.Name, options))] } };
        }
        return space.With(matched);
    }

    private static OptionInfo Find(string name, IReadOnlyList<OptionInfo> options) => options.FirstOrDefault(o => o.Name == name)
        ?? throw new BadInputException($"There is no option '{name}' to vary. Valid options, nearest first: {string.Join(", ", NearestWords.Order(name, options.Select(o => o.Name)))}.");

    private static Hyperparameter Match(Hyperparameter parameter, OptionInfo option) => parameter switch
    {
        FloatRange range => Floats(range, option),
        IntRange range => Integers(range, option),
        Categorical categorical => categorical with { Values = [.. categorical.Values.Select(value => Canonical(value, option))] },
        _ => parameter,
    };

    private static FloatRange Floats(FloatRange range, OptionInfo option)
    {
        if (option.Type == typeof(int) || option.Type == typeof(long))
        {
            var kind = range.Logarithmic ? "logint" : "int";
            throw new BadInputException($"Option '{option.Name}' takes integers, so it cannot vary over {CompactForm.Write(range)}; write {option.Name}={kind}:{Math.Ceiling(range.Low):0}..{Math.Floor(range.High):0}.");
        }
        if (option.Type != typeof(double)) throw NoNumber(range, option);
        OneOfFew(range, option);
        Within(range, range.Low, range.High, option);
        return range;
    }

    private static IntRange Integers(IntRange range, OptionInfo option)
    {
        if (option.Type != typeof(int) && option.Type != typeof(long) && option.Type != typeof(double)) throw NoNumber(range, option);
        Within(range, range.Low, range.High, option);
        if (option.Type == typeof(int) && (range.Low < int.MinValue || range.High > int.MaxValue))
            throw new BadInputException($"Option '{option.Name}' takes integers of 32 bits; {CompactForm.Write(range)} is outside.");
        OneOfFew(range, option);
        return range;
    }

    private static void OneOfFew(Hyperparameter range, OptionInfo option)
    {
        if (option.Choices.Count > 0)
            throw new BadInputException($"Option '{option.Name}' takes one of {string.Join(", ", option.Choices)}, so it cannot vary over the range {CompactForm.Write(range)}; list values: {option.Name}={string.Join(",", option.Choices)}.");
    }

    private static void Within(Hyperparameter range, double low, double high, OptionInfo option)
    {
        if (low < option.Min || high > option.Max)
            throw new BadInputException($"Option '{option.Name}' must stay in the range {option.RangeWord}; it was to vary over {CompactForm.Write(range)}.");
    }

    private static BadInputException NoNumber(Hyperparameter range, OptionInfo option)
    {
        var example = option.Choices.Count > 0 ? string.Join(",", option.Choices) : option.Type == typeof(bool) ? "true,false" : "one,other";
        return new BadInputException($"Option '{option.Name}' is {(option.Type == typeof(bool) ? "true or false" : "a text")}, so it cannot vary over the range {CompactForm.Write(range)}; list values: {option.Name}={example}.");
    }

    private static string Canonical(string value, string name, IReadOnlyList<OptionInfo> options) => Canonical(value, Find(name, options));

    // The rules for a single value are the schema's own; its message names option, range and value.
    private static string Canonical(string value, OptionInfo option) => OptionText.Write(OptionSchema.Read(option, value));
}
