//! The database away, or locked by another program: a prompt 503 that says when to come back, and work that goes on by itself.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::caller::{Caller, Reply};
use crate::program::{Installation, Server, until};

/// What counts as prompt where a database can't be reached: connecting may take three seconds, and the machine may be busy.
const PROMPTLY: Duration = Duration::from_secs(10);
/// How long a request may take that nothing answers.
const LONGEST: Duration = Duration::from_secs(30);
const WRITERS: usize = 4;
const WRITES: usize = 15;
/// What tells the writers' work from the demonstration's.
const MARK: &str = "Meanwhile";

/// The only way to a database; it can be closed and opened again, and held up.
#[derive(Clone)]
struct Way {
    address: String,
    state: Arc<Mutex<State>>,
}

struct State {
    is_open: bool,
    /// Nothing gets through, and nobody is told.
    is_held: bool,
    streams: Vec<TcpStream>,
    /// How many were turned away.
    refused: usize,
}

impl Way {
    /// A way to `target`, open.
    fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let way = Self { address, state: Arc::new(Mutex::new(State { is_open: true, is_held: false, streams: Vec::new(), refused: 0 })) };
        let (state, target) = (way.state.clone(), target);
        std::thread::spawn(move || listener.incoming().flatten().for_each(|client| lead(&state, client, &target)));
        way
    }

    /// Cuts what is connected, and lets nobody through.
    fn close(&self) {
        let mut state = self.state.lock().expect("the state");
        state.is_open = false;
        for stream in state.streams.drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    fn open(&self) {
        self.state.lock().expect("the state").is_open = true;
    }

    /// Lets nothing through and cuts nothing, as a server whose disk hangs; or lets go again.
    fn hold(&self, is_held: bool) {
        self.state.lock().expect("the state").is_held = is_held;
    }

    fn refused(&self) -> usize {
        self.state.lock().expect("the state").refused
    }
}

/// Leads a client to the target, or hangs up.
fn lead(shared: &Arc<Mutex<State>>, client: TcpStream, target: &str) {
    let mut state = shared.lock().expect("the state");
    if !state.is_open {
        state.refused += 1;
        return;
    }
    let Ok(server) = TcpStream::connect(target) else { return };
    for (from, to) in [(&client, &server), (&server, &client)] {
        let (from, to) = (from.try_clone().expect("a stream"), to.try_clone().expect("a stream"));
        let shared = shared.clone();
        std::thread::spawn(move || pass(&shared, from, to));
    }
    state.streams.extend([client, server]);
}

fn pass(shared: &Mutex<State>, mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        while shared.lock().expect("the state").is_held {
            std::thread::sleep(Duration::from_millis(5));
        }
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Both));
}

/// Registers a patient, with the same key until it succeeds; the id. Each answer is prompt, and a refusal says when to come back.
fn insist(caller: &Caller, name: &str, refusals: &AtomicUsize) -> i64 {
    let body = json!({ "first_name": name, "last_name": MARK, "dob": "1990-05-10", "sex": "other" }).to_string();
    loop {
        let (reply, took) = timed(|| caller.send("POST", "/api/patients", &[("Idempotency-Key", name)], &body).expect("answered"));
        assert!(took < PROMPTLY, "{} after {took:?}", reply.status);
        if reply.status == 201 {
            return reply.id(201, "/patient/patient_id");
        }
        expect_unavailable(&reply);
        refusals.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    (done, started.elapsed())
}

#[track_caller]
fn expect_unavailable(reply: &Reply) {
    assert_eq!(reply.status, 503, "{}", reply.body);
    let seconds: Option<u64> = reply.header("retry-after").and_then(|seconds| seconds.parse().ok());
    assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "{}", reply.head);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
}

#[track_caller]
fn expect_prompt_refusals(caller: &Caller) {
    for path in ["/readyz", "/api/patients?per_page=1", "/api/appointments?per_page=1"] {
        let (reply, took) = timed(|| caller.get(path).expect("answered"));
        expect_unavailable(&reply);
        assert!(took < PROMPTLY, "{path} after {took:?}");
    }
    assert_eq!(caller.get("/healthz").expect("answered").status, 200, "the program itself is well");
}

/// Several write meanwhile; `disturb` is told how many writes were done and how many refused.
fn write_while(here: &Installation, server: &Server, disturb: impl FnOnce(&Caller, &AtomicUsize, &AtomicUsize)) {
    let caller = server.caller(&server.sign_in("admin@clinichub.com", "admin123"));
    let (written, refusals) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let ids: Vec<i64> = std::thread::scope(|scope| {
        let (caller, written, refusals) = (&caller, &written, &refusals);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn(move || {
                    let write = |number| {
                        let id = insist(caller, &format!("W{writer}-{number}"), refusals);
                        written.fetch_add(1, Ordering::Relaxed);
                        id
                    };
                    (0..WRITES).map(write).collect::<Vec<i64>>()
                })
            })
            .collect();
        disturb(caller, written, refusals);
        writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect()
    });
    assert!(refusals.load(Ordering::Relaxed) > 0, "nothing was disturbed");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), WRITERS * WRITES, "each write is one patient");
    assert_eq!(here.number("SELECT count(*) FROM patients WHERE last_name = 'Meanwhile'"), i64::try_from(WRITERS * WRITES).expect("few"));
    for id in ids {
        assert_eq!(caller.get(&format!("/api/patients/{id}")).expect("answered").status, 200, "patient {id} was promised");
    }
}

/// An installation on PostgreSQL, and the only way to that.
async fn behind_a_way() -> (Installation, Way) {
    let here = Installation::postgres().await;
    let way = Way::to(here.postgres_address());
    (here.reaching_postgres_at(&way.address), way)
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_may_go_away_and_come_back_under_load() {
    let (here, way) = behind_a_way().await;
    let server = here.serve(&["--demo"]);
    write_while(&here, &server, |caller, written, refusals| {
        for round in 1..=3 {
            until("some more is written", || written.load(Ordering::Relaxed) >= round * WRITERS * WRITES / 5);
            let before = refusals.load(Ordering::Relaxed);
            way.close();
            expect_prompt_refusals(caller);
            until("writers are refused", || refusals.load(Ordering::Relaxed) > before);
            way.open();
            until("the server is ready again", || caller.get("/readyz").expect("answered").status == 200);
        }
    });
    assert_eq!(server.signal("TERM"), Some(0));
    here.run(&["audit", "verify"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_waits_for_a_postgres_that_is_away_when_it_starts() {
    let (here, way) = behind_a_way().await;
    here.run(&["migrate"]).ok();
    way.close();
    here.run(&["migrate"]).failed(4, "the database is away");
    let opener = std::thread::spawn({
        let (way, before) = (way.clone(), way.refused());
        move || {
            until("the server was turned away", || way.refused() > before);
            way.open();
        }
    });
    assert_eq!(here.serve(&["--demo"]).count("/api/patients"), 200);
    opener.join().expect("opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_may_hang() {
    let (here, way) = behind_a_way().await;
    let server = here.serve(&["--demo"]);
    let caller = server.caller(&server.sign_in("admin@clinichub.com", "admin123"));
    let body = json!({ "first_name": "Ana", "last_name": MARK, "dob": "1990-05-10", "sex": "other" }).to_string();
    let register = || caller.send("POST", "/api/patients", &[("Idempotency-Key", "hanging")], &body).expect("answered");
    way.hold(true);
    std::thread::scope(|scope| {
        let asked = [scope.spawn(|| timed(register)), scope.spawn(|| timed(|| caller.get("/api/patients?per_page=1").expect("answered")))];
        assert_eq!(caller.get("/healthz").expect("answered").status, 200, "the program itself is well");
        for asked in asked {
            let (reply, took) = asked.join().expect("an answer");
            expect_unavailable(&reply);
            assert!(took < 2 * LONGEST, "{took:?}");
        }
    });
    way.hold(false);
    until("the server is ready again", || caller.get("/readyz").expect("answered").status == 200);
    let id = register().id(201, "/patient/patient_id");
    assert_eq!(caller.get(&format!("/api/patients/{id}")).expect("answered").status, 200);
    assert_eq!(here.number("SELECT count(*) FROM patients WHERE last_name = 'Meanwhile'"), 1, "whatever became of the first attempt");
}

#[test]
fn sqlite_may_be_locked_by_another_program_under_load() {
    let here = Installation::sqlite();
    let server = here.serve(&["--demo"]);
    write_while(&here, &server, |caller, written, refusals| {
        until("something is written", || written.load(Ordering::Relaxed) > 0);
        let mut other = rusqlite::Connection::open(here.sqlite_file()).expect("opened");
        // Asks often: the server's writer leaves gaps of less than a millisecond, and is done when it was not stopped.
        let ask_again = |_| {
            std::thread::sleep(Duration::from_micros(50));
            true
        };
        other.busy_handler(Some(ask_again)).expect("set");
        other.execute_batch("BEGIN EXCLUSIVE").expect("locked");
        until("each writer is refused", || refusals.load(Ordering::Relaxed) >= WRITERS);
        let (reply, took) = timed(|| caller.get("/api/patients?per_page=1").expect("answered"));
        expect_unavailable(&reply);
        assert!(took < PROMPTLY, "a look that can't be written down is refused, but after {took:?}");
        assert_eq!(caller.get("/healthz").expect("answered").status, 200);
        other.execute_batch("ROLLBACK").expect("unlocked");
    });
    assert_eq!(server.signal("TERM"), Some(0));
    here.run(&["audit", "verify"]).ok();
}
