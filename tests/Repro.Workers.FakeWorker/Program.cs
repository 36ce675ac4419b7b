using System.Globalization;
using Repro.Workers.FakeWorker;

// work: a worker. host STORE SWEEP FOLDER: a host with two slots of such workers, which says a line for everything that happens.
// decide STORE COUNT: so many decisions in a SQLite file, one after another. put OBJECTS KEY FILE: stores a file.
// pack OBJECTS BUILD, unpack OBJECTS BUNDLE CACHE: code; says the bundle's id, or its folder.
return args switch
{
    ["work"] => FakeWorkerLoop.Run(Console.In, Console.Out),
    ["host", var store, var sweep, var folder] => await FakeHost.Run(store, sweep, folder, Console.Out),
    ["decide", var store, var count] => FakeDecisions.Run(store, int.Parse(count, CultureInfo.InvariantCulture), Console.Out, Console.Error),
    ["put", var objects, var key, var file] => FakeTransfers.Put(objects, key, file),
    ["pack", var objects, var build] => FakeTransfers.Pack(objects, build, Console.Out),
    ["unpack", var objects, var bundle, var cache] => FakeTransfers.Unpack(objects, bundle, cache, Console.Out),
    _ => 2,
};
