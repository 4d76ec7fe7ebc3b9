//! One worker: a bounded queue of words to it, and what it says. One that does not read is sent away.

use std::sync::{Arc, OnceLock};

use tokio::sync::{Mutex, mpsc};

use super::{Agents, FromWorker, State, ToWorker, WorkerFault, WorkerId};

/// Words that may wait for one worker. While more do, it does not read, and is sent away.
pub const WORDS_MAX: usize = 4_096;

/// The desk's end of it.
pub(super) struct Line {
    pub words: mpsc::Sender<ToWorker>,
    pub why: Arc<OnceLock<&'static str>>,
}

/// The worker's end of it. Dropped, the worker is gone.
pub struct Connection {
    agents: Agents,
    id: WorkerId,
    words: Mutex<mpsc::Receiver<ToWorker>>,
    why: Arc<OnceLock<&'static str>>,
}

pub(super) fn open(agents: Agents, id: WorkerId) -> (Line, Connection) {
    let (sender, words) = mpsc::channel(WORDS_MAX);
    let why = Arc::new(OnceLock::new());
    let line = Line { words: sender, why: Arc::clone(&why) };
    (line, Connection { agents, id, words: Mutex::new(words), why })
}

impl Connection {
    /// The next word to the worker; `None`: it is sent away, see [`why`](Self::why).
    pub async fn next(&self) -> Option<ToWorker> {
        self.words.lock().await.recv().await
    }

    /// Why it was sent away.
    pub fn why(&self) -> &'static str {
        self.why.get().copied().unwrap_or("the call is over")
    }

    /// The worker says something.
    pub fn hear(&self, word: FromWorker) -> Result<(), WorkerFault> {
        let word = word.checked()?;
        let now_ms = self.agents.0.core.now_ms();
        let state = &mut *self.agents.0.state.lock();
        state.desk.hear(now_ms, self.id, word);
        self.agents.perform(state);
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let state = &mut *self.agents.0.state.lock();
        self.agents.hang_up(state, self.id, "the worker went away");
        self.agents.perform(state);
    }
}

impl Agents {
    /// Sends a worker away. The caller performs what the desk then says.
    pub(super) fn hang_up(&self, state: &mut State, id: WorkerId, why: &'static str) {
        if let Some(line) = state.lines.remove(&id) {
            // Somebody may have said it before.
            let _ = line.why.set(why);
            state.desk.leave(self.0.core.now_ms(), id);
            tracing::info!(worker = id.0, why, "a worker is gone");
        }
    }
}
