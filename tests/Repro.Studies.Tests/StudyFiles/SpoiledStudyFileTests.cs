using Repro.Studies.Randomness;
using Repro.Studies.StudyFiles;

namespace Repro.Studies.Tests.StudyFiles;

public class SpoiledStudyFileTests
{
    private const string Good = """
        experiment: net
        profile: sweep
        parameters:
          learning_rate: log:1e-4..1
          weight_decay: {type: log_float, low: 1e-6, high: 1e-2, role: nuisance}
          depth: {values: [8, 20], when: {network: residual}}
          network: residual,plain
          width: {role: fixed, value: 8}
        constraints: ["learning_rate > weight_decay"]
        pruner: {name: asha_stopping, least: 3, most: 30}
        objective: {metric: validation_error, direction: minimize}
        budget: {trials: 40, wall_time: 2h, gpu_hours: 3}
        retries: {crash: 2}
        notes: "Why?"
        tags: {asked-by: ada}

        """;

    private static readonly string[] Pieces = ["\n", " ", ":", ",", "[", "]", "{", "}", "\"", "'", "#", "-", "&a ", "*a", "!", "|", ">", "%", "@", "`", "?", "\t", "0", "1e400", "-1", ".nan", "é", "\0", "..", "~", "null", "<<: "];

    [Fact]
    public void However_a_file_is_spoiled_it_is_read_or_refused_with_its_place()
    {
        var (read, refused) = (0, 0);
        for (var i = 0; i < 3000; i++)
        {
            var random = new Philox(11, RandomPurpose.Checks, i);
            var text = Good;
            for (var change = random.NextInt32(3); change >= 0; change--)
            {
                var at = random.NextInt32(text.Length);
                text = random.NextInt32(4) switch
                {
                    0 => text.Remove(at, Math.Min(1 + random.NextInt32(8), text.Length - at)),
                    1 => text.Insert(at, Pieces[random.NextInt32(Pieces.Length)]),
                    2 => text.Insert(at, text.Substring(random.NextInt32(text.Length - 20), 20)),
                    _ => text[..at] + Pieces[random.NextInt32(Pieces.Length)] + text[(at + 1)..],
                };
            }
            try
            {
                var study = StudyFile.Read(text, "study.yaml", NetSubject.All);
                Assert.Equal(study, StudyFile.Read(study.Text, "study.yaml", NetSubject.All));
                read++;
            }
            catch (BadInputException e)
            {
                Assert.Matches(@"^study\.yaml, line \d+, column \d+: .*\.$", e.Message.ReplaceLineEndings(" "));
                refused++;
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{e.GetType().Name}: {e.Message} on\n{text}");
            }
        }
        Assert.True(read > 20 && refused > 1000, $"{read} read, {refused} refused");
    }
}
