namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        public static partial class functional
        {
            /// <summary>All first derivatives at <paramref name="inputs"/>, one row of backward passes per output.</summary>
            /// <returns>
            /// For each output, for each input, a tensor (shape of the output, then shape of the input); the inputs of one output stand
            /// together. Zero where an output does not depend on an input. No graph goes through them.
            /// </returns>
            public static IEnumerable<Tensor> jacobian(Func<Tensor[], Tensor[]> function, params Tensor[] inputs)
            {
                using var scope = NewDisposeScope();
                using var gradients = enable_grad();
                Tensor[] points = [.. inputs.Select(input => input.detach().requires_grad_())];
                List<Tensor> blocks = [];
                foreach (var output in function(points))
                    blocks.AddRange(Rows(output, points).Select(block => block.MoveToOuterDisposeScope()));
                return blocks;
            }

            public static Tensor jacobian(Func<Tensor, Tensor> function, Tensor inputs) =>
                jacobian(points => [function(points[0])], [inputs]).Single();

            public static IEnumerable<Tensor> jacobian(Func<Tensor, Tensor[]> function, Tensor inputs) =>
                jacobian(points => function(points[0]), [inputs]);

            public static IEnumerable<Tensor> jacobian(Func<Tensor[], Tensor> function, params Tensor[] inputs) =>
                jacobian(points => [function(points)], inputs);

            private static IEnumerable<Tensor> Rows(Tensor output, Tensor[] points)
            {
                var flat = output.reshape(-1);
                var rows = new List<Tensor>[points.Length];
                for (var input = 0; input < points.Length; input++)
                    rows[input] = [];
                for (long element = 0; element < flat.numel(); element++)
                {
                    var slopes = flat.requires_grad ? grad([flat[element]], points, retain_graph: true, allow_unused: true) : [];
                    for (var input = 0; input < points.Length; input++)
                        rows[input].Add(slopes.ElementAtOrDefault(input) is { IsInvalid: false } slope ? slope : zeros_like(points[input]));
                }
                return rows.Select((ofInput, input) =>
                    (ofInput.Count == 0 ? points[input].new_empty(0) : stack(ofInput)).reshape([.. output.shape, .. points[input].shape]));
            }
        }
    }
}
