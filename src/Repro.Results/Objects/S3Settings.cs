using Repro.Studies;

namespace Repro.Results.Objects;

/// <summary>How S3, or a server that speaks as S3 does, is reached. Never printed: it has a secret.</summary>
/// <param name="Endpoint">Null is Amazon's own. With an endpoint the bucket stands in the path of a request, as servers want that have no names for buckets.</param>
/// <param name="Region">Null is what the profile in use says; at an endpoint <c>us-east-1</c>, which most servers take for their own.</param>
/// <param name="AccessKey">Null asks where Amazon's library looks: the profile, a role of the machine or of the container.</param>
/// <param name="SecretKey">Null exactly where <paramref name="AccessKey"/> is.</param>
/// <param name="SessionToken">Null for keys that do not expire.</param>
public sealed record S3Settings(Uri? Endpoint, string? Region, string? AccessKey, string? SecretKey, string? SessionToken)
{
    /// <summary>For how long a server that is out of reach, or too busy, is asked again before that is an error.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After which a connection that passes nothing counts as broken.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Larger files travel in parts of this size, of which a broken connection costs one. At least 5 MiB, by the rules of S3.</summary>
    public long PartBytes { get; init; } = 16 << 20;

    /// <param name="variable">The value of an environment variable; null or empty where it is not set.</param>
    /// <exception cref="BadInputException">They contradict each other.</exception>
    public static S3Settings FromEnvironment(Func<string, string?> variable)
    {
        string? Of(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (variable(name) is { Length: > 0 } value) return value;
            }
            return null;
        }

        var endpoint = Of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
        Uri? address = null;
        if (endpoint is not null && (!Uri.TryCreate(endpoint, UriKind.Absolute, out address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0))
            throw new BadInputException("AWS_ENDPOINT_URL is the address of a server that speaks as S3 does, without credentials in it, as https://storage.example.org:9000. What is set is no such address.");
        var (access, secret) = (Of("AWS_ACCESS_KEY_ID"), Of("AWS_SECRET_ACCESS_KEY"));
        if (access is null != secret is null)
            throw new BadInputException($"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together; only {(access is null ? "the second" : "the first")} is set.");
        return new S3Settings(address, Of("AWS_REGION", "AWS_DEFAULT_REGION"), access, secret, Of("AWS_SESSION_TOKEN"));
    }

    public override string ToString() => Endpoint?.GetLeftPart(UriPartial.Authority) ?? $"Amazon S3, region {Region ?? "of the profile"}";
}
