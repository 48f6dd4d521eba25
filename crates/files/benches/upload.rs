//! A sealed upload into a folder against `cp` and `sync` of the same file on the same disk. Prints the ratio of the throughputs.
//!
//! `cargo bench -p clinichub-files --bench upload -- [MiB] [folder]`

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, reason = "a measurement at the terminal")]

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clinichub_core::{OsEntropy, UtcTime};
use clinichub_files::{FileStore, KeyRing};

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let mib: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(256);
    let folder = arguments.next().map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let source = folder.path().join("source");
    fill(&source, mib);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let keys = folder.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    let keys = KeyRing::in_folder(&keys, UtcTime::from_micros(1), Arc::new(OsEntropy)).unwrap();
    let store = FileStore::in_folder(&folder.path().join("files"), keys, Arc::new(OsEntropy)).unwrap();
    let (mut copied, mut sealed) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        copied.push(copy(&source, &folder.path().join("copy")));
        let begun = Instant::now();
        runtime.block_on(upload(&store, &source));
        sealed.push(begun.elapsed());
        runtime.block_on(store.delete("1/ab/bench")).unwrap();
    }
    let (copied, sealed) = (median(copied), median(sealed));
    let rate = |took: Duration| f64::from(u32::try_from(mib).unwrap()) / took.as_secs_f64();
    println!("cp + sync   {:8.1} MiB/s", rate(copied));
    println!("sealed      {:8.1} MiB/s", rate(sealed));
    println!("ratio       {:8.2}", copied.as_secs_f64() / sealed.as_secs_f64());
}

fn fill(path: &Path, mib: usize) {
    let mut file = std::fs::File::create(path).unwrap();
    let piece: Vec<u8> = (0..1 << 20).map(|at: u32| u8::try_from(at.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    (0..mib).for_each(|_| file.write_all(&piece).unwrap());
    file.sync_all().unwrap();
}

fn copy(from: &Path, to: &Path) -> Duration {
    let begun = Instant::now();
    assert!(Command::new("cp").args([from, to]).status().unwrap().success());
    assert!(Command::new("sync").arg(to).status().unwrap().success());
    let took = begun.elapsed();
    std::fs::remove_file(to).unwrap();
    took
}

async fn upload(store: &FileStore, from: &Path) {
    let mut file = std::fs::File::open(from).unwrap();
    let mut writing = store.begin("1/ab/bench", "clinic 1", u64::MAX).await.unwrap();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece).unwrap() {
            0 => break,
            read => writing.push(&piece[..read]).await.unwrap(),
        }
    }
    writing.finish().await.unwrap();
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
