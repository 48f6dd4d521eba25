//! Claims jobs, runs their handlers, and writes down how it went.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use clinichub_core::{AppError, ClinicId, Clock, Entropy, Grant, JobId};
use clinichub_db::Db;
use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use crate::schedule::{self, Schedule};
use crate::store::{self, Claimed, Ending};
use crate::{delay, sweep, system_grant};

/// How long a claimed job belongs to its node without being renewed.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often the lease of a running job is renewed.
const RENEW: Duration = Duration::from_secs(20);
/// How often the queue is looked at when nobody says that there is something.
const POLL: Duration = Duration::from_secs(1);
/// How long commits are gathered before the queue is looked at.
const GATHER: Duration = Duration::from_millis(20);
/// How many jobs run at a time on a node.
const AT_A_TIME: usize = 4;
/// The longest kept reason of a failure, in characters.
const LONGEST_ERROR: usize = 500;

type Handler = Arc<dyn Fn(JobContext) -> Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>> + Send + Sync>;

/// What a handler gets.
#[derive(Debug, Clone)]
pub struct JobContext {
    /// The job.
    pub job_id: JobId,
    /// The clinic it belongs to, if it does.
    pub clinic_id: Option<ClinicId>,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// Whether no other attempt follows.
    pub is_last: bool,
    /// The key to the database, in the name of the program, for the job's clinic.
    pub grant: Grant,
    payload: String,
}

impl JobContext {
    /// What the job was given. A payload that can't be read can't be read later either: the job is given up.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        serde_json::from_str(&self.payload).map_err(|error| JobError::GiveUp(format!("The payload can't be read: {error}")))
    }
}

/// Why an attempt failed. The text is kept with the job: no names, no addresses, nothing about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobError {
    /// It may work later.
    Again(String),
    /// It never will.
    GiveUp(String),
}

impl std::fmt::Display for JobError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Again(text) | Self::GiveUp(text)) = self;
        f.write_str(text)
    }
}

impl std::error::Error for JobError {}

impl From<AppError> for JobError {
    fn from(error: AppError) -> Self {
        match &error {
            AppError::Internal(source) => Self::Again(source.to_string()),
            AppError::Unavailable(reason) => Self::Again(reason.clone()),
            _ => Self::Again(error.to_string()),
        }
    }
}

/// Runs jobs and schedules. Cheap to clone.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tasks: TaskTracker,
    node: String,
    handlers: BTreeMap<&'static str, Handler>,
    schedules: Vec<Arc<Schedule>>,
    wake: Arc<Notify>,
    slots: Arc<Semaphore>,
}

/// Collects the handlers of a [`Runner`].
pub struct RunnerBuilder {
    db: Db,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tasks: TaskTracker,
    handlers: BTreeMap<&'static str, Handler>,
    schedules: Vec<Arc<Schedule>>,
    at_a_time: usize,
}

impl RunnerBuilder {
    /// Handles the jobs of a kind. The handler may run twice for one job.
    #[must_use]
    pub fn job<F, Fut>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(JobContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.handlers.insert(kind, Arc::new(move |job| Box::pin(handler(job))));
        self
    }

    /// Runs `handler` once a `period`, on one node. `name` is its lease and what the audit trail calls it.
    #[must_use]
    pub fn every<F, Fut>(mut self, period: SignedDuration, name: &'static str, handler: F) -> Self
    where
        F: Fn(Grant) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let handler: schedule::Handler = Arc::new(move |grant| Box::pin(handler(grant)));
        self.schedules.push(Arc::new(Schedule::new(name, period, handler)));
        self
    }

    /// How many jobs run at a time on this node; 4 unless told.
    #[must_use]
    pub fn at_a_time(mut self, jobs: usize) -> Self {
        self.at_a_time = jobs.max(1);
        self
    }

    /// Puts the runner together. It does nothing until it is started.
    pub fn build(self) -> Runner {
        let (db, clock) = (self.db.clone(), self.clock.clone());
        let this = self.every(SignedDuration::from_hours(1), "sweep", move |grant| {
            let (db, clock) = (db.clone(), clock.clone());
            async move { Ok(sweep::sweep(&db, clock.as_ref(), &grant).await?) }
        });
        let wake = Arc::new(Notify::new());
        let waker = wake.clone();
        this.db.on_commit(move || waker.notify_one());
        Runner(Arc::new(Inner {
            node: format!("{:016x}", u64::from_be_bytes(this.entropy.bytes())),
            db: this.db,
            clock: this.clock,
            entropy: this.entropy,
            tasks: this.tasks,
            handlers: this.handlers,
            schedules: this.schedules,
            wake,
            slots: Arc::new(Semaphore::new(this.at_a_time)),
        }))
    }
}

impl Runner {
    /// Begins a runner. Shutdown waits for `tasks`, and so for the jobs in flight.
    pub fn builder(db: Db, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, tasks: TaskTracker) -> RunnerBuilder {
        RunnerBuilder { db, clock, entropy, tasks, handlers: BTreeMap::new(), schedules: Vec::new(), at_a_time: AT_A_TIME }
    }

    /// Works in the background until `stop`; what is in flight then is finished.
    pub fn start(&self, stop: CancellationToken) {
        let this = self.clone();
        self.0.tasks.spawn(async move {
            while !stop.is_cancelled() {
                this.start_schedules();
                let more = this.start_jobs().await.unwrap_or_else(|error| {
                    tracing::warn!(error = %error, "the queue could not be read");
                    false
                });
                if !more {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = this.0.wake.notified() => tokio::time::sleep(GATHER).await,
                        () = tokio::time::sleep(POLL) => {}
                    }
                }
            }
        });
    }

    /// Runs every schedule and every job that is due by the clock, one after the other, until there is none; for tests and commands.
    /// How many there were. What fails is put off and not tried again before its time.
    pub async fn run_due_now(&self) -> Result<usize, AppError> {
        let inner = &self.0;
        let mut count = 0;
        for schedule in inner.schedules.iter().filter(|schedule| schedule.is_due(inner.clock.now())) {
            count += usize::from(schedule.run(&inner.db, inner.clock.as_ref(), &inner.node).await);
        }
        loop {
            let claimed = self.claim(1).await?;
            if claimed.is_empty() {
                return Ok(count);
            }
            for job in claimed {
                count += 1;
                self.work(job).await;
            }
        }
    }

    fn start_schedules(&self) {
        let now = self.0.clock.now();
        for schedule in self.0.schedules.iter().filter(|schedule| schedule.is_due(now)) {
            let (this, schedule) = (self.clone(), schedule.clone());
            self.0.tasks.spawn(async move { schedule.run(&this.0.db, this.0.clock.as_ref(), &this.0.node).await });
        }
    }

    /// Starts what is due, as far as there is room. True if there may be more, and room for it.
    async fn start_jobs(&self) -> Result<bool, AppError> {
        let room = self.0.slots.available_permits();
        if room == 0 || !self.has_work().await? {
            return Ok(false);
        }
        let claimed = self.claim(room).await?;
        let any = !claimed.is_empty();
        for job in claimed {
            let Ok(slot) = self.0.slots.clone().acquire_owned().await else { break };
            let this = self.clone();
            self.0.tasks.spawn(async move { this.work_in(job, slot).await });
        }
        Ok(any && self.0.slots.available_permits() > 0)
    }

    async fn work_in(&self, job: Claimed, slot: OwnedSemaphorePermit) {
        self.work(job).await;
        drop(slot);
        self.0.wake.notify_one();
    }

    async fn has_work(&self) -> Result<bool, AppError> {
        let grant = system_grant(None, "claim_jobs", self.0.clock.as_ref());
        self.0.db.platform_read(&grant, (), |mut tx, ()| async move { Ok(store::has_work(&mut tx).await?) }).await
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Claimed>, AppError> {
        let inner = &self.0;
        let grant = system_grant(None, "claim_jobs", inner.clock.as_ref());
        let kinds: Arc<[&'static str]> = inner.handlers.keys().copied().collect();
        let limit = i64::try_from(limit).unwrap_or(1);
        let args = (kinds, inner.node.clone());
        let (claimed, recovered, dead) = inner
            .db
            .platform_write(&grant, args, move |mut tx, (kinds, node)| async move {
                tx.unaudited("claiming a job changes nobody's data");
                let now = tx.now();
                let (recovered, dead) = store::recover(&mut tx, now).await?;
                Ok((store::claim(&mut tx, &kinds, &node, now, now.plus(LEASE), limit).await?, recovered, dead))
            })
            .await?;
        if recovered + dead > 0 {
            metrics::counter!("clinichub_jobs_recovered_total").increment(recovered + dead);
            tracing::warn!(recovered, dead, "jobs of a program that stopped were taken over");
        }
        Ok(claimed)
    }

    /// Runs one claimed job to its end.
    async fn work(&self, job: Claimed) {
        let Some((&kind, handler)) = self.0.handlers.get_key_value(job.kind.as_str()) else { return };
        let result = tokio::select! {
            result = self.attempt(&job, kind, handler) => result,
            () = self.keep(&job) => {
                tracing::warn!(job = job.job_id.0, kind, "a job was taken over by another node");
                return;
            }
        };
        let ending = self.ending(&job, result);
        note(&job, kind, &ending);
        self.finish(&job, ending).await;
    }

    async fn attempt(&self, job: &Claimed, kind: &'static str, handler: &Handler) -> Result<(), JobError> {
        let context = JobContext {
            job_id: job.job_id,
            clinic_id: job.clinic_id,
            attempt: job.attempts,
            is_last: job.attempts >= job.max_attempts,
            grant: system_grant(job.clinic_id, kind, self.0.clock.as_ref()),
            payload: job.payload.clone(),
        };
        // A task of its own, so that a handler that panics fails alone; dropped with this future when the lease is lost.
        let task = AbortOnDropHandle::new(self.0.tasks.spawn(handler(context)));
        task.await.unwrap_or_else(|_| Err(JobError::Again("The handler panicked".to_owned())))
    }

    /// Renews the lease of a running job; ends when somebody else has it.
    async fn keep(&self, job: &Claimed) {
        let inner = &self.0;
        loop {
            tokio::time::sleep(RENEW).await;
            let grant = system_grant(None, "keep_job", inner.clock.as_ref());
            let args = (job.job_id, job.attempts, inner.node.clone());
            let kept = inner.db.platform_write(&grant, args, |mut tx, (id, attempt, node)| async move {
                tx.unaudited("a lease is nobody's data");
                let until = tx.now().plus(LEASE);
                Ok(store::keep(&mut tx, id, &node, attempt, until).await?)
            });
            match kept.await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(job = job.job_id.0, error = %error, "the lease of a job could not be renewed"),
            }
        }
    }

    fn ending(&self, job: &Claimed, result: Result<(), JobError>) -> Ending {
        let short = |error: &JobError| error.to_string().chars().take(LONGEST_ERROR).collect();
        match result {
            Ok(()) => Ending::Done,
            Err(error @ JobError::Again(_)) if job.attempts < job.max_attempts => {
                let random = u16::from_le_bytes(self.0.entropy.bytes());
                Ending::Again { at: self.0.clock.now().plus(delay(job.attempts, random)), error: short(&error) }
            }
            Err(error) => Ending::Dead { error: short(&error) },
        }
    }

    /// Writes down how the job ended; where the database is away, a few times. After that its lease runs out and it is run again.
    async fn finish(&self, job: &Claimed, ending: Ending) {
        let inner = &self.0;
        for wait in [0, 100, 500, 2000, 5000] {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            let grant = system_grant(None, "finish_job", inner.clock.as_ref());
            let args = (job.job_id, job.attempts, inner.node.clone(), ending.clone());
            let finished = inner.db.platform_write(&grant, args, |mut tx, (id, attempt, node, ending)| async move {
                tx.unaudited("the queue is nobody's data");
                Ok(store::finish(&mut tx, id, &node, attempt, ending).await?)
            });
            match finished.await {
                Ok(_) => return,
                Err(error) => tracing::warn!(job = job.job_id.0, error = %error, "the end of a job could not be written down"),
            }
        }
    }
}

fn note(job: &Claimed, kind: &'static str, ending: &Ending) {
    let (outcome, error) = match ending {
        Ending::Done => ("done", None),
        Ending::Again { error, .. } => ("failed", Some(error)),
        Ending::Dead { error } => ("dead", Some(error)),
    };
    metrics::counter!("clinichub_jobs_total", "kind" => kind, "outcome" => outcome).increment(1);
    match error {
        None => tracing::debug!(job = job.job_id.0, kind, attempt = job.attempts, "a job is done"),
        Some(error) if outcome == "dead" => tracing::error!(job = job.job_id.0, kind, attempt = job.attempts, error, "a job was given up"),
        Some(error) => tracing::warn!(job = job.job_id.0, kind, attempt = job.attempts, error, "a job failed and is tried again"),
    }
}
