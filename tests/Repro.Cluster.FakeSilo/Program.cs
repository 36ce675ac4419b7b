#if ORLEANS
using Repro.Cluster.FakeSilo;

// NAME IP PORT GATEWAY STORE FIRST FOLDER SLOTS WORKERS: a silo; FIRST is the port of the first one, where STORE is a SQLite file; WORKERS is processes, or none,
// where every run completes at once.
// submit STORE SWEEP OPTIONS TRIALS: a client that submits a sweep of such runs and follows it.
return args switch
{
    [var name, var ip, var port, var gateway, var store, var first, var folder, var slots, var workers] =>
        await FakeSiloProgram.Run(name, ip, int.Parse(port), int.Parse(gateway), new FakeMeeting(store, int.Parse(first)), folder, int.Parse(slots), workers == "processes"),
    ["submit", var store, var sweep, var options, var trials] => await FakeClient.SubmitAndFollow(store, sweep, options, int.Parse(trials)),
    _ => 2,
};
#else
return 3;
#endif
