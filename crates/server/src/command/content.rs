//! `longhouse content`: the data files that games are made of. What is read here comes from the data folder, beside a
//! running server; what is changed goes through the server.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use app::contents::Findings;
use app::outside::{Question, Url};
use app::ports::Clock;
use app::rooms::Library;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kernel::Hash128;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{ContentCurrent, ContentGet, ContentRow, ContentsOf, ListRooms, RoomState, SharedRead};

use super::content_table;
use super::flags::{Content, ContentFile};
use crate::config::Loaded;
use crate::outside::Web;
use crate::ports::SystemClock;
use crate::serve::Games;

/// Contents that are listed.
const LISTED_MAX: u32 = 1_000;
/// Rooms counted at a time.
const PAGE_ROOMS: u32 = 1_000;
/// A server reads every room before it answers a check.
const CHECK_MS_MAX: u64 = 1_800_000;
/// Whoever has waited for so long is shown that something goes on.
const QUIET_MS_MAX: u64 = 2_000;
/// Between two pictures of what goes on.
const TICK_MS: u64 = 100;
/// Bytes of a server's answer.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// Does what was asked for.
pub fn content(loaded: &Loaded, games: &Games, ask: &Content) -> Result<ExitCode> {
    match ask {
        Content::Check { file, url } => check(loaded, games, file, url.as_deref()),
        Content::Publish { file, url, accept_losses } => {
            publish(loaded, file, url.as_deref(), *accept_losses)
        }
        Content::List { rules, json } => list(loaded, games, rules, *json),
        Content::Show { rules, hash } => show(loaded, games, rules, hash.as_deref()),
    }
}

fn check(loaded: &Loaded, games: &Games, file: &ContentFile, url: Option<&str>) -> Result<ExitCode> {
    let body = read(&file.file)?;
    let found = match url {
        Some(url) => asked_to_check(loaded, file, url, &body)?,
        None => checked(loaded, games, file, body.as_bytes())?,
    };
    if file.json {
        println!("{}", json!(found));
    } else {
        print!("{}", content_table::table(&found));
    }
    Ok(if found.is_loss() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Tries a content on every room of the data folder.
fn checked(loaded: &Loaded, games: &Games, file: &ContentFile, body: &[u8]) -> Result<Findings> {
    let library = games.library(&loaded.config)?;
    // What is wrong with the file is said at once, and without any store.
    library.newest_with(&file.rules, body).map_err(|error| named(&error.to_string(), file))?;
    let store = SharedRead::open(&loaded.config.data)?;
    let bar = progress_bar(count(&store, &file.rules)?);
    let now_ms = SystemClock::new().now_ms();
    let done =
        app::rooms::check(&store, &library, now_ms, &file.rules, body, &mut |rooms| bar.set_position(rooms));
    bar.finish_and_clear();
    Ok(done?.into())
}

fn count(store: &SharedRead, rules: &str) -> Result<u64> {
    let (mut rooms, mut before) = (0, None);
    loop {
        let page = store.read_now(ListRooms { before, open_only: true, limit: PAGE_ROOMS })?;
        let Some(last) = page.last() else { return Ok(rooms) };
        before = Some(last.row.id);
        let of_rules =
            page.iter().filter(|room| room.row.rules == rules && room.row.state == RoomState::Open);
        rooms += of_rules.count() as u64;
    }
}

fn progress_bar(rooms: u64) -> ProgressBar {
    let bar = ProgressBar::new(rooms);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style =
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} rooms, {per_sec}, {eta} left")
            .expect("the template is well-formed");
    bar.with_style(style)
}

fn publish(loaded: &Loaded, file: &ContentFile, url: Option<&str>, accept_losses: bool) -> Result<ExitCode> {
    let body = read(&file.file)?;
    let own = format!("http://{}", reachable(&loaded.config.listen));
    let url = url.unwrap_or(&own);
    if !accept_losses {
        let found = asked_to_check(loaded, file, url, &body)?;
        if found.is_loss() {
            if file.json {
                println!("{}", json!(found));
            } else {
                print!("{}", content_table::table(&found));
            }
            bail!(
                "nothing was published: players would lose something; --accept-losses publishes all the same"
            );
        }
    }
    // It was looked at a moment ago, or shall not be.
    let wanted = json!({ "rules": file.rules, "content": body, "accept_losses": true });
    let done = call(loaded, file, url, "content_publish", &wanted)?;
    if file.json {
        println!("{done}");
    } else {
        println!("published: {}", done["rules"].as_str().unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}

fn asked_to_check(loaded: &Loaded, file: &ContentFile, url: &str, body: &str) -> Result<Findings> {
    let found = call(loaded, file, url, "content_check", &json!({ "rules": file.rules, "content": body }))?;
    serde_json::from_value(found).context("the server's answer is strange")
}

/// What a server says to a function's call.
fn call(loaded: &Loaded, file: &ContentFile, url: &str, function: &str, payload: &Value) -> Result<Value> {
    let asked = Url::parse(&format!("{}/v2/rpc/{function}", url.trim_end_matches('/')));
    let asked = asked.with_context(|| format!("{url:?} is no address of a server"))?;
    let asked = asked.with_query(&[("unwrap", "true"), ("http_key", loaded.config.keys.http_key.reveal())]);
    let question = Question { bytes_max: ANSWER_BYTES_MAX, ..Question::json(asked, payload) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let web = Web::default();
    let asked = web.ask_within(question, CHECK_MS_MAX);
    let reply = runtime.block_on(shown(asked, QUIET_MS_MAX, || waiting("the server is at work")));
    let reply = reply.with_context(|| format!("the server at {url} was asked for {function}"))?;
    if reply.is_good() {
        return Ok(reply.read()?);
    }
    #[derive(Deserialize)]
    struct Refused {
        message: String,
    }
    match reply.read::<Refused>() {
        Ok(refused) => bail!(named(&refused.message, file)),
        Err(_) => bail!("the server at {url} answered {}", reply.quoted()),
    }
}

/// Does work; if it takes longer than the quiet time, beside a bar.
async fn shown<T>(work: impl Future<Output = T>, quiet_ms: u64, bar: impl FnOnce() -> ProgressBar) -> T {
    let mut work = pin!(work);
    if let Ok(done) = tokio::time::timeout(Duration::from_millis(quiet_ms), work.as_mut()).await {
        return done;
    }
    let bar = bar();
    let done = work.await;
    bar.finish_and_clear();
    done
}

/// Says on a terminal what is waited for and for how long. How far a server is, it does not tell.
fn waiting(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style =
        ProgressStyle::with_template("{spinner} {msg}, for {elapsed}").expect("the template is well-formed");
    bar.enable_steady_tick(Duration::from_millis(TICK_MS));
    bar.with_elapsed(Duration::from_millis(QUIET_MS_MAX)).with_style(style).with_message(what)
}

/// The address under which a listener is reached from here.
fn reachable(listen: &str) -> String {
    match listen.rsplit_once(':') {
        Some(("0.0.0.0" | "[::]" | "", port)) => format!("127.0.0.1:{port}"),
        _ => listen.to_owned(),
    }
}

/// Rules speak of their own file, `farm.toml:12: …`; whoever reads that wants the file that was given.
fn named(error: &str, file: &ContentFile) -> anyhow::Error {
    let own = format!("{}.toml:", file.rules);
    anyhow::anyhow!("{}", error.replace(&own, &format!("{}:", file.file.display())))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// What is known of the contents of some rules.
struct Known {
    store: SharedRead,
    library: Library,
    current: Hash128,
}

impl Known {
    /// Whatever was published last is in force; without that, what the program or its configuration brings.
    fn open(loaded: &Loaded, games: &Games, rules: &str) -> Result<Self> {
        let library = games.library(&loaded.config)?;
        let Some(own) = library.newest(rules) else { bail!("there are no rules named {rules:?}") };
        let store = SharedRead::open(&loaded.config.data)?;
        let published = store.read_now(ContentCurrent { rules: rules.to_owned() })?;
        let current = match published {
            Some(row) => hash(&row)?,
            None => own.id().content,
        };
        Ok(Self { store, library, current })
    }
}

fn hash(row: &ContentRow) -> Result<Hash128> {
    let bytes = row.hash.as_slice().try_into().context("a hash in the store has another length")?;
    Ok(Hash128(bytes))
}

fn list(loaded: &Loaded, games: &Games, rules: &str, as_json: bool) -> Result<ExitCode> {
    let known = Known::open(loaded, games, rules)?;
    let rows = known.store.read_now(ContentsOf { rules: rules.to_owned(), limit: LISTED_MAX })?;
    for row in rows {
        let (id, at) = (hash(&row)?, wire::time::rfc3339(row.at_ms));
        let in_force = id == known.current;
        if as_json {
            println!("{}", json!({ "hash": id.to_string(), "time": at, "current": in_force }));
        } else {
            println!("{id}  {at}{}", if in_force { "  in force" } else { "" });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(loaded: &Loaded, games: &Games, rules: &str, wanted: Option<&str>) -> Result<ExitCode> {
    let known = Known::open(loaded, games, rules)?;
    let id = match wanted {
        None => known.current,
        Some(beginning) => {
            let rows = known.store.read_now(ContentsOf { rules: rules.to_owned(), limit: LISTED_MAX })?;
            let ids = rows.iter().map(hash).collect::<Result<Vec<_>>>()?;
            let fits: Vec<_> = ids.into_iter().filter(|id| id.to_string().starts_with(beginning)).collect();
            match fits[..] {
                [id] => id,
                [] => bail!("no content of {rules} has a hash that begins with {beginning:?}"),
                _ => bail!("several contents of {rules} have a hash that begins with {beginning:?}"),
            }
        }
    };
    let get = ContentGet { rules: rules.to_owned(), hash: id.0.to_vec() };
    let body = match known.store.read_now(get)? {
        Some(body) => body,
        None => {
            // A server that has never run with it has not put it into the store.
            let own = known.library.own(rules).filter(|own| Hash128::of(&[own]) == id);
            own.with_context(|| format!("the content {id} of {rules} is not in the store"))?.to_vec()
        }
    };
    std::io::stdout().write_all(&body)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_reached_on_this_machine() {
        for (listen, reached) in [
            ("127.0.0.1:7350", "127.0.0.1:7350"),
            ("0.0.0.0:7350", "127.0.0.1:7350"),
            ("[::]:80", "127.0.0.1:80"),
            ("farm.example.com:80", "farm.example.com:80"),
        ] {
            assert_eq!(reachable(listen), reached);
        }
    }

    #[tokio::test]
    async fn a_bar_comes_after_the_quiet_time_and_goes_with_the_work() {
        let nothing_to_show = || panic!("it was there at once");
        assert_eq!(shown(std::future::ready(1), QUIET_MS_MAX, nothing_to_show).await, 1);
        // Work that ends once there is a bar: without one it would never end.
        let (made, seen) = tokio::sync::oneshot::channel();
        let bar = ProgressBar::hidden();
        let there = bar.clone();
        let done = shown(async { seen.await.unwrap() }, 1, || {
            made.send(2).unwrap();
            there
        });
        assert_eq!((done.await, bar.is_finished()), (2, true));
    }

    #[test]
    fn errors_name_the_file_that_was_given() {
        let file = ContentFile { rules: "farm".into(), file: "new/wool.toml".into(), json: false };
        let error = named("farm.toml:3: no wool\nfarm.toml:9: no llama", &file).to_string();
        assert_eq!(error, "new/wool.toml:3: no wool\nnew/wool.toml:9: no llama");
    }
}
