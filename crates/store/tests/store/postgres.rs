//! A real PostgreSQL 15 for the behaviour suite: its transaction, and a server that lives as long as the test.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use store::*;
use tokio::runtime::Runtime;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Transaction};

use crate::suite::{self, Engine};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
const START_SECONDS_MAX: u64 = 60;

#[test]
fn postgresql_takes_every_statement_and_behaves_as_sqlite_does() {
    let server = Server::start();
    let mut first = server.database("prepared");
    for statement in Statement::all() {
        let prepared = first.runtime.block_on(first.client.prepare(statement.sql));
        assert!(prepared.is_ok(), "{}: {}", statement.name, explain(&prepared.unwrap_err()));
    }
    // The planner is told that whole tables are dear: where it still reads one, no index serves.
    first.batch("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan");
    for statement in Statement::all().filter(|statement| statement.scans.is_none()) {
        let plan = first.plan(statement);
        assert!(!plan.contains("Seq Scan"), "{} reads a whole table:\n{plan}", statement.name);
    }
    for migration in Migration::all().iter().rev() {
        first.batch(&migration.down(Dialect::Postgres));
    }
    for migration in Migration::all() {
        first.batch(&migration.up(Dialect::Postgres));
    }
    suite::all(|name| server.database(name));
}

fn explain(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |error| error.to_string())
}

/// A server in a temporary directory, on a socket of its own there: no port that somebody else could have.
struct Server {
    dir: tempfile::TempDir,
    child: Child,
    runtime: Runtime,
}

/// PostgreSQL refuses to run as root: then it runs as the user that its package made.
fn ordinary_user() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").expect("Linux has /proc").uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("there is a list of users");
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let postgres = fields.into_iter().find(|fields| fields.first() == Some(&"postgres"));
    let postgres = postgres.expect("the user postgres is missing: apt-get install postgresql-15");
    Some((postgres[2].parse().unwrap(), postgres[3].parse().unwrap()))
}

fn program(name: &str, user: Option<(u32, u32)>) -> Command {
    let path = PathBuf::from(PROGRAMS).join(name);
    assert!(path.exists(), "{} is missing: apt-get install postgresql-15", path.display());
    let mut command = Command::new(path);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

impl Server {
    fn start() -> Self {
        let user = ordinary_user();
        let dir = tempfile::Builder::new().prefix("lh-pg").tempdir_in("/tmp").unwrap();
        if let Some((uid, gid)) = user {
            chown(dir.path(), Some(uid), Some(gid)).unwrap();
        }
        let data = dir.path().join("data");
        let mut init = program("initdb", user);
        init.args(["-U", "longhouse", "-A", "trust", "-E", "UTF8", "--no-sync", "-D"]).arg(&data);
        let made = init.output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut serve = program("postgres", user);
        serve.arg("-D").arg(&data).arg("-k").arg(dir.path());
        serve.args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=64"]);
        let child = serve.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut server = Self { dir, child, runtime };
        let until = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while let Err(error) = server.runtime.block_on(connect(server.dir.path(), "postgres")) {
            let gone = server.child.try_wait().unwrap();
            if gone.is_some() || Instant::now() > until {
                let mut said = String::new();
                server.child.kill().ok();
                server.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                panic!("PostgreSQL did not start: {error}\n{said}");
            }
            std::thread::yield_now();
        }
        server
    }

    /// A fresh database with the schema in it.
    fn database(&self, name: &str) -> Postgres {
        let make = async {
            let client = connect(self.dir.path(), "postgres").await.unwrap();
            client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        };
        self.runtime.block_on(make);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(connect(self.dir.path(), name)).unwrap();
        let mut fresh = Postgres { runtime, client };
        fresh.batch(&Migration::record_table(Dialect::Postgres));
        for migration in Migration::all() {
            fresh.batch(&migration.up(Dialect::Postgres));
        }
        fresh
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A fast shutdown, by pid.
        let asked = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            self.child.kill().ok();
        }
        self.child.wait().ok();
    }
}

async fn connect(dir: &Path, database: &str) -> Result<Client, tokio_postgres::Error> {
    let address = format!("host={} user=longhouse dbname={database}", dir.display());
    let (client, connection) = tokio_postgres::connect(&address, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

struct Postgres {
    runtime: Runtime,
    client: Client,
}

impl Postgres {
    fn batch(&mut self, sql: &str) {
        let done = self.runtime.block_on(self.client.batch_execute(sql));
        assert!(done.is_ok(), "{sql}: {}", explain(&done.unwrap_err()));
    }
}

impl Postgres {
    fn plan(&mut self, statement: &Statement) -> String {
        self.runtime.block_on(async {
            let parameters = self.client.prepare(statement.sql).await.unwrap().params().len();
            let nulls = vec!["NULL"; parameters].join(", ");
            let call = if parameters == 0 { String::new() } else { format!("({nulls})") };
            let text = format!("PREPARE planned AS {}", statement.sql);
            self.client.batch_execute(&text).await.unwrap();
            let lines = self.client.query(&format!("EXPLAIN EXECUTE planned{call}"), &[]).await.unwrap();
            self.client.batch_execute("DEALLOCATE planned").await.unwrap();
            lines.iter().map(|line| line.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
        })
    }
}

async fn begin(client: &mut Client) -> PostgresTx<'_> {
    let serializable = tokio_postgres::IsolationLevel::Serializable;
    let inner = client.build_transaction().isolation_level(serializable).start().await.unwrap();
    PostgresTx { inner, prepared: HashMap::new() }
}

impl Engine for Postgres {
    fn run<O: Operation>(&mut self, operation: O) -> Result<O::Output, StoreError> {
        self.runtime.block_on(async {
            let mut tx = begin(&mut self.client).await;
            let result = operation.run(&mut tx).await;
            tx.end(result.is_ok()).await;
            result
        })
    }

    fn append(&mut self, append: RoomAppend) -> Result<AppendReceipt, AppendError> {
        self.runtime.block_on(async {
            let mut tx = begin(&mut self.client).await;
            let result = append_room(&mut tx, &append).await;
            tx.end(result.is_ok()).await;
            result
        })
    }
}

struct PostgresTx<'c> {
    inner: Transaction<'c>,
    prepared: HashMap<&'static str, tokio_postgres::Statement>,
}

impl PostgresTx<'_> {
    async fn end(self, commit: bool) {
        let ended = if commit { self.inner.commit().await } else { self.inner.rollback().await };
        ended.unwrap();
    }

    async fn prepare(&mut self, statement: &'static Statement) -> tokio_postgres::Statement {
        if let Some(prepared) = self.prepared.get(statement.sql) {
            return prepared.clone();
        }
        let prepared = self.inner.prepare(statement.sql).await.unwrap();
        self.prepared.insert(statement.sql, prepared.clone());
        prepared
    }
}

fn check(values: &[Value<'_>]) -> Result<(), StoreError> {
    values.iter().try_for_each(Value::check)
}

fn failed(statement: &Statement, error: &tokio_postgres::Error) -> StoreError {
    StoreError::Engine(format!("{}: {}", statement.name, explain(error)))
}

impl Tx for PostgresTx<'_> {
    async fn execute(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        check(values)?;
        let prepared = self.prepare(statement).await;
        let values: Vec<_> = values.iter().copied().map(Parameter).collect();
        let done = self.inner.execute_raw(&prepared, &values).await;
        done.map_err(|error| failed(statement, &error))
    }

    async fn rows<R, F>(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
        mut read: F,
    ) -> Result<Vec<R>, StoreError>
    where
        R: Send,
        F: FnMut(&Row<'_>) -> Result<R, StoreError> + Send,
    {
        check(values)?;
        let prepared = self.prepare(statement).await;
        let values: Vec<_> = values.iter().copied().map(Parameter).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        let rows = self.inner.query(&prepared, &values).await.map_err(|error| failed(statement, &error))?;
        rows.iter().map(|row| read(&Row::new(&PostgresRow(row)))).collect()
    }
}

#[derive(Debug)]
struct Parameter<'a>(Value<'a>);

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (&self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT) => text.to_sql(ty, out),
            (Value::Blob(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            (Value::Id(bytes), &Type::BYTEA) => bytes.as_slice().to_sql(ty, out),
            (value, ty) => Err(format!("{value:?} where PostgreSQL wants {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

struct PostgresRow<'a>(&'a tokio_postgres::Row);

impl Columns for PostgresRow<'_> {
    fn column(&self, index: usize) -> Result<Value<'_>, StoreError> {
        fn of<'a, V>(value: Option<V>, to: impl FnOnce(V) -> Value<'a>) -> Value<'a> {
            value.map_or(Value::Null, to)
        }
        let row = self.0;
        Ok(match *row.columns()[index].type_() {
            Type::INT8 => of(row.get::<_, Option<i64>>(index), Value::Int),
            Type::INT4 => of(row.get::<_, Option<i32>>(index), |number| Value::Int(number.into())),
            Type::TEXT => of(row.get::<_, Option<&str>>(index), Value::Text),
            Type::BYTEA => of(row.get::<_, Option<&[u8]>>(index), Value::Blob),
            ref other => return Err(StoreError::Damaged(format!("column {index} is {other}"))),
        })
    }
}
