using System.Runtime.InteropServices;
using System.Text;
using Repro.Torch.Dispatch;

namespace Repro.Torch.Tests;

public unsafe class ManifestTests
{
    /// <summary>Schemas of a later libtorch by full name; written by tests/peers/later_schemas.py.</summary>
    private static readonly Dictionary<string, string> Later = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "later_schemas.txt"))
        .Where(line => !line.StartsWith('#')).ToDictionary(schema => schema[..schema.IndexOf('(', StringComparison.Ordinal)]);

    [Fact]
    public void Every_operator_is_right_to_call_in_a_later_libtorch_or_declared_with_what_the_engine_does_there()
    {
        var differences = Ops.All.Where(op => !Later.TryGetValue(op.FullName, out var schema) || SchemaText.Difference(op.Schema, schema) is not null).Select(op => op.FullName);
        Assert.Equal(LaterOperators.Coped.Keys.Order(StringComparer.Ordinal), differences.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_manifest_holds_every_operator_and_fits_the_loaded_libtorch()
    {
        var names = Encoding.UTF8.GetString(Ops.Manifest).Split('\n').Select(line => line.Split(' ')[0]);
        Assert.Equal(Ops.All.Select(op => op.FullName).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
        Assert.Empty(Runtime.CheckOperators());
        Assert.Empty(Suspects(Ops.Manifest));
    }

    [Theory]
    [InlineData("aten::relu 1 00000000", "aten::relu", "aten::relu(Tensor self)")] // another hash
    [InlineData("aten::relu 2 00000000", "aten::relu", "aten::relu(Tensor self)")] // more arguments than it has
    [InlineData("aten::flatten.using_ints 1 00000000", "aten::flatten.using_ints", "start_dim=0")]
    [InlineData("aten::no_such_thing 1 00000000", "aten::no_such_thing", "")]
    public void A_misfit_is_reported_with_the_schema_that_is_there(string line, string name, string schema)
    {
        var parts = Assert.Single(Suspects(Encoding.UTF8.GetBytes($"aten::no_such_thing\n{line}\n").AsSpan()["aten::no_such_thing\n".Length..])).Split('\t');
        Assert.Equal(name, parts[0]);
        Assert.Contains(schema, parts[1], StringComparison.Ordinal);
        Assert.Equal(schema.Length == 0, parts[1].Length == 0);
    }

    [Theory]
    [InlineData("aten::add.Tensor(Tensor self, Tensor other, Scalar factor) -> Tensor", null, "argument 3 is 'alpha', not 'factor'")]
    [InlineData("aten::add.Tensor(Tensor self) -> Tensor", null, "it needs a further argument 'other'")]
    [InlineData("aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> (Tensor, Tensor)", null, "it returns Tensor, not Tensor, Tensor")]
    [InlineData("aten::add.Tensor(Tensor self, Scalar other) -> Tensor", "aten::add.Tensor(Tensor self) -> Tensor", "is of type Tensor, not Scalar")]
    public void A_misfit_names_the_operator_what_differs_and_the_schemas(string declared, string? later, string difference)
    {
        const string actual = "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor";
        var misfit = new Operator(declared, later).Misfit(actual)!;
        Assert.Contains("aten::add.Tensor", misfit, StringComparison.Ordinal);
        Assert.Contains(difference, misfit, StringComparison.Ordinal);
        Assert.Contains($"written for: {declared}", misfit, StringComparison.Ordinal);
        Assert.Contains($"this libtorch: {actual}", misfit, StringComparison.Ordinal);
        Assert.Equal(later is not null, misfit.Contains($"or:          {later}", StringComparison.Ordinal) && later is not null);
    }

    [Fact]
    public void An_operator_fits_by_its_later_schema_too_and_one_that_is_gone_is_named()
    {
        var renamed = new Operator("aten::f(Tensor self, int? old=None) -> Tensor", "aten::f(Tensor self, int? young=None) -> Tensor");
        Assert.Null(renamed.Misfit("aten::f(Tensor self, SymInt? young=None, bool more=False) -> Tensor"));
        Assert.Contains("This libtorch has no operator aten::f", renamed.Misfit(""), StringComparison.Ordinal);
    }

    private static string[] Suspects(ReadOnlySpan<byte> manifest)
    {
        _ = Runtime.Version;
        var check = (delegate* unmanaged<byte*, long, byte**, int>)NativeLibrary.GetExport(NativeLibrary.Load(Runtime.ShimPath), "rt_check_operators");
        byte* lines;
        fixed (byte* text = manifest)
            Assert.Equal(0, check(text, manifest.Length, &lines));
        return Marshal.PtrToStringUTF8((nint)lines)!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
