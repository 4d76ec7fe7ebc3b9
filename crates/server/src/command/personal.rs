//! `longhouse personal`: the keys under which what is personal lies in the store. The server must be down: a folder
//! belongs to one process.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use app::accounts::Vault;
use app::ports::Entropy;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use store::{Options, Personal, PersonalKeys, PersonalReseal, PersonalUnder, Store, UserId};

use super::flags;
use crate::config::{self, Loaded};
use crate::ports::SystemEntropy;

/// Texts that one transaction seals again. What is done when the command is stopped stays done, and the next run goes
/// on with the rest.
const TEXTS_AT_ONCE: u32 = 500;

/// Shows the keys in use, or seals everything under the current one.
pub fn personal(loaded: &Loaded, ask: &flags::Personal) -> Result<ExitCode> {
    let data = &loaded.config.data;
    if !data.is_dir() {
        bail!("there is no folder {}; --data names another one", data.display());
    }
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let vault = config::vault(&loaded.config, &entropy);
    let store = Store::open(data, Options::default())?;
    let done = match ask {
        flags::Personal::Status => status(&store, &vault),
        flags::Personal::Rotate => rotate(&store, &vault),
    };
    store.close();
    done
}

fn status(store: &Store, vault: &Vault) -> Result<ExitCode> {
    for (key, texts) in store.read_now(PersonalKeys)? {
        let what = match (key == vault.key_id(), vault.opens(key)) {
            (true, _) => "current",
            (false, true) => "old: `personal rotate` ends it",
            (false, false) => "MISSING: it is not in keys.personal_old",
        };
        println!("{key:016x}  {texts:>12} texts  {what}");
    }
    Ok(ExitCode::SUCCESS)
}

fn rotate(store: &Store, vault: &Vault) -> Result<ExitCode> {
    let old: Vec<_> = store.read_now(PersonalKeys)?;
    let old: Vec<_> = old.into_iter().filter(|(key, _)| *key != vault.key_id()).collect();
    // Before the first text: an operator who forgot a key should hear of it now, not after an hour.
    if let Some((key, texts)) = old.iter().find(|(key, _)| !vault.opens(*key)) {
        bail!(
            "{texts} texts are sealed under the key {key:016x}, which is not configured: add it to keys.personal_old"
        );
    }
    let bar = progress_bar(old.iter().map(|(_, texts)| texts).sum());
    let mut sealed = 0;
    for (key_id, _) in old {
        let mut after = None;
        loop {
            let under = store.read_now(PersonalUnder { key_id, after, limit: TEXTS_AT_ONCE })?;
            let Some((user, last)) = under.last() else { break };
            after = Some((*user, last.kind));
            let resealed =
                under.iter().map(|(user, text)| reseal(vault, *user, text)).collect::<Result<_>>()?;
            let count = store.write_now(PersonalReseal { resealed })?.into_inner();
            sealed += count;
            bar.inc(count);
        }
    }
    bar.finish_and_clear();
    println!("{sealed} texts were sealed again; all are under the key {:016x}", vault.key_id());
    Ok(ExitCode::SUCCESS)
}

fn reseal(vault: &Vault, user: UserId, text: &Personal) -> Result<(UserId, i64, Personal)> {
    let plain = vault.open(text).with_context(|| format!("what is sealed of the user {user}"))?;
    Ok((user, text.key_id, vault.seal(text.kind, &plain)))
}

fn progress_bar(texts: u64) -> ProgressBar {
    let bar = ProgressBar::new(texts);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style =
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} texts, {per_sec}, {eta} left")
            .expect("the template is well-formed");
    bar.with_style(style)
}
