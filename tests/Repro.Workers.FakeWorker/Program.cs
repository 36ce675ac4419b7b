using Repro.Workers.FakeWorker;

// work: a worker. host STORE SWEEP FOLDER: a host with two slots of such workers, which says a line for everything that happens.
return args switch
{
    ["work"] => FakeWorkerLoop.Run(Console.In, Console.Out),
    ["host", var store, var sweep, var folder] => await FakeHost.Run(store, sweep, folder, Console.Out),
    _ => 2,
};
