using System.Net;
using Npgsql;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Stores;

/// <summary>Whether a name is free among the silos that meet in a database. Persons, labels and logs call silos by their names.</summary>
/// <param name="address"><c>postgres://user@host:port/database</c>, with the tables of <see cref="MembershipSchema"/>.</param>
/// <param name="cluster">Id of the cluster.</param>
public sealed class SiloNames(string address, string cluster, TimeProvider time)
{
    // A member says every five seconds that it lives. One that was killed stays a member until others notice, and the only silo of a cluster has no others.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1), Silent = TimeSpan.FromSeconds(16);

    /// <summary>
    /// Looks for another living silo of a name. Where a member has it that may be dead, up to 16 seconds pass: whether it lives shows in that it says so again, which no
    /// difference between clocks can feign. A member at the silo's own address and port was its predecessor.
    /// </summary>
    /// <param name="own">Where the silo itself will be.</param>
    /// <param name="waits">Told where there is such a member, as <c>10.0.0.7:11111</c>, before it is waited for.</param>
    /// <returns>Where that silo is; null where the name is free.</returns>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public async Task<string?> LivingUnder(string name, IPEndPoint own, Action<string> waits, CancellationToken stop)
    {
        var first = await Members(name, own, stop);
        if (first.Count == 0) return null;
        waits(string.Join(", ", first.Keys.Select(member => member.At)));
        var since = time.GetTimestamp();
        while (time.GetElapsedTime(since) < Silent)
        {
            await Task.Delay(LookEvery, time, stop);
            var now = await Members(name, own, stop);
            if (now.Count == 0) return null;
            // One that has come since lives too.
            foreach (var (member, said) in now)
            {
                if (!first.TryGetValue(member, out var before) || before != said) return member.At;
            }
        }
        return null;
    }

    private async Task<Dictionary<(string At, int Generation), DateTime>> Members(string name, IPEndPoint own, CancellationToken stop)
    {
        try
        {
            await using var connection = new NpgsqlConnection(MembershipSchema.ConnectionString(address));
            await connection.OpenAsync(stop);
            await using var active = new NpgsqlCommand("SELECT address, port, generation, iamalivetime FROM orleansmembershiptable WHERE deploymentid = $1 AND siloname = $2 AND status = 3", connection)
            {
                Parameters = { new() { Value = cluster }, new() { Value = name } },
            };
            await using var rows = await active.ExecuteReaderAsync(stop);
            var members = new Dictionary<(string, int), DateTime>();
            while (await rows.ReadAsync(stop))
            {
                if (rows.GetString(0) == own.Address.ToString() && rows.GetInt32(1) == own.Port) continue;
                members[($"{rows.GetString(0)}:{rows.GetInt32(1)}", rows.GetInt32(2))] = rows.GetDateTime(3);
            }
            return members;
        }
        catch (NpgsqlException error)
        {
            throw new StorageException($"The cluster's members cannot be read: {(error.InnerException ?? error).Message.TrimEnd('.')}. The silo has not joined; start it again when the database answers.", error);
        }
    }
}
