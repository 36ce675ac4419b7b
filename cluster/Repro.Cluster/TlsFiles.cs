using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using Repro.Studies;

namespace Repro.Cluster;

/// <summary>Certificates by which silos and clients know each other; both sides show one, and both must be signed by the authority.</summary>
/// <param name="CertificateFile">PEM, one certificate; the authority itself has signed it.</param>
/// <param name="KeyFile">PEM, without a password.</param>
/// <param name="AuthorityFile">PEM of who signs the cluster's certificates.</param>
public sealed record TlsFiles(string CertificateFile, string KeyFile, string AuthorityFile)
{
    private readonly Lazy<X509Certificate2> _authority = new(() => Read(AuthorityFile, () => X509CertificateLoader.LoadCertificateFromFile(AuthorityFile)));

    /// <exception cref="BadInputException">A file is missing or none.</exception>
    public X509Certificate2 Certificate()
    {
        _ = _authority.Value;
        return Read(CertificateFile, () => X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile));
    }

    internal void Configure(TlsOptions options)
    {
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, _) => IsSigned(certificate);
        // Names are addresses of machines that come and go; who signed counts.
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = "repro";
    }

    private bool IsSigned(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority.Value);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private static X509Certificate2 Read(string file, Func<X509Certificate2> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new BadInputException($"The certificate {file} cannot be read: {error.Message} Certificates and keys are PEM files, keys without a password.", error);
        }
    }
}
