using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>A function stands up to four times: of a tensor and of torch, giving a new tensor and in place. What one gives the others give.</summary>
public class FormsTests
{
    private static readonly string[] OnIntegers = ["gcd", "lcm", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "bitwise_left_shift", "bitwise_right_shift"];

    // Names that stand for the same function.
    private static readonly (string Name, string Same)[] Aliases =
    [
        ("absolute", "abs"), ("negative", "neg"), ("arccos", "acos"), ("arcsin", "asin"), ("arctan", "atan"), ("acosh", "arccosh"), ("asinh", "arcsinh"),
        ("atanh", "arctanh"), ("fix", "trunc"), ("arctan2", "atan2"), ("subtract", "sub"), ("multiply", "mul"), ("divide", "div"), ("true_divide", "div"),
        ("greater", "gt"), ("greater_equal", "ge"), ("less", "lt"), ("less_equal", "le"), ("not_equal", "ne"), ("ger", "outer"), ("swapdims", "transpose"),
        ("swapaxes", "transpose"), ("clip", "clamp"),
    ];

    private static readonly MethodInfo[] OfTensors = [.. typeof(Tensor).GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(Callable)];
    private static readonly MethodInfo[] OfTorch = [.. typeof(torch).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(Callable)];

    public static TheoryData<string> InPlace => [.. OfTensors.Where(method => method.Name.EndsWith('_') && Other(method) is not null).Select(Signature)];

    public static TheoryData<string> Functions => [.. OfTorch.Where(method => Method(method) is not null).Select(Signature).Distinct()];

    public static TheoryData<string, string> OtherNames
    {
        get
        {
            var names = new TheoryData<string, string>();
            foreach (var (name, same) in Aliases)
                foreach (var method in OfTensors.Where(method => method.Name.TrimEnd('_') == name && Parameters(method).All(type => type != typeof(Scalar) || name is not ("less_equal" or "not_equal"))))
                    if (Same(method, same) is not null)
                        names.Add(Signature(method), same);
            return names;
        }
    }

    [Theory]
    [MemberData(nameof(InPlace))]
    public void In_place_a_tensor_becomes_what_the_other_form_gives(string signature)
    {
        using var scope = NewDisposeScope();
        var method = OfTensors.First(method => Signature(method) == signature);
        var (expected, given) = (Start(method.Name), Start(method.Name));
        var result = Call(Other(method)!, expected, Arguments(method, 0));
        Assert.Same(given, Call(method, given, Arguments(method, 0)));
        AssertSame((Tensor)result!, given);
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_of_torch_gives_what_the_method_gives(string signature)
    {
        using var scope = NewDisposeScope();
        var function = OfTorch.First(method => Signature(method) == signature);
        var (first, second) = (Start(function.Name), Start(function.Name));
        object? expected;
        try
        {
            manual_seed(1);
            expected = Call(Method(function)!, first, Arguments(function, 1));
        }
        catch (Exception error) when (error is ExternalException or ArgumentException)
        {
            Assert.Equal(error.Message, Assert.Throws(error.GetType(), () => Call(function, null, [second, .. Arguments(function, 1)])).Message);
            return;
        }
        manual_seed(1);
        var actual = Call(function, null, [second, .. Arguments(function, 1)]);
        if (function.Name.EndsWith('_'))
            Assert.Same(second, actual);
        foreach (var (want, have) in Tensors(expected).Zip(Tensors(actual), (want, have) => (want, have)))
            AssertSame(want, have);
        Assert.Equal(Tensors(expected).Count(), Tensors(actual).Count());
        if (expected is bool or long)
            Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(OtherNames))]
    public void A_function_under_another_name_is_the_same(string signature, string same)
    {
        using var scope = NewDisposeScope();
        var method = OfTensors.First(method => Signature(method) == signature);
        var expected = Call(Same(method, same)!, Start(same), Arguments(method, 0));
        AssertSame((Tensor)expected!, (Tensor)Call(method, Start(same), Arguments(method, 0))!);
    }

    [Fact]
    public void The_forms_are_many() => Assert.True(InPlace.Count >= 110 && Functions.Count >= 250 && OtherNames.Count >= 40, $"{InPlace.Count}, {Functions.Count}, {OtherNames.Count}");

    private static bool Callable(MethodInfo method) =>
        !method.IsGenericMethod && !method.IsSpecialName && method.GetParameters().All(parameter => !parameter.ParameterType.IsByRef && !parameter.ParameterType.IsByRefLike) &&
        (method.ReturnType == typeof(Tensor) || method.ReturnType == typeof(Tensor[]) || method.ReturnType == typeof(bool) || typeof(ITuple).IsAssignableFrom(method.ReturnType));

    private static Type[] Parameters(MethodInfo method) => Array.ConvertAll(method.GetParameters(), parameter => parameter.ParameterType);

    private static string Signature(MethodInfo method) => $"{method.Name}({string.Join(", ", Parameters(method).Select(type => (Nullable.GetUnderlyingType(type) ?? type).Name))})";

    private static MethodInfo? Other(MethodInfo inPlace) => Find(inPlace.Name[..^1], Parameters(inPlace));

    private static MethodInfo? Method(MethodInfo function) =>
        Parameters(function) is [var first, .. var rest] && first == typeof(Tensor) && !function.GetParameters().Any(parameter => parameter.Name == "out") && Find(function.Name, rest) is { } found && found.ReturnType == function.ReturnType ? found : null;

    private static MethodInfo? Same(MethodInfo method, string name) => Find(name + (method.Name.EndsWith('_') ? "_" : ""), Parameters(method));

    private static MethodInfo? Find(string name, Type[] parameters) => OfTensors.FirstOrDefault(method => method.Name == name && Parameters(method).SequenceEqual(parameters));

    private static Tensor Start(string name) => name.TrimEnd('_') switch
    {
        var given when OnIntegers.Contains(given) => arange(12, 21).reshape(3, 3).clone(),
        "addmv" or "ger" or "outer" => linspace(0.2, 0.8, 3, float64),
        _ => linspace(0.2, 0.8, 9, float64).reshape(3, 3).clone(),
    };

    private static object?[] Arguments(MethodInfo method, int from) =>
        [.. method.GetParameters().Skip(from).Select(parameter => Argument(method.Name.TrimEnd('_'), parameter))];

    private static object? Argument(string function, ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return parameter.Name switch
        {
            "mask" => Start("") > 0.5,
            "index" when function.StartsWith("scatter", StringComparison.Ordinal) || function == "gather" => arange(9).reshape(3, 3) % 3,
            "index" => tensor([2L, 0L, 1L]),
            "indices_or_sections" or "indices" when type == typeof(Tensor) => tensor([1L, 2L]),
            "vec" or "vec1" or "vec2" or "mat2" when function is "addmv" or "addr" or "ger" or "outer" => linspace(0.1, 0.5, 3, float64),
            "batch1" or "batch2" => linspace(0.1, 0.9, 18, float64).reshape(2, 3, 3),
            "boundaries" or "q" => tensor([0.3, 0.6]),
            "dim0" or "axis0" or "dimension" => 0L,
            _ when type == typeof(Tensor) && OnIntegers.Contains(function) => arange(1, 10).reshape(3, 3) % 4 + 1,
            _ when type == typeof(Tensor) => linspace(0.75, 0.25, 9, float64).reshape(3, 3),
            _ when type == typeof(Scalar) => (Scalar)0.5,
            _ when type == typeof(double) => 0.3,
            _ when type == typeof(float) => 0.5f,
            _ when type == typeof(long) => 1L,
            _ when type == typeof(int) => 1,
            _ when type == typeof(long[]) => new long[] { 1 },
            _ => parameter.HasDefaultValue ? parameter.DefaultValue : type.IsValueType ? Activator.CreateInstance(type) : null,
        };
    }

    private static object? Call(MethodInfo method, Tensor? self, object?[] arguments)
    {
        try
        {
            return method.Invoke(self, arguments);
        }
        catch (TargetInvocationException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerException!);
            throw;
        }
    }

    private static IEnumerable<Tensor> Tensors(object? result) => result switch
    {
        Tensor tensor => [tensor],
        Tensor[] list => list,
        ITuple tuple => Enumerable.Range(0, tuple.Length).Select(i => tuple[i]).OfType<Tensor>(),
        _ => [],
    };

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        // In place the type stays.
        Assert.True(actual.allclose(expected.to(actual.dtype), 1e-12, 1e-12, equal_nan: true), $"{actual.npstr()}\ninstead of {expected.npstr()}");
    }
}
