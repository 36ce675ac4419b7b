using Repro.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers of a device.</summary>
    public sealed class Generator : IDisposable
    {
        private nint handle;

        /// <summary>A stream of its own, apart from the device's default one.</summary>
        public unsafe Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            nint made;
            Native.Check(Native.rt_generator_new((int)this.device.type, this.device.index, seed, &made), "Generator");
            handle = made;
        }

        private Generator(nint handle, Device device)
        {
            this.handle = handle;
            this.device = device;
        }

        ~Generator() => Free();

        /// <summary>The CPU's default stream.</summary>
        public static Generator Default => OfDevice(CPU);

        public IntPtr Handle => handle != 0 ? handle : throw new InvalidOperationException("Generator invalid -- empty handle.");

        public Device device { get; }

        /// <summary>The default stream of a device.</summary>
        internal static unsafe Generator OfDevice(Device device)
        {
            nint found;
            Native.Check(Native.rt_generator_default((int)device.type, device.index, &found), "Generator.Default");
            return new Generator(found, device);
        }

        /// <summary>The whole state; put back by <see cref="set_state"/>, the same numbers follow.</summary>
        public unsafe Tensor get_state()
        {
            nint state;
            Native.Check(Native.rt_generator_state(Handle, &state), "Generator.get_state");
            GC.KeepAlive(this);
            return new Tensor(state);
        }

        public void set_state(Tensor value)
        {
            Native.Check(Native.rt_generator_set_state(Handle, value.Handle), "Generator.set_state");
            GC.KeepAlive(value);
            GC.KeepAlive(this);
        }

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.rt_generator_set_seed(Handle, unchecked((ulong)seed)), "Generator.manual_seed");
            GC.KeepAlive(this);
            return this;
        }

        /// <summary>Seeds the stream from the system's randomness, and says with what.</summary>
        public unsafe long seed()
        {
            ulong chosen;
            Native.Check(Native.rt_generator_random_seed(Handle, &chosen), "Generator.seed");
            GC.KeepAlive(this);
            return unchecked((long)chosen);
        }

        public unsafe long initial_seed()
        {
            ulong seed;
            Native.Check(Native.rt_generator_seed(Handle, &seed), "Generator.initial_seed");
            GC.KeepAlive(this);
            return unchecked((long)seed);
        }

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            var taken = Interlocked.Exchange(ref handle, 0);
            if (taken != 0)
                Native.rt_generator_release(taken);
        }
    }

    public static partial class random
    {
        public static long seed() => Generator.Default.seed();

        public static long initial_seed() => Generator.Default.initial_seed();

        /// <summary>Seeds the default stream of every device.</summary>
        public static Generator manual_seed(long seed)
        {
            Native.Check(Native.rt_manual_seed(unchecked((ulong)seed)), "manual_seed");
            return Generator.Default;
        }

        public static Tensor get_rng_state() => Generator.Default.get_state();

        public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
    }

    public static long seed() => random.seed();

    public static long initial_seed() => random.initial_seed();

    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static Tensor get_rng_state() => random.get_rng_state();

    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    /// <summary>Threads that work inside one operator.</summary>
    public static int get_num_threads() => Native.rt_num_threads();

    public static void set_num_threads(int num) => Native.Check(Native.rt_set_num_threads(num), "set_num_threads");

    public static int get_num_interop_threads() => Native.rt_num_interop_threads();

    public static void set_num_interop_threads(int num) => Native.Check(Native.rt_set_num_interop_threads(num), "set_num_interop_threads");
}
