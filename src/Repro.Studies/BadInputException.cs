namespace Repro.Studies;

/// <summary>
/// Something that a person gave is wrong: a name, a value, a file. The message is a sentence for that person (the rule, the actual value,
/// the place, what to do next) and is shown without a stack trace; the program ends with exit code 2.
/// </summary>
public class BadInputException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What a run is to go on with, or to be asked with, are other data than it was trained on: the same command with the same folder of data cannot help.</summary>
public sealed class OtherDataException(string message) : BadInputException(message);

/// <summary>
/// A component or a data set is not there on this machine. The message says what is missing, what that means and the command that mends it;
/// the program ends with exit code 3.
/// </summary>
public sealed class MissingComponentException(string message, Exception? inner = null) : Exception(message, inner);
