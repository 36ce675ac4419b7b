using System.Globalization;
using Microsoft.Data.Sqlite;
using Repro.Results.Runs;
using Repro.Studies.Formats;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results.Stores;

/// <summary>
/// Keeps sweeps in one SQLite file, in WAL mode with <c>synchronous=FULL</c>: a decision is on disk when it returns. Several processes of one machine
/// may share the file; on a network drive SQLite's locks do not hold.
/// </summary>
public sealed class SqliteStore : ISweepStore
{
    /// <summary>Bytes that SQLite's own files beside the database take at the least.</summary>
    private const long LeastSpace = 64 << 10;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly SqliteConnection _connection;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private readonly Dictionary<string, long> _metricNames = [];
    private ulong? _inode;

    /// <param name="path">Made where it is missing.</param>
    /// <param name="patience">How long a lock of somebody else is waited for, in whole seconds, 1 or more; null is 30 s.</param>
    /// <exception cref="StorageException">It cannot be opened, is no database, is damaged, or a newer program made it.</exception>
    public SqliteStore(string path, TimeProvider? time = null, TimeSpan? patience = null)
    {
        (_path, _time, _patience) = (Path.GetFullPath(path), time ?? TimeProvider.System, patience ?? TimeSpan.FromSeconds(30));
        if (Path.Exists(_path)) RegularFile.Require(_path);
        // For SQLite's driver 0 is for ever.
        ArgumentOutOfRangeException.ThrowIfLessThan(_patience, TimeSpan.FromSeconds(1), nameof(patience));
        SQLitePCL.Batteries_V2.Init();
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = (int)_patience.TotalSeconds }.ToString());
        try
        {
            Guarded(() =>
            {
                _connection.Open();
                _connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
                SqliteSchema.Migrate(_connection, _path);
                _inode = RegularFile.Inode(_path);
                return 0;
            });
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public string Description => $"SQLite, {_path}";

    /// <summary>Folder of the lock of a sweep's only host; not made yet.</summary>
    public string LockFolderOf(string sweep) => Path.Combine($"{_path}.locks", sweep);

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _connection.Dispose();
    }

    public IReadOnlyList<string> Sweeps() => Guarded(() =>
    {
        var names = new List<string>();
        using var reader = Command("SELECT name FROM sweeps WHERE events > 0 ORDER BY id").ExecuteReader();
        while (reader.Read()) names.Add(reader.GetString(0));
        return names;
    });

    public IReadOnlyList<SweepEvent> Read(string sweep, long after = 0) => Guarded(() => Find(sweep) is var (id, count) ? Tail(id, count, after) : []);

    public SweepWrite Decide(string sweep, long known, string? host, Func<IReadOnlyList<SweepEvent>, SweepWrite> decide) => Written(() =>
    {
        var (id, count) = Find(sweep) ?? (0, 0);
        if (host is not null && !(id != 0 && Leases(id).Contains(host))) throw new LeaseEndedException(sweep, host);
        var write = decide(Tail(id, count, known));
        if (write.IsEmpty) return write;
        if (id == 0) id = Add(sweep);
        foreach (var happened in write.Events)
            Command("INSERT INTO events VALUES (?1, ?2, ?3)", id, ++count, SweepLog.Write(happened)).ExecuteNonQuery();
        if (write.Events.Count > 0) Command("UPDATE sweeps SET events = ?2 WHERE id = ?1", id, count).ExecuteNonQuery();
        foreach (var (run, after) in write.Dropped)
            Command("DELETE FROM metrics WHERE sweep = ?1 AND trial = ?2 AND run = ?3 AND step > ?4", id, run.Trial, run.Index, after).ExecuteNonQuery();
        foreach (var (run, point) in write.Metrics)
        {
            Command(
                "INSERT INTO metrics VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
                id, run.Trial, run.Index, point.Step, MetricName(point.Name), Column(point.Value), point.Seconds).ExecuteNonQuery();
        }
        return write;
    });

    public void Renew(string sweep, string host, TimeSpan lease) => Written(() =>
    {
        var id = Find(sweep) is var (found, _) ? found : Add(sweep);
        var until = (_time.GetUtcNow() + lease).ToUnixTimeMilliseconds();
        return Command("INSERT INTO leases VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET until = ?3", id, host, until).ExecuteNonQuery();
    });

    public void Leave(string sweep, string host) => Written(() =>
        Find(sweep) is var (id, _) ? Command("DELETE FROM leases WHERE sweep = ?1 AND host = ?2", id, host).ExecuteNonQuery() : 0);

    public IReadOnlySet<string> Alive(string sweep) => Guarded<IReadOnlySet<string>>(() => Find(sweep) is var (id, _) ? Leases(id) : new HashSet<string>());

    public IReadOnlyList<MetricPoint> Metrics(string sweep, RunKey run) => Guarded(() =>
    {
        var points = new List<MetricPoint>();
        if (Find(sweep) is not var (id, _)) return points;
        using var reader = Command(
            "SELECT n.name, m.step, m.value, m.seconds FROM metrics m JOIN metric_names n ON n.id = m.name WHERE sweep = ?1 AND trial = ?2 AND run = ?3 ORDER BY m.step, n.name",
            id, run.Trial, run.Index).ExecuteReader();
        while (reader.Read()) points.Add(Point(reader, 0));
        return points;
    });

    public IEnumerable<(RunKey Run, MetricPoint Point)> Curves(string sweep, string metric)
    {
        // By itself a connection could not be written to while it is read: a sweep's curves may be long, and its host goes on.
        using var reading = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
        Guarded(() =>
        {
            reading.Open();
            return 0;
        });
        using var command = reading.CreateCommand();
        command.CommandText =
            """
            SELECT n.name, m.step, m.value, m.seconds, m.trial, m.run FROM metrics m JOIN metric_names n ON n.id = m.name
            WHERE m.sweep = (SELECT id FROM sweeps WHERE name = $sweep) AND n.name = $metric ORDER BY m.trial, m.run, m.step
            """;
        command.Parameters.AddWithValue("$sweep", sweep);
        command.Parameters.AddWithValue("$metric", metric);
        using var reader = Guarded(command.ExecuteReader);
        while (Guarded(reader.Read)) yield return (new RunKey(reader.GetInt32(4), reader.GetInt32(5)), Point(reader, 0));
    }

    private static MetricPoint Point(SqliteDataReader reader, int first) => new(
        reader.GetString(first), reader.GetInt64(first + 1),
        reader.GetFieldType(first + 2) == typeof(string) ? double.Parse(reader.GetString(first + 2), CultureInfo.InvariantCulture) : reader.GetDouble(first + 2),
        reader.GetDouble(first + 3));

    private static object Column(double value) => double.IsFinite(value) ? value : value.ToString(CultureInfo.InvariantCulture);

    private (long Id, long Events)? Find(string sweep)
    {
        using var reader = Command("SELECT id, events FROM sweeps WHERE name = ?1", sweep).ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    private long Add(string sweep)
    {
        Command("INSERT INTO sweeps (name, events) VALUES (?1, 0)", sweep).ExecuteNonQuery();
        return Find(sweep)!.Value.Id;
    }

    private List<SweepEvent> Tail(long id, long count, long after)
    {
        var events = new List<SweepEvent>();
        if (count <= after) return events;
        using var reader = Command("SELECT event FROM events WHERE sweep = ?1 AND number > ?2 ORDER BY number", id, after).ExecuteReader();
        while (reader.Read()) events.Add(StoredEvent.Read(reader.GetString(0), _path, after + events.Count + 1));
        return after + events.Count == count ? events : throw new StorageException(
            $"{_path} is damaged: the log of sweep {id} has {after + events.Count} events where {count} were written. Go back to an export (`./repro import`).");
    }

    private HashSet<string> Leases(long id)
    {
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        using var reader = Command("SELECT host FROM leases WHERE sweep = ?1 AND until > ?2", id, _time.GetUtcNow().ToUnixTimeMilliseconds()).ExecuteReader();
        while (reader.Read()) hosts.Add(reader.GetString(0));
        return hosts;
    }

    private long MetricName(string name)
    {
        if (_metricNames.TryGetValue(name, out var known)) return known;
        Command("INSERT INTO metric_names (name) VALUES (?1) ON CONFLICT DO NOTHING", name).ExecuteNonQuery();
        var id = (long)Command("SELECT id FROM metric_names WHERE name = ?1", name).ExecuteScalar()!;
        // Remembered only from a transaction that held; see Written.
        _metricNames.Add(name, id);
        return id;
    }

    /// <summary>A prepared statement with its parameters ?1, ?2, ... set.</summary>
    private SqliteCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++) command.Parameters.Add(new SqliteParameter($"?{i + 1}", null));
            _commands.Add(sql, command);
        }
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command;
    }

    /// <summary>All that <paramref name="write"/> writes, or nothing.</summary>
    private T Written<T>(Func<T> write) => Guarded(() =>
    {
        // SQLite would go on in a file that nobody finds any more.
        if (RegularFile.Inode(_path) != _inode)
            throw new StorageException($"{_path} was deleted, moved or replaced while it was in use; nothing of this was written. Put it back; otherwise stop, and begin anew in another file.");
        try
        {
            return _connection.Write(write);
        }
        catch
        {
            _metricNames.Clear();
            throw;
        }
    });

    private T Guarded<T>(Func<T> work)
    {
        lock (_lock)
        {
            try
            {
                return work();
            }
            catch (SqliteException error)
            {
                throw new StorageException(Explain(error), error);
            }
        }
    }

    private bool IsFull()
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(_path)!).AvailableFreeSpace < LeastSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    // Of the file that connections share SQLite only says that it cannot grow: the disk is full.
    private string Explain(SqliteException error) => (error.SqliteExtendedErrorCode == SQLitePCL.raw.SQLITE_IOERR_SHMSIZE ? SQLitePCL.raw.SQLITE_FULL : error.SqliteErrorCode) switch
    {
        SQLitePCL.raw.SQLITE_FULL => $"The disk with {_path} is full; nothing of this was written. Free some space (./repro clean shows what old checkpoints cost).",
        SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => $"{_path} is locked by another process, and was so for {(int)_patience.TotalSeconds} s. Find it with: fuser {_path}",
        SQLitePCL.raw.SQLITE_CORRUPT => $"{_path} is damaged ({error.Message}). Go back to an export (./repro import), or recover what can be read: sqlite3 {_path} .recover",
        SQLitePCL.raw.SQLITE_NOTADB => $"{_path} is no SQLite database. Name another file with --store sqlite:PATH.",
        SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_PERM => $"{_path} cannot be written: it or its folder is read-only for this user.",
        SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_CANTOPEN when IsFull() => $"The disk with {_path} is full; nothing of this was written, and without a little space it cannot be read either. Free some (./repro clean shows what old checkpoints cost).",
        SQLitePCL.raw.SQLITE_CANTOPEN => $"{_path} cannot be opened: its folder does not exist, or this user may not enter it.",
        SQLitePCL.raw.SQLITE_IOERR => $"{_path} cannot be read or written: the disk reported an error ({error.Message}), or the limit on the size of a file is reached (ulimit -f).",
        _ => $"{_path}: {error.Message}",
    };
}
