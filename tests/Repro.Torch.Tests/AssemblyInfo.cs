// Counts of live tensors, threads and default types belong to the process.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
