using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Repro.Figures.Images;

namespace Repro.Figures;

/// <summary>A figure as JSON, for those that a run draws itself: they are stored with it, and every report draws them from there. Images are PNG in base64; numbers keep all their digits.</summary>
public static class FigureJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new PngConverter(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static JsonNode Write(Figure figure) => JsonSerializer.SerializeToNode(figure, Options)!;

    /// <exception cref="FigureException">It is no figure; says what is wrong.</exception>
    public static Figure Read(JsonNode? json)
    {
        try
        {
            var figure = json.Deserialize<Figure>(Options) ?? throw new FigureException("A stored figure is null.");
            return figure;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ImageFileException or FormatException)
        {
            throw new FigureException($"A stored figure cannot be read: {e.Message}", e);
        }
    }

    private sealed class PngConverter : JsonConverter<RgbImage>
    {
        public override RgbImage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ImageFile.Decode(reader.GetBytesFromBase64(), "a stored figure's image");

        public override void Write(Utf8JsonWriter writer, RgbImage value, JsonSerializerOptions options) => writer.WriteBase64StringValue(ImageFile.EncodePng(value));
    }
}
