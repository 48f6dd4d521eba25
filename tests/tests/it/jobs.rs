//! The queue: a job is done, once, whatever happens to those who do it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clinichub_core::{Clock, OsEntropy};
use clinichub_db::NewJob;
use clinichub_jobs::{JobError, Runner, RunnerBuilder, dead, revive, status, system_grant};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::house::{House, on_both};

impl House {
    fn runner(&self) -> RunnerBuilder {
        Runner::builder(self.db.clone(), self.clock.clone(), Arc::new(OsEntropy), self.tasks.clone())
    }

    /// A runner that counts its runs.
    fn counting(&self, count: &Arc<AtomicUsize>) -> Runner {
        let count = count.clone();
        let handler = move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        };
        self.runner().job("greet", handler).build()
    }

    async fn enqueue(&self, job: NewJob) {
        let grant = system_grant(None, "test", self.clock.as_ref());
        let enqueued = self.db.platform_write(&grant, job, |mut tx, job| async move { Ok(tx.enqueue(None, job).await?) });
        enqueued.await.expect("the job is written");
    }

    fn greet(&self, max_attempts: i64) -> NewJob {
        let payload = serde_json::json!({"whom": 7});
        NewJob { kind: "greet", payload, run_at: self.clock.now(), max_attempts, unique_key: None }
    }

    async fn states(&self) -> [i64; 3] {
        let status = status(&self.db, self.clock.as_ref()).await.expect("the queue answers");
        [status.ready, status.running, status.dead]
    }
}

on_both!(
    a_job_that_keeps_failing_is_put_off_and_given_up,
    a_job_is_not_done_before_its_time_nor_twice,
    two_runners_share_the_work,
    the_job_of_a_node_that_died_is_done_by_another,
    a_job_that_kills_its_node_is_given_up,
    a_handler_that_panics_fails_alone,
    a_job_of_an_unknown_kind_waits,
    the_same_job_is_not_queued_twice,
    a_schedule_runs_once_a_period_on_one_node,
    what_has_served_is_swept,
    what_is_in_flight_is_finished_on_shutdown,
);

async fn a_job_that_keeps_failing_is_put_off_and_given_up(house: &House) {
    let failing = house.runner().job("greet", |_| async { Err(JobError::Again("no answer".to_owned())) }).build();
    house.enqueue(house.greet(3)).await;

    for attempt in 1..=3 {
        failing.run_due_now().await.expect("the queue answers");
        let expected = if attempt < 3 { [1, 0, 0] } else { [0, 0, 1] };
        assert_eq!(house.states().await, expected, "attempt {attempt}");
        house.clock.advance(SignedDuration::from_mins(1));
    }

    let given_up = dead(&house.db, house.clock.as_ref(), 10).await.expect("the queue answers");
    assert_eq!(given_up.len(), 1);
    assert_eq!((given_up[0].attempts, given_up[0].last_error.as_deref()), (3, Some("no answer")));
    assert!(revive(&house.db, house.clock.as_ref(), given_up[0].job_id).await.expect("the queue answers"));
    let count = Arc::new(AtomicUsize::new(0));
    house.counting(&count).run_due_now().await.expect("the queue answers");
    assert_eq!((count.load(Ordering::SeqCst), house.states().await), (1, [0, 0, 0]));
}

async fn a_job_is_not_done_before_its_time_nor_twice(house: &House) {
    let count = Arc::new(AtomicUsize::new(0));
    let runner = house.counting(&count);
    house.enqueue(NewJob { run_at: house.clock.now().plus(SignedDuration::from_hours(1)), ..house.greet(3) }).await;

    runner.run_due_now().await.expect("the queue answers");
    assert_eq!(count.load(Ordering::SeqCst), 0);
    house.clock.advance(SignedDuration::from_hours(1));
    runner.run_due_now().await.expect("the queue answers");
    runner.run_due_now().await.expect("the queue answers");

    assert_eq!(count.load(Ordering::SeqCst), 1);
}

async fn two_runners_share_the_work(house: &House) {
    let count = Arc::new(AtomicUsize::new(0));
    for _ in 0..40 {
        house.enqueue(house.greet(3)).await;
    }
    let (one, other) = (house.counting(&count), house.counting(&count));

    let (one, other) = tokio::join!(one.run_due_now(), other.run_due_now());

    let done = one.expect("the queue answers") + other.expect("the queue answers");
    assert_eq!((count.load(Ordering::SeqCst), house.states().await), (40, [0, 0, 0]));
    assert!(done >= 40, "{done}");
}

/// Claims a job as a node does that dies while it works.
async fn claim_and_die(house: &House) {
    let stuck = house.runner().job("greet", |_| std::future::pending()).build();
    let died = tokio::time::timeout(std::time::Duration::from_millis(300), stuck.run_due_now()).await;
    assert!(died.is_err(), "the handler never ends");
    assert_eq!(house.states().await, [0, 1, 0]);
}

async fn the_job_of_a_node_that_died_is_done_by_another(house: &House) {
    let count = Arc::new(AtomicUsize::new(0));
    house.enqueue(house.greet(3)).await;
    claim_and_die(house).await;
    let other = house.counting(&count);

    other.run_due_now().await.expect("the queue answers");
    assert_eq!(count.load(Ordering::SeqCst), 0, "the lease is not over yet");
    house.clock.advance(SignedDuration::from_secs(61));
    other.run_due_now().await.expect("the queue answers");

    assert_eq!((count.load(Ordering::SeqCst), house.states().await), (1, [0, 0, 0]));
}

async fn a_job_that_kills_its_node_is_given_up(house: &House) {
    house.enqueue(house.greet(1)).await;
    claim_and_die(house).await;
    house.clock.advance(SignedDuration::from_secs(61));
    let count = Arc::new(AtomicUsize::new(0));

    house.counting(&count).run_due_now().await.expect("the queue answers");

    assert_eq!((count.load(Ordering::SeqCst), house.states().await), (0, [0, 0, 1]));
}

async fn a_handler_that_panics_fails_alone(house: &House) {
    let panicking = house.runner().job("greet", |_| async { std::panic::resume_unwind(Box::new("the test fails")) }).build();
    house.enqueue(house.greet(3)).await;

    panicking.run_due_now().await.expect("the queue answers");

    assert_eq!(house.states().await, [1, 0, 0]);
}

async fn a_job_of_an_unknown_kind_waits(house: &House) {
    house.enqueue(NewJob { kind: "of_a_newer_version", ..house.greet(3) }).await;
    house.counting(&Arc::default()).run_due_now().await.expect("the queue answers");
    house.clock.advance(SignedDuration::from_mins(6));

    let status = status(&house.db, house.clock.as_ref()).await.expect("the queue answers");

    assert_eq!((status.ready, status.overdue), (1, 1));
}

async fn the_same_job_is_not_queued_twice(house: &House) {
    let count = Arc::new(AtomicUsize::new(0));
    for _ in 0..2 {
        house.enqueue(NewJob { unique_key: Some("patient-7".to_owned()), ..house.greet(3) }).await;
    }

    house.counting(&count).run_due_now().await.expect("the queue answers");

    assert_eq!(count.load(Ordering::SeqCst), 1);
}

async fn a_schedule_runs_once_a_period_on_one_node(house: &House) {
    let count = Arc::new(AtomicUsize::new(0));
    let node = || {
        let count = count.clone();
        let handler = move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        };
        house.runner().every(SignedDuration::from_mins(10), "remind", handler).build()
    };
    let (one, other) = (node(), node());

    for (minutes, expected) in [(0, 1), (5, 1), (5, 2), (25, 3)] {
        house.clock.advance(SignedDuration::from_mins(minutes));
        for runner in [&one, &other, &one] {
            runner.run_due_now().await.expect("the queue answers");
        }
        assert_eq!(count.load(Ordering::SeqCst), expected);
    }
}

async fn what_has_served_is_swept(house: &House) {
    let runner = house.counting(&Arc::default());
    house.enqueue(house.greet(3)).await;
    runner.run_due_now().await.expect("the queue answers");
    assert_eq!(rows(house).await, 1);

    house.clock.advance(SignedDuration::from_hours(7 * 24 - 1));
    runner.run_due_now().await.expect("the queue answers");
    assert_eq!(rows(house).await, 1);
    house.clock.advance(SignedDuration::from_hours(2));
    runner.run_due_now().await.expect("the queue answers");

    assert_eq!(rows(house).await, 0);
}

async fn rows(house: &House) -> i64 {
    let grant = system_grant(None, "test", house.clock.as_ref());
    let count = house.db.platform_read(&grant, (), |mut tx, ()| async move {
        Ok(tx.one::<i64>(clinichub_db::platform_sql!("SELECT count(*) FROM jobs"), clinichub_db::params![]).await?)
    });
    count.await.expect("the queue answers")
}

async fn what_is_in_flight_is_finished_on_shutdown(house: &House) {
    let (begun, go) = (Arc::new(tokio::sync::Semaphore::new(0)), Arc::new(tokio::sync::Semaphore::new(0)));
    let handler = {
        let (begun, go) = (begun.clone(), go.clone());
        move |_| {
            let (begun, go) = (begun.clone(), go.clone());
            async move {
                begun.add_permits(1);
                go.acquire().await.map_err(|error| JobError::Again(error.to_string()))?.forget();
                Ok(())
            }
        }
    };
    let stop = CancellationToken::new();
    house.runner().job("greet", handler).build().start(stop.clone());
    house.enqueue(house.greet(3)).await;
    begun.acquire().await.expect("the job begins").forget();

    stop.cancel();
    house.tasks.close();
    assert!(tokio::time::timeout(std::time::Duration::from_millis(100), house.tasks.wait()).await.is_err(), "the job is not done");
    go.add_permits(1);
    house.tasks.wait().await;

    assert_eq!(house.states().await, [0, 0, 0]);
}
