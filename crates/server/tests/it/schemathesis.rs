//! schemathesis reads the document that the program prints and tries what it allows and forbids, with all its checks.

use clinichub_testkit::schemathesis;

use crate::program::Installation;

async fn schemathesis_finds_nothing(here: Installation) {
    let server = here.serve(&["--demo"]);
    let document = here.beside("openapi.json");
    std::fs::write(&document, here.run(&["openapi"]).ok().out).expect("written");
    let token = server.sign_in("admin@clinichub.com", "admin123");
    let tried = schemathesis::run(&format!("http://{}", server.address), &token, &document).await;
    tried.unwrap_or_else(|findings| panic!("{findings}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_on_sqlite() {
    schemathesis_finds_nothing(Installation::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_on_postgres() {
    schemathesis_finds_nothing(Installation::postgres().await).await;
}
