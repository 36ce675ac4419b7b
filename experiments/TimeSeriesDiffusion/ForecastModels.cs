namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>The forecasters there are: one line each.</summary>
internal static class ForecastModels
{
    public static Forecaster Create(ForecastOptions options, ForecastShape shape, InitialValues values) => options.Model switch
    {
        ForecastModel.Nsdiff => new NsDiffModel(options, shape, values),
        ForecastModel.Tmdm => new TmdmModel(options, shape, values),
        ForecastModel.Csdi => new CsdiModel(options, shape, values),
        ForecastModel.DiffusionTs => new DiffusionTsModel(options, shape, values),
        ForecastModel.Timegrad => new TimeGrad(options, shape, values),
        ForecastModel.Timediff => new TimeDiff(options, shape, values),
        ForecastModel.Gaussian => new GaussianForecaster(options, shape, values),
        ForecastModel.SeasonalNaive => new SeasonalNaive(options, shape, values),
        ForecastModel.Deepar => new Deepar(shape, values),
        ForecastModel.Quantile => new QuantileForecaster(shape, values),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Model, "No such forecaster."),
    };

    /// <summary>What predicts the mean.</summary>
    public static MeanForecaster Mean(ForecastOptions options, ForecastShape shape, InitialValues values) => options.Backbone switch
    {
        ForecastBackbone.Transformer => new NonStationaryTransformer(options, shape, values),
        ForecastBackbone.Dlinear => new DLinear(shape, values),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Backbone, "No such forecaster of the mean."),
    };
}
