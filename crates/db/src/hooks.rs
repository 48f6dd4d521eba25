//! Who is told of commits.

use std::sync::{PoisonError, RwLock};

type Hook = Box<dyn Fn() + Send + Sync>;

/// Called after each commit that asked for it; they must return at once (wake a task, no more).
#[derive(Default)]
pub(crate) struct Hooks(RwLock<Vec<Hook>>);

impl Hooks {
    pub(crate) fn add(&self, hook: Hook) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(hook);
    }

    pub(crate) fn call(&self) {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(|hook| hook());
    }
}
