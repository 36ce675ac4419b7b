#if ORLEANS
using Repro.Cluster.FakeSilo;

// NAME IP PORT GATEWAY STORE FOLDER SLOTS WORKERS: a silo; WORKERS is processes, or none, where every run completes at once.
// submit STORE SWEEP OPTIONS TRIALS: a client that submits a sweep of such runs and follows it.
return args switch
{
    [var name, var ip, var port, var gateway, var store, var folder, var slots, var workers] =>
        await FakeSiloProgram.Run(name, ip, int.Parse(port), int.Parse(gateway), store, folder, int.Parse(slots), workers == "processes"),
    ["submit", var store, var sweep, var options, var trials] => await FakeClient.SubmitAndFollow(store, sweep, options, int.Parse(trials)),
    _ => 2,
};
#else
return 3;
#endif
