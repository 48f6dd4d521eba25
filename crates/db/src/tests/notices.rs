//! Announcements: heard after the commit, before its answer, and by other nodes of one PostgreSQL.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use clinichub_core::AppError;

use super::{TestDb, on_both, system};
use crate::{Db, DbConfig, Heard, PlatformTx};

type Ears = Arc<Mutex<Vec<String>>>;

fn ears(db: &Db) -> Ears {
    let ears = Ears::default();
    let heard = ears.clone();
    db.listen("clinichub_test", move |what| {
        let text = match what {
            Heard::Notice(text) => text.to_owned(),
            Heard::Deaf => "(deaf)".to_owned(),
            Heard::Listening => "(listening)".to_owned(),
        };
        heard.lock().expect("ears").push(text);
    });
    ears
}

fn heard(ears: &Ears) -> Vec<String> {
    ears.lock().expect("ears").clone()
}

async fn say(db: &Db, text: &'static str, good: bool) -> Result<(), AppError> {
    let say = async |mut tx: PlatformTx, (text, good): (&'static str, bool)| {
        tx.announce("clinichub_test", text.to_owned())?;
        tx.announce("clinichub_other", "not for these ears".to_owned())?;
        if good { Ok(()) } else { Err(AppError::conflict("no")) }
    };
    db.platform_write(system(None), (text, good), say).await
}

async fn what_is_committed_is_heard_before_the_answer(test: &TestDb) {
    let ears = ears(&test.db);
    say(&test.db, "one", true).await.expect("it is committed");
    assert_eq!(heard(&ears), ["one"]);
    say(&test.db, "two", false).await.expect_err("it is rolled back");
    assert_eq!(heard(&ears), ["one"]);
}

on_both!(what_is_committed_is_heard_before_the_answer);

async fn until(ears: &Ears, last: &str) {
    for _ in 0..500 {
        if heard(ears).last().is_some_and(|text| text == last) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{last} was not heard: {:?}", heard(ears));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_node_hears_it_and_knows_when_it_is_deaf() {
    let test = super::postgres().await;
    let other = Db::open(&DbConfig::new(test.url.clone())).await.expect("another node");
    let ears = ears(&other);
    let listening = async { other.hear().await.expect_err("the connection is cut") };
    let speaking = async {
        until(&ears, "(listening)").await;
        say(&test.db, "hello", true).await.expect("it is committed");
        until(&ears, "hello").await;
        let client = test.db.pg_pool().expect("a pool").get().await.expect("a connection");
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        client.batch_execute(cut).await.expect("it is cut");
    };
    tokio::join!(listening, speaking);
    assert_eq!(heard(&ears), ["(listening)", "hello", "(deaf)"]);
}
