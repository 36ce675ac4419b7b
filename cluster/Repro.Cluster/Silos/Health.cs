using Microsoft.AspNetCore.Http;
using Orleans.Runtime;

namespace Repro.Cluster.Silos;

/// <summary>A silo's answer to whoever watches over it: 200 while it is a member and some slot can work, 503 otherwise.</summary>
internal static class Health
{
    public static IResult Of(SiloService silo, IClusterMembershipService members, ILocalSiloDetails self)
    {
        var status = members.CurrentSnapshot.GetSiloStatus(self.SiloAddress);
        var slots = silo.Slots;
        var (training, givenUp) = (slots.Count(slot => slot.Slot.Run is not null), slots.Count(slot => slot.Slot.GivenUp is not null));
        var isWell = status == SiloStatus.Active && givenUp < slots.Count;
        return TypedResults.Json(
            new Answer(isWell ? "healthy" : "unhealthy", silo.Host, status.ToString(), slots.Count, training, slots.Select(slot => slot.Slot.GivenUp).OfType<string>().ToList()),
            HealthContext.Default.Answer, statusCode: isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    internal sealed record Answer(string Status, string Silo, string Member, int Slots, int Training, IReadOnlyList<string> GivenUp);
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Health.Answer))]
internal sealed partial class HealthContext : System.Text.Json.Serialization.JsonSerializerContext;
