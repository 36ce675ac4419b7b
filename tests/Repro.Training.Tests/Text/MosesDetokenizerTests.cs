using Repro.Training.Text;

namespace Repro.Training.Tests.Text;

public class MosesDetokenizerTests
{
    // The second and third are sacremoses' own examples (test_tokenizer.py); the last two are Multi30k's.
    [Theory]
    [InlineData("en", "Hello , world ! ( twice )", "Hello, world! (twice)")]
    [InlineData("en", "This ain &apos;t funny . It &apos;s actually hillarious , yet double Ls . &#124; &#91; &#93; &lt; &gt; &#91; &#93; &amp; You &apos;re gonna shake it off ? Don &apos;t ?",
        "This ain't funny. It's actually hillarious, yet double Ls. | [] < > [] & You're gonna shake it off? Don't?")]
    [InlineData("en", "foo @-@ bar", "foo-bar")]
    [InlineData("en", "the Jones &apos; house costs $ 5 , &quot; he &quot; said &apos; so &apos; .", "the Jones' house costs $5, \"he\" said 'so'.")]
    [InlineData("de", "ich hab &apos; s", "ich hab 's")]
    [InlineData("en", "one man holds another man &apos;s head down and prepares to punch him in the face .", "one man holds another man's head down and prepares to punch him in the face.")]
    [InlineData("de", "eine frau auf einem boot namens &quot; el corazon &quot; lässt schwarze gewichte ins wasser fallen .", "eine frau auf einem boot namens \"el corazon\" lässt schwarze gewichte ins wasser fallen.")]
    public void Tokens_become_text(string language, string tokens, string text) => Assert.Equal(text, MosesDetokenizer.Detokenize(tokens, language));

    /// <summary>What the detokenized references of Multi30k lose against the text that people wrote: spellings that the tokenized form no longer tells apart.</summary>
    [SkippableTheory]
    [InlineData("de", 99)]
    [InlineData("en", 99)]
    public void Nearly_nothing_is_lost_of_Multi30k_lowercased(string language, double least)
    {
        var written = TextReference.Lines($"multi30k/val.{language}.gz").ConvertAll(line => line.Trim());
        var tokens = TextReference.Lines($"multi30k-bpe/valid.{language}.gz");
        var score = SacreBleu.Score(tokens.ConvertAll(line => MosesDetokenizer.Detokenize(BytePairEncoding.Join(line), language)), written, lowercase: true);
        Assert.InRange(score.Bleu.Score, least, 100);
    }
}
