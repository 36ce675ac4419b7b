using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using Repro.Studies;

namespace Repro.Cluster.Tests;

public sealed class TlsFilesTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-test-").FullName;
    private readonly X509Certificate2 _ours = Authority("ours"), _theirs = Authority("theirs");

    public TlsFilesTests()
    {
        Write("ours", _ours);
        Write("silo", Signed(_ours));
    }

    private TlsFiles Files => new(File_("silo.pem"), File_("silo.key"), File_("ours.pem"));

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Both_sides_must_show_a_certificate()
    {
        var options = new TlsOptions();
        Files.Configure(options);
        Assert.Equal((RemoteCertificateMode.RequireCertificate, RemoteCertificateMode.RequireCertificate), (options.RemoteCertificateMode, options.ClientCertificateMode));
    }

    [Fact]
    public void What_is_shown_is_the_certificate_of_the_file_with_its_key()
    {
        using var certificate = Files.Certificate();
        Assert.True(certificate.HasPrivateKey);
        Assert.Equal("CN=silo", certificate.Subject);
    }

    [Fact]
    public void A_certificate_counts_that_the_authority_has_signed()
    {
        using var signed = Signed(_ours, "another");
        Assert.True(IsTaken(signed));
    }

    [Fact]
    public void Nobody_else_gets_in()
    {
        using var foreign = Signed(_theirs);
        using var old = Signed(_ours, from: Now.AddDays(-3), until: Now.AddDays(-1));
        using var early = Signed(_ours, from: Now.AddDays(1), until: Now.AddDays(3));
        // Of the authority's name, and not of its key.
        using var pretended = Authority("ours");
        using var forged = Signed(pretended);
        Assert.All([foreign, old, early, _theirs, pretended, forged], certificate => Assert.False(IsTaken(certificate)));
    }

    [Theory]
    [InlineData("silo.pem")]
    [InlineData("silo.key")]
    [InlineData("ours.pem")]
    public void A_file_that_is_missing_or_none_is_named(string file)
    {
        File.WriteAllText(File_(file), "This is no certificate.");
        var error = Assert.Throws<BadInputException>(() => Files.Certificate());
        // A key is read with its certificate.
        Assert.StartsWith($"The certificate {File_(file == "silo.key" ? "silo.pem" : file)} cannot be read: ", error.Message, StringComparison.Ordinal);
        File.Delete(File_(file));
        Assert.Contains("PEM", Assert.Throws<BadInputException>(() => Files.Certificate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused()
    {
        Write("silo2", Signed(_ours));
        Assert.Throws<BadInputException>(() => (Files with { KeyFile = File_("silo2.key") }).Certificate());
    }

    private bool IsTaken(X509Certificate2 certificate)
    {
        var options = new TlsOptions();
        Files.Configure(options);
        return options.RemoteCertificateValidation(certificate, null, SslPolicyErrors.None);
    }

    private string File_(string name) => Path.Combine(_folder, name);

    private void Write(string name, X509Certificate2 certificate)
    {
        File.WriteAllText(File_($"{name}.pem"), certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(File_($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(Now.AddDays(-10), Now.AddDays(10));
    }

    private static X509Certificate2 Signed(X509Certificate2 authority, string name = "silo", DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var bare = request.Create(authority, from ?? Now.AddDays(-1), until ?? Now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }
}
