#if ORLEANS
using Repro.Cluster.FakeSilo;

// NAME IP PORT GATEWAY STORE FOLDER SLOTS WORKERS: a silo; WORKERS is processes, or none, where every run completes at once.
return args is [var name, var ip, var port, var gateway, var store, var folder, var slots, var workers]
    ? await FakeSiloProgram.Run(name, ip, int.Parse(port), int.Parse(gateway), store, folder, int.Parse(slots), workers == "processes")
    : 2;
#else
return 3;
#endif
