//! Who is told of commits, of what was announced with them, and of statements.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{OnceLock, PoisonError, RwLock};

type Hook = Box<dyn Fn() + Send + Sync>;
type Listener = Box<dyn Fn(Heard<'_>) + Send + Sync>;
type Watcher = Box<dyn Fn(&str) + Send + Sync>;

/// What a listener hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// A transaction that announced this was committed, here or (on PostgreSQL) on another node. One's own may be heard twice.
    Notice(&'a str),
    /// Other nodes can't be heard from now on.
    Deaf,
    /// Other nodes are heard from now on; what they announced before may have been missed.
    Listening,
}

/// Called after commits; they must return at once (wake a task, drop what was remembered, no more).
#[derive(Default)]
pub(crate) struct Hooks {
    commits: RwLock<Vec<Hook>>,
    listeners: RwLock<Vec<(&'static str, Listener)>>,
    watcher: OnceLock<Watcher>,
}

impl Hooks {
    pub(crate) fn add(&self, hook: Hook) {
        self.commits.write().unwrap_or_else(PoisonError::into_inner).push(hook);
    }

    pub(crate) fn call(&self) {
        self.commits.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(guarded);
    }

    pub(crate) fn listen(&self, channel: &'static str, listener: Listener) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push((channel, listener));
    }

    pub(crate) fn channels(&self) -> Vec<&'static str> {
        self.listeners.read().unwrap_or_else(PoisonError::into_inner).iter().map(|(channel, _)| *channel).collect()
    }

    /// The first watcher is the one.
    pub(crate) fn watch(&self, watcher: Watcher) {
        let _ = self.watcher.set(watcher);
    }

    /// Tells the watcher of a statement that is about to run.
    pub(crate) fn statement(&self, text: &str) {
        if let Some(watcher) = self.watcher.get() {
            watcher(text);
        }
    }

    /// Tells the listeners of one channel.
    pub(crate) fn notice(&self, channel: &str, text: &str) {
        self.tell(|of| of == channel, Heard::Notice(text));
    }

    /// Tells the listeners of all channels.
    pub(crate) fn tell_all(&self, heard: Heard<'_>) {
        self.tell(|_| true, heard);
    }

    fn tell(&self, wanted: impl Fn(&str) -> bool, heard: Heard<'_>) {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner);
        listeners.iter().filter(|(channel, _)| wanted(channel)).for_each(|(_, listener)| guarded(|| listener(heard)));
    }
}

/// What they are told of is durable: a panic of theirs must not turn it into an error.
fn guarded(hook: impl Fn()) {
    if catch_unwind(AssertUnwindSafe(hook)).is_err() {
        tracing::error!("who was told of a commit panicked");
    }
}
