using Repro.Studies.Formats;
using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.StudyFiles;

/// <summary>Reads the <c>parameters</c> and <c>constraints</c> of a study.</summary>
internal sealed class ParameterReader(StudySubject? subject)
{
    private const long Exact = 1L << 53;

    private readonly List<(Hyperparameter Parameter, YamlValue Place, YamlValue Value)> _varied = [];
    private readonly List<KeyValuePair<string, string>> _still = [];

    /// <summary>Hyperparameters with one value.</summary>
    public Configuration Fixed => Configuration.Of(_still);

    public SearchSpace Read(YamlValue? parameters, YamlValue? constraints)
    {
        if (parameters is not null)
        {
            var map = parameters.Map([]);
            foreach (var (name, value) in map.Values) One(name, map.Place(name), value);
        }
        var space = Space();
        if (constraints is null) return space;
        var texts = new List<string>();
        foreach (var constraint in constraints.List())
        {
            var text = constraint.Text();
            texts.Add(text);
            _ = Placed.At(constraint, () => Constraint(space, text));
        }
        return new SearchSpace(space.Parameters, texts);
    }

    private SearchSpace Constraint(SearchSpace space, string text)
    {
        try
        {
            return new SearchSpace(space.Parameters, [text]);
        }
        catch (BadInputException) when (_still.Find(s => Words(text).Contains(s.Key)) is { Key: not null } still)
        {
            throw new BadInputException($"The constraint \"{text}\" reads '{still.Key}', which is fixed; write its value, {still.Value}, instead.");
        }
    }

    private static string[] Words(string expression) => expression.Split([' ', '(', ')', '+', '-', '*', '/', '<', '>', '=', '!'], StringSplitOptions.RemoveEmptyEntries);

    private SearchSpace Space()
    {
        // One condition at a time tells where a wrong one stands; all together find circles.
        foreach (var (parameter, _, value) in _varied.Where(v => v.Parameter.Condition is not null))
            Placed.At(value, () => new SearchSpace([.. _varied.Select(v => v.Parameter == parameter ? parameter : v.Parameter with { Condition = null })]));
        var (_, place, _) = _varied.FirstOrDefault(v => v.Parameter.Condition is not null);
        var space = place is null ? new SearchSpace([.. _varied.Select(v => v.Parameter)]) : Placed.At(place, () => new SearchSpace([.. _varied.Select(v => v.Parameter)]));
        return subject is null ? space : space.For(subject.Options);
    }

    private void One(string name, YamlValue place, YamlValue value)
    {
        if (!SearchSpace.IsName(name)) throw place.Error($"a parameter is an option of the experiment, in snake_case; it was '{name}'");
        if (subject is not null && subject.Options.All(option => option.Name != name))
            throw place.Error($"the experiment '{subject.Experiment}' has no option '{name}'. Valid options, nearest first: {string.Join(", ", NearestWords.Order(name, subject.Options.Select(o => o.Name)))}");
        var parameter = value.IsMap ? FromMap(name, value.Map(StudyWords.Parameter)) : value.IsList ? Choice(name, value, value) : Compact(name, value);
        if (parameter is null) return;
        if (parameter is Categorical { Role: HyperparameterRole.Fixed, Values: [var only] })
        {
            Keep(name, only, value);
            return;
        }
        // The rules of the option hold for this parameter alone, whatever the others are.
        if (subject is not null) Placed.At(value, () => new SearchSpace([parameter with { Condition = null }]).For(subject.Options));
        _varied.Add((parameter, place, value));
    }

    private void Keep(string name, string text, YamlValue place) =>
        _still.Add(KeyValuePair.Create(name, subject is null ? text : Placed.At(place, () => subject.Canonical(name, text))));

    private static Hyperparameter Compact(string name, YamlValue value)
    {
        var text = value.Written();
        return Placed.At(value, () => CompactForm.Parse($"{name}={text}"));
    }

    /// <returns>Null where the parameter is fixed, which is then kept.</returns>
    private Hyperparameter? FromMap(string name, YamlMap map)
    {
        var role = map.Optional("role")?.Choice(StudyWords.Roles);
        if (map.Optional("value") is { } value)
        {
            if (role is not null and not "fixed") throw map.Place("value").Error($"'value' is for what is fixed; '{name}' is {role}, and has a range");
            foreach (var key in map.Values.Keys.Where(key => key is not ("value" or "role"))) throw map.Place(key).Error($"'{name}' is fixed, so it has a 'value' and no '{key}'");
            Keep(name, value.Written(), value);
            return null;
        }
        if (role == "fixed") throw map.Values["role"].Error($"'{name}' is fixed, so it needs the key 'value'");
        var parameter = Range(name, map) with { Condition = map.Optional("when") is { } when ? Condition(when) : null };
        if (parameter.Role == HyperparameterRole.Fixed && role is null && parameter.Condition is null) return parameter;
        return parameter with { Role = role is null ? HyperparameterRole.Scientific : Enum.GetValues<HyperparameterRole>().Single(r => OptionText.Write(r) == role) };
    }

    private static Hyperparameter Range(string name, YamlMap map)
    {
        if (map.Optional("range") is { } range)
        {
            Refuse(map, "a 'range' says it all", "type", "low", "high", "step", "values");
            return range.IsList ? Choice(name, range, range) : Compact(name, range);
        }
        if (map.Optional("type") is null && map.Optional("values") is { } listed)
        {
            Refuse(map, "'values' are a choice", "low", "high", "step");
            return Choice(name, listed, listed);
        }
        var type = map.Required("type").Choice(StudyWords.Types);
        if (type == "categorical")
        {
            Refuse(map, "a choice has 'values'", "low", "high", "step");
            return Choice(name, map.Required("values"), map.Required("values"));
        }
        Refuse(map, "a range has 'low' and 'high'", "values");
        var (low, high, step) = (map.Required("low"), map.Required("high"), map.Optional("step"));
        Hyperparameter parameter = type is "int" or "log_int"
            ? new IntRange(name, low.WholeNumber(-Exact, Exact), high.WholeNumber(-Exact, Exact), type == "log_int", step?.WholeNumber(1, Exact) ?? 1)
            : new FloatRange(name, low.Number(), high.Number(), type == "log_float", step?.Number());
        return parameter.Complaint() is { } complaint ? throw (step is not null && complaint.Contains("step", StringComparison.Ordinal) ? step : low).Error($"'{name}' {complaint}") : parameter;
    }

    private static Categorical Choice(string name, YamlValue list, YamlValue place)
    {
        var values = list.List().Select(value => value.Written()).ToList();
        var choice = new Categorical(name, values);
        return choice.Complaint() is { } complaint ? throw place.Error($"'{name}' {complaint}")
            : choice with { Role = values.Count == 1 ? HyperparameterRole.Fixed : HyperparameterRole.Scientific };
    }

    private static ActiveWhen Condition(YamlValue when)
    {
        var map = when.Map([]);
        if (map.Values.Count != 1) throw when.Error($"a condition names one other parameter with its values, as {{network: [residual, plain]}}; this has {map.Values.Count}");
        var (name, values) = map.Values.Single();
        return new ActiveWhen(name, values.IsList ? [.. values.List().Select(value => value.Written())] : [values.Written()]);
    }

    private static void Refuse(YamlMap map, string because, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (map.Optional(key) is not null) throw map.Place(key).Error($"{because}, and no '{key}'");
        }
    }
}

/// <summary>Gives a complaint that knows no file its place in one.</summary>
internal static class Placed
{
    public static T At<T>(YamlValue place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (BadInputException e)
        {
            throw place.Error(e.Message.TrimEnd('.'));
        }
    }
}
