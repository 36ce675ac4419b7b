using Repro.Experiments.Lstm;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Lstm;

public sealed class LstmModelTests
{
    // Word vectors, two layers with two matrices and two biases of four gates each, the decoder.
    [Theory]
    [InlineData("paper", 4_653_200)]
    [InlineData("medium", 19_780_400)]
    [InlineData("large", 66_034_000)]
    public void Parameters_are_as_many_as_the_papers_sizes_have(string profile, long expected)
    {
        var options = (LstmOptions)new LstmExperiment().Profiles.Single(p => p.Name == profile).Options;
        using var model = new LstmEnsemble(options with { Members = 1 }, words: 10_000, seed: 0);
        Assert.Equal(expected, model.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void Parameters_begin_uniform_in_the_range_and_depend_on_the_seed_alone()
    {
        var options = new LstmOptions { Hidden = 20, InitRange = 0.05 };
        using var one = new LstmEnsemble(options, 50, seed: 3);
        using var three = new LstmEnsemble(options with { Members = 3 }, 50, seed: 3);
        foreach (var (name, parameter) in one.named_parameters())
        {
            Assert.InRange(parameter.abs().max().item<float>(), 0.03, 0.05);
            Assert.True(parameter.allclose(three.get_parameter(name)!, 0, 0), name);
        }
        Assert.False(three.get_parameter("members.0.decoder.weight")!.allclose(three.get_parameter("members.1.decoder.weight")!));
    }

    [Fact]
    public void A_step_of_one_unit_is_what_the_equations_of_section_3_1_give_by_hand()
    {
        using var model = new LstmModel(2, 1, 1, 0, 0, 0.1, new InitialValues(0));
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        // The word's number is 2 and h_0 is 1. Sums, gate by gate, of the word's part, the state's and two biases: ln 3, -ln 3, ln 2 and 0, of which
        // sigm(ln 3) = 3/4, sigm(-ln 3) = 1/4, tanh(ln 2) = 3/5, sigm(0) = 1/2.
        var (three, two) = ((float)Math.Log(3), (float)Math.Log(2));
        InitialValues.Set(parameters["embedding.weight"], [0, 2]);
        InitialValues.Set(parameters["layers.0.weight_ih_l0"], [0.5f * three, -0.5f * three, 0, 1]);     // input, forget, candidate, output
        InitialValues.Set(parameters["layers.0.weight_hh_l0"], [0, 0, two, -2]);
        InitialValues.Set(parameters["layers.0.bias_ih_l0"], [0.25f, 0.5f, 0.5f, 1]);
        InitialValues.Set(parameters["layers.0.bias_hh_l0"], [-0.25f, -0.5f, -0.5f, -1]);
        InitialValues.Set(parameters["decoder.weight"], [0, 1]);
        InitialValues.Set(parameters["decoder.bias"], [0, 0]);
        using var state = new LstmState([(tensor(new[] { 1f }).view(1, 1, 1), tensor(new[] { 2f }).view(1, 1, 1))]);
        var (logits, next) = model.call(tensor(new[] { 1L }).view(1, 1), state);
        const double Cell = (0.25 * 2) + (0.75 * 0.6);
        Assert.Equal(Cell, next.Layers[0].Cell.item<float>(), 1e-6);
        Assert.Equal(0.5 * Math.Tanh(Cell), next.Layers[0].Hidden.item<float>(), 1e-6);
        Assert.Equal(0.5 * Math.Tanh(Cell), logits[0, 0, 1].item<float>(), 1e-6);
    }

    [Fact]
    public void Two_pieces_with_the_state_carried_over_give_what_one_long_piece_gives()
    {
        using var model = new LstmModel(7, 2, 4, 0, 0, 0.5, new InitialValues(1));
        using var text = tensor(Enumerable.Range(0, 10).Select(i => (long)(i * i % 7)).ToArray()).view(5, 2);
        using var begin = model.Begin(2);
        var (whole, _) = model.call(text, begin);
        var (first, between) = model.call(text.narrow(0, 0, 2), begin);
        var (second, _) = model.call(text.narrow(0, 2, 3), between.Detached());
        Assert.True(cat([first, second], 0).allclose(whole, atol: 1e-6));
        // The state matters: from zeros the second piece is another.
        var (alone, _) = model.call(text.narrow(0, 2, 3), begin);
        Assert.False(alone.allclose(second, atol: 1e-4));
    }
}
