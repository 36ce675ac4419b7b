using System.Runtime.InteropServices;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Files in TorchSharp's own format: the number of entries, then name and tensor of each.
        public partial class Module
        {
            public Module save(string location, IList<string>? skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            public Module save(Stream stream, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string>? skip = null)
            {
                var entries = sd.Where(entry => skip is null || !skip.Contains(entry.Key)).ToList();
                writer.Encode(entries.Count);
                foreach (var (name, tensor) in entries)
                {
                    writer.Write(name);
                    tensor.Save(writer);
                }
                writer.Flush();
            }

            public virtual Module load(string location, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            public Module load(Stream stream, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
                return load(reader, strict, skip, loadedParameters);
            }

            /// <param name="strict">The file must have exactly this module's names.</param>
            /// <param name="skip">Names whose values stay as they are.</param>
            /// <param name="loadedParameters">Filled with every name in the file, and whether the module has it.</param>
            /// <exception cref="EndOfStreamException">The file ends early. The module stays as it was, here as after every error.</exception>
            /// <exception cref="InvalidDataException">It is no such file.</exception>
            public virtual Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                var own = state_dict();
                using var scope = NewDisposeScope();
                var read = ReadEntries(reader, own, strict);
                var pairs = read.Where(entry => own.ContainsKey(entry.Name) && skip?.Contains(entry.Name) != true).Select(entry => (entry.Name, entry.Value, Target: own[entry.Name])).ToList();
                foreach (var (name, value, target) in pairs)
                    target.CheckLike(value, $" '{name}'");
                using var grad = no_grad();
                foreach (var (_, value, target) in pairs)
                    target.copy_(value);
                foreach (var (name, _) in read)
                    loadedParameters?.Add(name, own.ContainsKey(name));
                return this;
            }

            // Everything before the first copy: half a file must not become half a model.
            private static List<(string Name, Tensor Value)> ReadEntries(BinaryReader reader, Dictionary<string, Tensor> own, bool strict)
            {
                try
                {
                    var entries = reader.Decode();
                    if (strict && entries != own.Count)
                        throw new ArgumentException($"Mismatched state_dict sizes: expected {own.Count}, but found {entries} entries.");
                    var read = new List<(string Name, Tensor Value)>();
                    for (long i = 0; i < entries; i++)
                        read.Add((ReadName(reader, own, strict), TensorExtensionMethods.Load(reader)));
                    return read;
                }
                catch (Exception error) when (error is IOException or InvalidDataException or FormatException or OverflowException or ExternalException)
                {
                    var file = reader.BaseStream is FileStream { Name: var path } ? path : "The stream";
                    var message = $"{file} is no model file, or damaged: {error.Message}";
                    throw error is EndOfStreamException ? new EndOfStreamException(message, error) : new InvalidDataException(message, error);
                }
            }

            private static string ReadName(BinaryReader reader, Dictionary<string, Tensor> own, bool strict) =>
                reader.ReadString() is var name && strict && !own.ContainsKey(name)
                    ? throw new ArgumentException($"Mismatched module state names: the target modules does not have a submodule or buffer named '{name}'")
                    : name;

            public static Module Create<T>(string path) where T : Module, new() => new T().load(path);
        }
    }

    public partial class Tensor
    {
        public static Tensor load(string location)
        {
            using var reader = new BinaryReader(File.OpenRead(location));
            return TensorExtensionMethods.Load(reader);
        }

        public void save(string location) => this.Save(location);
    }

    public static void save(Tensor t, string location) => t.Save(location);

    public static Tensor load(string location) => Tensor.load(location);
}
