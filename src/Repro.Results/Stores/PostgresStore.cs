using Npgsql;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results.Stores;

/// <summary>
/// Keeps sweeps in PostgreSQL, for hosts on several machines: each decision is one transaction under the lock of the sweep's row, and leases go by
/// the database's clock alone, so that the hosts' clocks may differ.
/// </summary>
public sealed class PostgresStore : ISweepStore
{
    private static readonly TimeSpan LongestDecision = TimeSpan.FromSeconds(10);

    private readonly NpgsqlDataSource _source;

    /// <param name="address"><c>postgres://user:password@host:port/database</c>; what is left out is taken from PGUSER, PGPASSWORD, ... and PostgreSQL's defaults.</param>
    /// <param name="longestDecision">
    /// After which the server takes back what a caller has begun to decide and not written, and gives others the sweep's lock; null is 10 s. Folding a log
    /// for the first time, which is within it, takes a second where the log is long.
    /// </param>
    /// <exception cref="BadInputException">No such address can be.</exception>
    /// <exception cref="StorageException">The server cannot be reached or refuses, or a newer program made the tables.</exception>
    public PostgresStore(string address, TimeSpan? longestDecision = null)
    {
        var settings = PostgresAddress.Settings(address);
        // A server may be set up to answer before the disk has: not to us. And whoever stands still in the middle of a decision, frozen or cut off, must not
        // keep the sweep from the others until it is found dead, which takes hours.
        settings.Options = FormattableString.Invariant(
            $"{settings.Options} -c synchronous_commit=on -c idle_in_transaction_session_timeout={(long)(longestDecision ?? LongestDecision).TotalMilliseconds}").Trim();
        Description = PostgresAddress.Describe(settings);
        _source = NpgsqlDataSource.Create(settings);
        try
        {
            Guarded(() =>
            {
                PostgresSchema.Migrate(_source, Description);
                return 0;
            });
        }
        catch
        {
            _source.Dispose();
            throw;
        }
    }

    public string Description { get; }

    public void Dispose() => _source.Dispose();

    public IReadOnlyList<string> Sweeps() => Guarded(() =>
    {
        using var connection = _source.OpenConnection();
        using var command = Command(connection, "SELECT name FROM repro.sweeps WHERE events > 0 ORDER BY id");
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read()) names.Add(reader.GetString(0));
        return names;
    });

    public IReadOnlyList<SweepEvent> Read(string sweep, long after = 0) => Guarded(() =>
    {
        using var connection = _source.OpenConnection();
        return Find(connection, sweep) is var (id, count) ? Tail(connection, id, count, after) : [];
    });

    public SweepWrite Decide(string sweep, long known, string? host, Func<IReadOnlyList<SweepEvent>, SweepWrite> decide) => Guarded(() =>
    {
        // Two round trips: hosts wait for each other's locks, so what is between counts. A connection that goes back to its pool within a
        // transaction is rolled back.
        using var connection = _source.OpenConnection();
        var (id, count, tail) = Locked(connection, sweep, known, host);
        var write = decide(tail);
        if (write.IsEmpty) return write;
        using var batch = new NpgsqlBatch(connection);
        if (write.Events.Count > 0)
        {
            Add(
                batch, "INSERT INTO repro.events SELECT $1, $2 + n, event FROM unnest($3) WITH ORDINALITY AS t(event, n)",
                id, count, write.Events.Select(SweepLog.Write).ToArray());
            Add(batch, "UPDATE repro.sweeps SET events = events + $2 WHERE id = $1", id, (long)write.Events.Count);
        }
        foreach (var (run, after) in write.Dropped)
            Add(batch, "DELETE FROM repro.metrics WHERE sweep = $1 AND trial = $2 AND run = $3 AND step > $4", id, run.Trial, run.Index, after);
        if (write.Metrics.Count > 0)
        {
            Add(
                batch, "INSERT INTO repro.metrics SELECT $1, * FROM unnest($2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                id, write.Metrics.Select(m => m.Run.Trial).ToArray(), write.Metrics.Select(m => m.Run.Index).ToArray(), write.Metrics.Select(m => m.Point.Step).ToArray(),
                write.Metrics.Select(m => m.Point.Name).ToArray(), write.Metrics.Select(m => m.Point.Value).ToArray(), write.Metrics.Select(m => m.Point.Seconds).ToArray());
        }
        Add(batch, "COMMIT");
        batch.ExecuteNonQuery();
        return write;
    });

    public void Renew(string sweep, string host, TimeSpan lease) => Guarded(() =>
    {
        using var connection = _source.OpenConnection();
        using var transaction = connection.BeginTransaction();
        // Does not wait for a decision that is being made: a host lives whether or not another one stands still in the middle of its own.
        var id = Id(connection, sweep);
        using var command = Command(
            connection, "INSERT INTO repro.leases VALUES ($1, $2, clock_timestamp() + $3) ON CONFLICT (sweep, host) DO UPDATE SET until = EXCLUDED.until", id, host, lease);
        command.ExecuteNonQuery();
        transaction.Commit();
        return 0;
    });

    public void Leave(string sweep, string host) => Guarded(() =>
    {
        using var connection = _source.OpenConnection();
        using var command = Command(connection, "DELETE FROM repro.leases USING repro.sweeps s WHERE sweep = s.id AND s.name = $1 AND host = $2", sweep, host);
        return command.ExecuteNonQuery();
    });

    public IReadOnlySet<string> Alive(string sweep) => Guarded<IReadOnlySet<string>>(() =>
    {
        using var connection = _source.OpenConnection();
        return Find(connection, sweep) is var (id, _) ? Leases(connection, id) : new HashSet<string>();
    });

    public IReadOnlyList<MetricPoint> Metrics(string sweep, RunKey run) => Guarded(() =>
    {
        using var connection = _source.OpenConnection();
        using var command = Command(
            connection,
            """
            SELECT name, step, value, seconds FROM repro.metrics
            WHERE sweep = (SELECT id FROM repro.sweeps WHERE name = $1) AND trial = $2 AND run = $3 ORDER BY step, name COLLATE "C"
            """,
            sweep, run.Trial, run.Index);
        using var reader = command.ExecuteReader();
        var points = new List<MetricPoint>();
        while (reader.Read()) points.Add(Point(reader));
        return points;
    });

    public IEnumerable<(RunKey Run, MetricPoint Point)> Curves(string sweep, string metric)
    {
        using var connection = Guarded(_source.OpenConnection);
        using var command = Command(
            connection,
            """
            SELECT name, step, value, seconds, trial, run FROM repro.metrics
            WHERE sweep = (SELECT id FROM repro.sweeps WHERE name = $1) AND name = $2 ORDER BY trial, run, step
            """,
            sweep, metric);
        using var reader = Guarded(command.ExecuteReader);
        while (Guarded(reader.Read)) yield return (new RunKey(reader.GetInt32(4), reader.GetInt32(5)), Point(reader));
    }

    private static MetricPoint Point(System.Data.Common.DbDataReader reader) => new(reader.GetString(0), reader.GetInt64(1), reader.GetDouble(2), reader.GetDouble(3));

    /// <summary>Begins a transaction, locks the sweep, and reads what the caller has not seen.</summary>
    private (long Id, long Events, List<SweepEvent> Tail) Locked(NpgsqlConnection connection, string sweep, long known, string? host)
    {
        using var batch = new NpgsqlBatch(connection);
        Add(batch, "BEGIN");
        // Makes the row where there is none yet: there has to be something to lock.
        if (known == 0) Add(batch, "INSERT INTO repro.sweeps (name, events) VALUES ($1, 0) ON CONFLICT DO NOTHING", sweep);
        Add(batch, "SELECT id, events FROM repro.sweeps WHERE name = $1 FOR NO KEY UPDATE", sweep);
        // Each statement sees what was committed before it began, so these see what the one before has waited for.
        Add(batch, "SELECT host FROM repro.leases WHERE sweep = (SELECT id FROM repro.sweeps WHERE name = $1) AND host = $2 AND until > clock_timestamp()", sweep, host ?? "");
        Add(batch, "SELECT event FROM repro.events WHERE sweep = (SELECT id FROM repro.sweeps WHERE name = $1) AND number > $2 ORDER BY number", sweep, known);
        using var reader = batch.ExecuteReader();
        if (!reader.Read()) throw new StorageException($"{Description} has lost the sweep {sweep}: its row is gone. Go back to an export (`./repro import`).");
        var (id, count) = (reader.GetInt64(0), reader.GetInt64(1));
        reader.NextResult();
        if (host is not null && !reader.Read()) throw new LeaseEndedException(sweep, host);
        reader.NextResult();
        return (id, count, Whole(reader, id, count, known));
    }

    // Makes the row where there is none yet.
    private static long Id(NpgsqlConnection connection, string sweep)
    {
        if (Find(connection, sweep) is { } found) return found.Id;
        using (var add = Command(connection, "INSERT INTO repro.sweeps (name, events) VALUES ($1, 0) ON CONFLICT DO NOTHING", sweep)) add.ExecuteNonQuery();
        return Find(connection, sweep)!.Value.Id;
    }

    private static (long Id, long Events)? Find(NpgsqlConnection connection, string sweep)
    {
        using var command = Command(connection, "SELECT id, events FROM repro.sweeps WHERE name = $1", sweep);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    private List<SweepEvent> Tail(NpgsqlConnection connection, long id, long count, long after)
    {
        if (count <= after) return [];
        using var command = Command(connection, "SELECT event FROM repro.events WHERE sweep = $1 AND number > $2 AND number <= $3 ORDER BY number", id, after, count);
        using var reader = command.ExecuteReader();
        return Whole(reader, id, count, after);
    }

    private List<SweepEvent> Whole(System.Data.Common.DbDataReader reader, long id, long count, long after)
    {
        var events = new List<SweepEvent>();
        while (reader.Read()) events.Add(StoredEvent.Read(reader.GetString(0), Description, after + events.Count + 1));
        return after + events.Count == count ? events : throw new StorageException(
            $"{Description} is damaged: the log of sweep {id} has {after + events.Count} events where {count} were written. Go back to an export (`./repro import`).");
    }

    private static HashSet<string> Leases(NpgsqlConnection connection, long id)
    {
        using var command = Command(connection, "SELECT host FROM repro.leases WHERE sweep = $1 AND until > clock_timestamp()", id);
        using var reader = command.ExecuteReader();
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read()) hosts.Add(reader.GetString(0));
        return hosts;
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (PostgresException error)
        {
            throw new StorageException($"{Description} refused: {error.MessageText} ({error.SqlState}). Nothing of this was written.", error);
        }
        catch (NpgsqlException error)
        {
            throw new StorageException($"{Description} cannot be reached, or the connection broke: {(error.InnerException ?? error).Message.TrimEnd('.')}. Nothing that was in doubt counts as written.", error);
        }
    }
}
