using System.Globalization;
using Repro.Workers.FakeWorker;

// work: a worker. host STORE SWEEP FOLDER: a host with two slots of such workers, which says a line for everything that happens.
// decide STORE COUNT: so many decisions in a SQLite file, one after another. put OBJECTS KEY FILE: stores a file. unpack OBJECTS BUNDLE CACHE: code.
return args switch
{
    ["work"] => FakeWorkerLoop.Run(Console.In, Console.Out),
    ["host", var store, var sweep, var folder] => await FakeHost.Run(store, sweep, folder, Console.Out),
    ["decide", var store, var count] => FakeDecisions.Run(store, int.Parse(count, CultureInfo.InvariantCulture), Console.Out, Console.Error),
    ["put", var objects, var key, var file] => FakeTransfers.Put(objects, key, file),
    _ => 2,
};
