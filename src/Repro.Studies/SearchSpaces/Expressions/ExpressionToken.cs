using System.Globalization;

namespace Repro.Studies.SearchSpaces.Expressions;

internal enum TokenKind
{
    Word,
    Number,
    Text,
    Sign,
    End,
}

/// <summary>One word of an expression. Keywords are in lower case whatever was written; a text is without its quotes.</summary>
/// <param name="Column">Where it begins, from 1.</param>
internal readonly record struct ExpressionToken(TokenKind Kind, string Text, double Number, int Column)
{
    private static readonly string[] Keywords = ["and", "or", "not", "true", "false"];
    private static readonly string[] Signs = ["==", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")"];

    public bool IsKeyword => Kind == TokenKind.Word && Keywords.Contains(Text);

    public static List<ExpressionToken> Split(string text)
    {
        var tokens = new List<ExpressionToken>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            var token = Next(text, ref at);
            tokens.Add(token);
            if (token.Kind == TokenKind.End) return tokens;
        }
    }

    private static ExpressionToken Next(string text, ref int at)
    {
        var start = at;
        if (at == text.Length) return new ExpressionToken(TokenKind.End, "", 0, start + 1);
        var c = text[at];
        if (c is '\'' or '"')
        {
            var end = text.IndexOf(c, at + 1);
            if (end < 0) throw new BadInputException($"In \"{text}\", column {start + 1}: the text that begins here has no closing {c}.");
            at = end + 1;
            return new ExpressionToken(TokenKind.Text, text[(start + 1)..end], 0, start + 1);
        }
        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '.')) at++;
            var word = text[start..at];
            var lower = word.ToLowerInvariant();
            return new ExpressionToken(TokenKind.Word, Keywords.Contains(lower) ? lower : word, 0, start + 1);
        }
        if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))) return Digits(text, ref at);
        foreach (var sign in Signs)
        {
            if (string.CompareOrdinal(text, at, sign, 0, sign.Length) != 0) continue;
            at += sign.Length;
            return new ExpressionToken(TokenKind.Sign, sign, 0, start + 1);
        }
        throw new BadInputException($"In \"{text}\", column {start + 1}: '{c}' has no meaning here. Valid signs: {string.Join(' ', Signs)}, and the words and, or, not.");
    }

    private static ExpressionToken Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '.' || (text[at] is '+' or '-' && text[at - 1] is 'e' or 'E' && text[at] is '+' or '-'))) at++;
        var written = text[start..at];
        if (!double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            throw new BadInputException($"In \"{text}\", column {start + 1}: '{written}' is no finite number.");
        return new ExpressionToken(TokenKind.Number, written, number, start + 1);
    }
}
