using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Stores;

/// <summary>
/// A silo's name among those that meet in a database, for as long as the silo lives: persons, labels and logs call silos by their names. It is a lock of a connection
/// of its own, so a process that is killed loses it by itself. A connection that breaks is made anew, and the lock taken again, while the silo works on.
/// </summary>
public sealed class SiloNameLock : IDisposable
{
    // Of a machine that is gone the server notices after 4 s + 2 x 2 s without an answer.
    private const string Probes = "-c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=2";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500), Unnoticed = TimeSpan.FromSeconds(10);

    private readonly string _settings;
    private readonly long _key;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _over = new();
    private Task _holding = Task.CompletedTask;

    private SiloNameLock(string settings, long key, TimeProvider time) => (_settings, _key, _time) = (settings, key, time);

    /// <summary>
    /// Takes a name. Where somebody has it, up to 10 seconds pass: a silo whose machine has died may have it for so long.
    /// </summary>
    /// <param name="address"><c>postgres://user@host:port/database</c>.</param>
    /// <param name="cluster">Id of the cluster.</param>
    /// <param name="own">Where the silo itself will be: told to others of its name.</param>
    /// <param name="waits">Told where the one is that has the name, as <c>10.0.0.7:11111</c>, before it is waited for.</param>
    /// <exception cref="BadInputException">A living silo has it.</exception>
    /// <exception cref="StorageException">The database cannot be reached.</exception>
    public static async Task<SiloNameLock> Take(string address, string cluster, string name, IPEndPoint own, Action<string> waits, TimeProvider time, CancellationToken stop)
    {
        var settings = new NpgsqlConnectionStringBuilder(MembershipSchema.ConnectionString(address))
        {
            Pooling = false, ApplicationName = $"repro silo {own}", TcpKeepAlive = true, TcpKeepAliveTime = 4, TcpKeepAliveInterval = 2,
        };
        settings.Options = $"{settings.Options} {Probes}".Trim();
        var key = BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"repro silo\n{cluster}\n{name}")));
        var taken = new SiloNameLock(settings.ConnectionString, key, time);
        try
        {
            var since = time.GetTimestamp();
            for (var looks = 0; ; looks++)
            {
                if (await taken.TryTake(stop) is { } connection)
                {
                    taken._holding = Task.Run(() => taken.Hold(connection), CancellationToken.None);
                    return taken;
                }
                var holder = await taken.Holder(stop);
                if (time.GetElapsedTime(since) >= Unnoticed)
                    throw new BadInputException($"A silo called {name} is in the cluster already, at {holder}. Give this one a name of its own: --name NAME. To end that one: ./repro cluster drain {name}");
                // A silo that begins anew was itself the one that had it, a moment ago.
                if (looks == 1) waits(holder);
                await Task.Delay(LookEvery, time, stop);
            }
        }
        catch (NpgsqlException error)
        {
            taken.Dispose();
            throw new StorageException($"Whether another silo is called {name} cannot be asked: {(error.InnerException ?? error).Message.TrimEnd('.')}. The silo has not joined; start it again when the database answers.", error);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _over.Cancel();
        _holding.GetAwaiter().GetResult();
        _over.Dispose();
    }

    /// <returns>Null where another connection has it.</returns>
    private async Task<NpgsqlConnection?> TryTake(CancellationToken stop)
    {
        var connection = new NpgsqlConnection(_settings);
        var isTaken = false;
        try
        {
            await connection.OpenAsync(stop);
            await using var take = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = _key } } };
            isTaken = (bool)(await take.ExecuteScalarAsync(stop))!;
            return isTaken ? connection : null;
        }
        finally
        {
            if (!isTaken) await connection.DisposeAsync();
        }
    }

    private async Task<string> Holder(CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(_settings);
        await connection.OpenAsync(stop);
        await using var read = new NpgsqlCommand(
            """
            SELECT replace(application_name, 'repro silo ', '') FROM pg_stat_activity JOIN pg_locks USING (pid)
            WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND granted
            AND ((classid::bigint << 32) | objid::bigint) = $1 AND objsubid = 1
            """,
            connection) { Parameters = { new() { Value = _key } } };
        return await read.ExecuteScalarAsync(stop) as string ?? "an address that it has just left";
    }

    private async Task Hold(NpgsqlConnection? connection)
    {
        var stop = _over.Token;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // Nobody tells anything here: it ends with the connection.
                if (connection is null) await Task.Delay(LookEvery, _time, stop);
                else await connection.WaitAsync(stop);
            }
            catch (Exception broken) when (broken is NpgsqlException or InvalidOperationException)
            {
                await connection!.DisposeAsync();
                connection = null;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            connection ??= await TakeAgain(stop);
        }
        if (connection is not null) await connection.DisposeAsync();
    }

    /// <returns>Null where it is to be tried later.</returns>
    private async Task<NpgsqlConnection?> TakeAgain(CancellationToken stop)
    {
        try
        {
            return await TryTake(stop);
        }
        catch (Exception away) when (away is NpgsqlException || (away is OperationCanceledException && stop.IsCancellationRequested))
        {
            // While the database is away nobody else joins under the name either.
            return null;
        }
    }
}
