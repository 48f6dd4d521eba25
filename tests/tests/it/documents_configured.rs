//! Documents where the installation says how large they may be, and who looks into them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clinichub_app::files::FileSettings;
use clinichub_testkit::{Engine, TestApp, Who};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::documents::{PDF, expect_left};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_beyond_the_limit_is_refused() {
    let app = TestApp::start_with(Engine::Sqlite, FileSettings { max_upload: 100_000, ..FileSettings::default() }).await;
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let path = format!("/api/patients/{patient}/documents");
    let mut contents = PDF.to_vec();
    contents.resize(100_000, 7);
    nurse.post_file(&path, ("a.pdf", "application/pdf", &contents), &[]).await.expect(201);
    contents.push(7);
    let error = nurse.post_file(&path, ("a.pdf", "application/pdf", &contents), &[]).await.error(413);
    assert!(error.contains("100000"), "{error}");
    expect_left(&app, 1, 1).await;
}

/// Speaks clamd's protocol; what holds "EICAR" is harmful, and more than a megabyte too large.
async fn clamd(answers: Arc<AtomicBool>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::task::JoinSet::spawn(Box::leak(Box::default()), async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if !answers.load(Ordering::SeqCst) {
                continue;
            }
            let mut command = [0; 10];
            stream.read_exact(&mut command).await.expect("a command");
            let mut seen = Vec::new();
            while let Ok(length) = stream.read_u32().await
                && length > 0
            {
                let mut piece = vec![0; length as usize];
                stream.read_exact(&mut piece).await.expect("a piece");
                seen.extend(piece);
                if seen.len() > 1 << 20 {
                    break;
                }
            }
            let answer: &[u8] = match seen.windows(5).any(|five| five == b"EICAR") {
                true => b"stream: Eicar FOUND\0",
                false if seen.len() > 1 << 20 => b"INSTREAM size limit exceeded. ERROR\0",
                false => b"stream: OK\0",
            };
            drop(stream.write_all(answer).await);
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scanner_decides_and_must_be_there() {
    let answers = Arc::new(AtomicBool::new(true));
    let scanner = format!("tcp://{}", clamd(answers.clone()).await).parse().expect("an address");
    let app = TestApp::start_with(Engine::Sqlite, FileSettings { scanner: Some(scanner), ..FileSettings::default() }).await;
    let nurse = app.sign_in(Who::Nurse).await;
    let patient = app.patient(&nurse, "Ana", "Rivera").await;
    let path = format!("/api/patients/{patient}/documents");
    nurse.post_file(&path, ("a.pdf", "application/pdf", PDF), &[]).await.expect(201);
    let harmful = [PDF, b"EICAR"].concat();
    let refused = nurse.post_file(&path, ("a.pdf", "application/pdf", &harmful), &[]).await.expect(400);
    assert_eq!((&refused["errors"][0]["field"], &refused["error"]), (&"file".into(), &"The file is refused by the virus scanner".into()));
    let large = [PDF.to_vec(), vec![b'a'; 3 << 20]].concat();
    let refused = nurse.post_file(&path, ("a.pdf", "application/pdf", &large), &[]).await.expect(400);
    assert_eq!(
        (&refused["errors"][0]["field"], &refused["error"]),
        (&"file".into(), &"The file is larger than the virus scanner takes".into())
    );
    answers.store(false, Ordering::SeqCst);
    nurse.post_file(&path, ("a.pdf", "application/pdf", PDF), &[]).await.expect(503);
    expect_left(&app, 1, 1).await;
}
