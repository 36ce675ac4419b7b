using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch.Dispatch;

/// <summary>One operator of libtorch, named by the schema this program was written against.</summary>
/// <remarks>
/// Resolved on its first call, and then its declared schemas are compared with the one libtorch has (<see cref="OperatorManifest"/>
/// has looked at all of them when the engine was loaded). Arguments go by position; those left out at the end take the schema's
/// defaults, so that a libtorch that added one still works.
/// </remarks>
internal sealed unsafe class Operator
{
    private const int MostResults = 6;
    private readonly Lock gate = new();
    private nint handle;

    /// <param name="schema">As libtorch prints it: <c>aten::relu(Tensor self) -> Tensor</c>.</param>
    /// <param name="later">Of a later libtorch, where it is another.</param>
    public Operator(string schema, string? later = null)
    {
        Schema = schema;
        LaterSchema = later;
        FullName = schema[..schema.IndexOf('(', StringComparison.Ordinal)];
    }

    /// <summary>An operator that only later versions of libtorch have; null where this one has it not.</summary>
    public static Operator? IfPresent(string schema)
    {
        var wanted = new Operator(schema);
        try
        {
            wanted.Resolve();
            return wanted;
        }
        catch (ExternalException)
        {
            return null;
        }
    }

    public string Schema { get; }

    public string? LaterSchema { get; }

    /// <summary>With the overload: <c>aten::add.Tensor</c>.</summary>
    public string FullName { get; }

    /// <summary>The schema of the libtorch that is loaded.</summary>
    public string ActualSchema() => Marshal.PtrToStringUTF8((nint)Native.rt_operator_schema(Resolved()))!;

    /// <summary>Calls an operator that returns one tensor.</summary>
    [SkipLocalsInit]
    public torch.Tensor Call(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        return new torch.Tensor(results[0].Pointer);
    }

    [SkipLocalsInit]
    public (torch.Tensor, torch.Tensor) CallTwo(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        return (new torch.Tensor(results[0].Pointer), new torch.Tensor(results[1].Pointer));
    }

    [SkipLocalsInit]
    public (torch.Tensor, torch.Tensor, torch.Tensor) CallThree(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        return (new torch.Tensor(results[0].Pointer), new torch.Tensor(results[1].Pointer), new torch.Tensor(results[2].Pointer));
    }

    [SkipLocalsInit]
    public (torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor) CallFour(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        return (new torch.Tensor(results[0].Pointer), new torch.Tensor(results[1].Pointer), new torch.Tensor(results[2].Pointer), new torch.Tensor(results[3].Pointer));
    }

    /// <summary>Calls an operator of whose tensors only the first is wanted.</summary>
    [SkipLocalsInit]
    public torch.Tensor CallFirst(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        var produced = Invoke(arguments, results);
        for (var i = 1; i < produced; i++)
            if (results[i].Tag == Tag.Tensor && results[i].Pointer != 0)
                Native.rt_tensor_release(results[i].Pointer);
        return new torch.Tensor(results[0].Pointer);
    }

    /// <summary>Calls an operator that returns a list of tensors.</summary>
    [SkipLocalsInit]
    public torch.Tensor[] CallList(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        var tensors = new torch.Tensor[results[0].Count];
        var handles = (nint*)results[0].Pointer;
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = new torch.Tensor(handles[i]);
        Native.rt_free(results[0].Pointer);
        return tensors;
    }

    /// <summary>Calls an operator that works in place, whose tensors the caller has already, and gives <paramref name="self"/> back.</summary>
    [SkipLocalsInit]
    public torch.Tensor CallInPlace(torch.Tensor self, params ReadOnlySpan<Argument> others)
    {
        var results = stackalloc NativeValue[MostResults];
        Span<Argument> arguments = [default, default, default, default, default, default, default, default];
        arguments[0] = self;
        others.CopyTo(arguments[1..]);
        var produced = Invoke(arguments[..(others.Length + 1)], results);
        for (var i = 0; i < produced; i++)
            if (results[i].Tag == Tag.Tensor && results[i].Pointer != 0)
                Native.rt_tensor_release(results[i].Pointer);
        return self;
    }

    /// <summary>Calls an operator that returns nothing.</summary>
    [SkipLocalsInit]
    public void Run(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
    }

    /// <summary>Calls an operator that returns a number or a truth value.</summary>
    [SkipLocalsInit]
    public Scalar CallScalar(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        return results[0].Tag switch
        {
            Tag.Int => new Scalar(ScalarKind.Integer, results[0].Integer),
            Tag.Double => new Scalar(ScalarKind.Real, results[0].Integer),
            Tag.Bool => new Scalar(ScalarKind.Boolean, results[0].Integer),
            Tag.Complex => Complex(results[0].Pointer),
            _ => throw new NotSupportedException($"{FullName} gave no number of a kind that this engine supports ({results[0].Tag})."),
        };
    }

    private static Scalar Complex(nint parts)
    {
        var number = new System.Numerics.Complex(((double*)parts)[0], ((double*)parts)[1]);
        Native.rt_free(parts);
        return number;
    }

    /// <summary>What is wrong with a libtorch that has this operator under the schema given; null where calls written here stay right.</summary>
    /// <param name="actual">Empty: it has no such operator.</param>
    public string? Misfit(string actual)
    {
        if (actual.Length == 0)
            return $"This libtorch has no operator {FullName}.\n  written for: {Schema}\n{Advice}";
        if (SchemaText.Difference(Schema, actual) is not { } difference || (LaterSchema is not null && SchemaText.Difference(LaterSchema, actual) is null))
            return null;
        var both = LaterSchema is null ? Schema : $"{Schema}\n  or:          {LaterSchema}";
        return $"Operator {FullName} is not the one this program was written for: {difference}.\n  written for: {both}\n  this libtorch: {actual}\n{Advice}";
    }

    private const string Advice = "Use a libtorch between 1.13 and the newest 2.x that was tested.";

    [SkipLocalsInit]
    private int Invoke(ReadOnlySpan<Argument> arguments, NativeValue* results)
    {
        var values = stackalloc NativeValue[arguments.Length];
        var words = 0;
        foreach (ref readonly var argument in arguments)
            if (argument.Tag >= Tag.IntList)
                words += argument.ScratchWords;
        const int stackWords = 64;
        var scratch = stackalloc long[stackWords];
        var pinned = words > stackWords ? GC.AllocateUninitializedArray<long>(words, pinned: true) : null;
        if (pinned is not null)
            scratch = (long*)Unsafe.AsPointer(ref pinned[0]);
        for (var i = 0; i < arguments.Length; i++)
            arguments[i].Write(ref values[i], ref scratch, FullName);
        int produced;
        if (Native.rt_call(Resolved(), values, arguments.Length, results, MostResults, &produced) != 0)
            Native.Throw(FullName);
        if (NanWatch.Active is { } watch)
            watch.Look(FullName, arguments, results, produced);
        Argument.KeepAlive(arguments);
        GC.KeepAlive(pinned);
        return produced;
    }

    private nint Resolved() => handle != 0 ? handle : Resolve();

    private nint Resolve()
    {
        lock (gate)
        {
            if (handle != 0)
                return handle;
            var dot = FullName.IndexOf('.', StringComparison.Ordinal);
            var name = Encoding.UTF8.GetBytes((dot < 0 ? FullName : FullName[..dot]) + '\0');
            var overload = Encoding.UTF8.GetBytes((dot < 0 ? "" : FullName[(dot + 1)..]) + '\0');
            nint found;
            fixed (byte* namePointer = name, overloadPointer = overload)
                Native.Check(Native.rt_operator(namePointer, overloadPointer, &found), FullName);
            var actual = Marshal.PtrToStringUTF8((nint)Native.rt_operator_schema(found))!;
            if (Misfit(actual) is { } misfit)
                throw new EngineMissingException(misfit);
            return handle = found;
        }
    }
}
