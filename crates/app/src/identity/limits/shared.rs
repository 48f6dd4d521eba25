//! Marks that all nodes see, in a Redis or Valkey.
//!
//! What must never happen here: a sign-in that fails, or waits long, because Redis is away; an address or a name in Redis.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use clinichub_core::{AppError, UtcTime};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, RedisResult, Script, ScriptInvocation};
use sha2::{Digest as _, Sha256};

use super::memory::WINDOW;
use crate::identity::keys::hex;

/// How long Redis may take before this node decides by itself.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long Redis is left alone after it did not answer, in microseconds.
const PAUSE: i64 = 5_000_000;

/// One step, as a whole: forgets what is over, then peeks, marks or takes back. Answers with the microsecond from which on there is room
/// again, or 0. Numbers are passed and given as texts, since Lua's are not exact to the microsecond when they are printed.
const STEP: &str = r"
local key, step, now, window, most, member = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if step == 'clear' then
    redis.call('DEL', key)
    return '0'
end
if step == 'unmark' then
    redis.call('ZPOPMAX', key)
    return '0'
end
redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - window))
if redis.call('ZCARD', key) >= most then
    local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    return string.format('%.0f', tonumber(oldest[2]) + window)
end
if step == 'mark' then
    redis.call('ZADD', key, ARGV[2], member)
    redis.call('PEXPIRE', key, string.format('%.0f', window / 1000))
end
return '0'
";

/// What to do with the marks of a key.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// Look whether there is room.
    Peek,
    /// Leave a mark where there is room.
    Mark,
    /// Take the last mark back.
    Unmark,
    /// Take all marks back.
    Clear,
}

impl Step {
    fn as_str(self) -> &'static str {
        match self {
            Self::Peek => "peek",
            Self::Mark => "mark",
            Self::Unmark => "unmark",
            Self::Clear => "clear",
        }
    }
}

/// The connection, and how it goes.
pub struct Shared {
    connection: ConnectionManager,
    script: Script,
    prefix: String,
    /// Tells this node's marks of one microsecond apart.
    marks: AtomicU64,
    /// Whether Redis did not answer the last time; said once.
    is_away: AtomicBool,
    /// Until when Redis is left alone.
    pause_until: AtomicI64,
}

impl Shared {
    /// Connects when the first mark is made.
    pub fn new(url: &str, prefix: &str) -> Result<Self, AppError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let client = Client::open(url).map_err(AppError::internal)?;
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, config).map_err(AppError::internal)?,
            script: Script::new(STEP),
            prefix: prefix.to_owned(),
            marks: AtomicU64::new(first_mark()),
            is_away: AtomicBool::new(false),
            pause_until: AtomicI64::new(i64::MIN),
        })
    }

    /// Does a step. Answers with the microsecond from which on there is room for the next mark; `None`: Redis is away.
    pub async fn run(&self, step: Step, limit: &str, key: &(impl Hash + Sync), most: usize, now: UtcTime) -> Option<i64> {
        if now.micros() < self.pause_until.load(Ordering::Relaxed) {
            return None;
        }
        let member = format!("{}-{:x}", now.micros(), self.marks.fetch_add(1, Ordering::Relaxed));
        let mut call = self.script.key(format!("{}limit:{limit}:{}", self.prefix, digest(key)));
        call.arg(step.as_str()).arg(now.micros()).arg(WINDOW).arg(most).arg(member);
        let answer = tokio::time::timeout(PATIENCE * 2, self.invoke(&call)).await;
        match answer {
            Ok(Ok(until)) => {
                self.came_back();
                until.parse().ok()
            }
            Ok(Err(error)) => self.went_away(now, Some(&error)),
            Err(_) => self.went_away(now, None),
        }
    }

    /// Tries once more where the connection was lost, which is noticed only when it is used. A mark that was left already is the same one.
    async fn invoke(&self, call: &ScriptInvocation<'_>) -> RedisResult<String> {
        let mut connection = self.connection.clone();
        match call.invoke_async(&mut connection).await {
            Err(error) if error.is_unrecoverable_error() => call.invoke_async(&mut connection).await,
            result => result,
        }
    }

    fn came_back(&self) {
        if self.is_away.swap(false, Ordering::Relaxed) {
            tracing::info!("Redis is back; the nodes count sign-ins together again");
        }
    }

    fn went_away(&self, now: UtcTime, error: Option<&RedisError>) -> Option<i64> {
        self.pause_until.store(now.micros().saturating_add(PAUSE), Ordering::Relaxed);
        if !self.is_away.swap(true, Ordering::Relaxed) {
            let error = error.map_or_else(|| "no answer in time".to_owned(), ToString::to_string);
            tracing::warn!(error, "Redis is away; each node counts sign-ins by itself");
        }
        None
    }
}

/// Nodes begin at different numbers.
fn first_mark() -> u64 {
    std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), "marks")
}

/// What a key is called in Redis: nobody reads an address or a name there. The same on every node of one version.
fn digest(key: &impl Hash) -> String {
    let mut feed = Feed(Sha256::new());
    key.hash(&mut feed);
    hex(&feed.0.finalize()[..16])
}

/// Hands what is hashed on to SHA-256.
struct Feed(Sha256);

impl Hasher for Feed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_name_that_tells_nothing() {
        let key = |name: &str| digest(&(name, "192.0.2.1"));
        assert_eq!(key("anne@example.org"), key("anne@example.org"));
        assert_ne!(key("anne@example.org"), key("bert@example.org"));
        assert_eq!(key("anne@example.org").len(), 32);
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused() {
        assert!(Shared::new("http://localhost", "test:").is_err());
        assert!(Shared::new("redis://127.0.0.1:1", "test:").is_ok(), "it is connected to later");
    }

    #[tokio::test]
    async fn a_redis_that_is_away_is_left_alone_for_a_while() {
        let shared = Shared::new("redis://127.0.0.1:1", "test:").expect("an address");
        let at = |seconds: i64| UtcTime::from_micros(seconds * 1_000_000);
        assert_eq!(shared.run(Step::Mark, "test", &1, 1, at(0)).await, None);
        let before = shared.pause_until.load(Ordering::Relaxed);
        assert_eq!(shared.run(Step::Mark, "test", &1, 1, at(4)).await, None);
        assert_eq!(shared.pause_until.load(Ordering::Relaxed), before, "it was not asked");
        assert_eq!(shared.run(Step::Mark, "test", &1, 1, at(5)).await, None);
        assert!(shared.pause_until.load(Ordering::Relaxed) > before);
    }
}
