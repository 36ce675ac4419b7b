namespace TorchSharp.Modules;

/// <summary>Scale, shift and running statistics of a normalization over channels.</summary>
public abstract class NormBase : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private Parameter? ownWeight;
    private Parameter? ownBias;
    private torch.Tensor? mean;
    private torch.Tensor? variance;
    private torch.Tensor? batches;

    protected NormBase(
        long num_features, double eps, double? momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype, string name) : base(name)
    {
        this.num_features = num_features;
        this.eps = eps;
        this.momentum = momentum;
        this.affine = affine;
        this.track_running_stats = track_running_stats;
        if (affine)
        {
            weight = new Parameter(torch.empty(num_features, dtype, device));
            bias = new Parameter(torch.empty(num_features, dtype, device));
        }
        if (track_running_stats)
        {
            running_mean = torch.zeros(num_features, dtype, device);
            running_var = torch.ones(num_features, dtype, device);
            num_batches_tracked = torch.tensor(0L, device: device);
        }
        reset_parameters();
    }

    public long num_features { get; private set; }

    public double eps { get; set; }

    /// <summary>Share of the newest batch in the running statistics; null averages over all batches.</summary>
    public double? momentum { get; set; }

    public bool affine { get; private set; }

    public bool track_running_stats { get; private set; }

    public Parameter weight
    {
        get => ownWeight!;
        set => ConditionallyRegisterParameter(nameof(weight), ownWeight = (Parameter?)value?.DetachFromDisposeScope());
    }

    public Parameter? bias
    {
        get => ownBias;
        set => ConditionallyRegisterParameter(nameof(bias), ownBias = (Parameter?)value?.DetachFromDisposeScope());
    }

    public torch.Tensor? running_mean
    {
        get => mean;
        set => ConditionallyRegisterBuffer(nameof(running_mean), mean = value?.DetachFromDisposeScope());
    }

    public torch.Tensor? running_var
    {
        get => variance;
        set => ConditionallyRegisterBuffer(nameof(running_var), variance = value?.DetachFromDisposeScope());
    }

    public torch.Tensor? num_batches_tracked
    {
        get => batches;
        set => ConditionallyRegisterBuffer(nameof(num_batches_tracked), batches = value?.DetachFromDisposeScope());
    }

    /// <exception cref="ArgumentException">The layer does not take an input of so many dimensions.</exception>
    protected abstract void ValidateInputDimensions(torch.Tensor input);

    private protected void Expect(torch.Tensor input, int few, int many)
    {
        var dimensions = input.dim();
        if (dimensions < few || dimensions > many)
            throw new ArgumentException($"{GetName()}: expected an input of {(few == many ? $"{few}" : $"{few} or {many}")} dimensions, but got {dimensions}");
    }

    public void reset_running_stats()
    {
        running_mean?.zero_();
        running_var?.fill_(1);
        num_batches_tracked?.zero_();
    }

    public void reset_parameters()
    {
        reset_running_stats();
        if (!affine)
            return;
        torch.nn.init.ones_(weight);
        torch.nn.init.zeros_(bias!);
    }
}
