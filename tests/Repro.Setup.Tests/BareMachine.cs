namespace Repro.Setup.Tests;

/// <summary>
/// An empty root, made of mounts that only the command sees: this machine's <c>/usr</c> read-only and without .NET, an empty home, and
/// one folder or archive under <c>/opt</c>. Needs root and mount namespaces.
/// </summary>
public static class BareMachine
{
    private const string Script = """
        root=$1 opt=$2 hide=$3 protect=$4
        shift 4
        mount -t tmpfs tmpfs "$root"
        mkdir -p "$root"/{usr,proc,dev,tmp,root,etc,opt,var/lib}
        mount --bind /usr "$root/usr"
        mount -o remount,ro,bind "$root/usr"
        for link in bin sbin lib lib64 lib32; do if [ -L /$link ]; then cp -P /$link "$root/$link"; fi; done
        for path in /usr/share/dotnet /usr/lib/dotnet /usr/bin/dotnet /usr/local/bin/dotnet $hide; do
            if [ -d "$path" ]; then mount -t tmpfs tmpfs "$root$path"; elif [ -e "$path" ]; then mount --bind /dev/null "$root$path"; fi
        done
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        cp -rP /etc/alternatives "$root/etc/"
        cp /etc/ld.so.cache /etc/passwd /etc/group "$root/etc/"
        if [ -d "$opt" ]; then cp -a "$opt" "$root/opt/"; else tar -C "$root/opt" -xf "$opt"; fi
        if [ "$protect" = yes ]; then mount --bind "$root/opt" "$root/opt"; mount -o remount,ro,bind "$root/opt"; fi
        exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin HOME=/root "$@"
        """;

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Obstacle { get; } = FindObstacle();

    /// <param name="opt">A folder or a tar archive, to lie under <c>/opt</c>.</param>
    /// <param name="hide">Further paths that this machine is to lack.</param>
    /// <param name="protect">Mounts <c>/opt</c> read-only.</param>
    /// <param name="command">Run by bash there.</param>
    public static ShellResult Run(string opt, string command, string hide = "", bool protect = false)
    {
        var root = Directory.CreateTempSubdirectory("repro-bare-").FullName;
        try
        {
            return Shell.Run("/", new Dictionary<string, string?>(), "unshare", "--mount", "--propagation", "private", "--pid", "--fork",
                "bash", "-euc", Script, "bare", root, opt, hide, protect ? "yes" : "no", "bash", "-euc", command);
        }
        finally
        {
            Directory.Delete(root);
        }
    }

    private static string? FindObstacle()
    {
        if (Environment.UserName != "root") return "an empty root needs root to be made";
        var tried = Shell.Run("/", new Dictionary<string, string?>(), "unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt");
        return tried.ExitCode == 0 ? null : "this machine allows no mount namespaces: " + tried.Errors.Trim();
    }
}
