# shellcheck shell=bash
# A training step allocates and frees the same large blocks again and again; by default malloc gives each back to the kernel and faults it
# in anew (measured: 38,000 page faults a step of a small residual net, none with these). 32 MiB is the largest threshold glibc takes.
export MALLOC_MMAP_THRESHOLD_=${MALLOC_MMAP_THRESHOLD_:-33554432} MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_:-4294967296}
export MALLOC_TOP_PAD_=${MALLOC_TOP_PAD_:-67108864}
