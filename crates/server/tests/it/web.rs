//! The web app as a browser meets it: pages where no route answers, and the API untouched beside them.

use crate::caller::Reply;
use crate::program::Installation;

#[test]
fn a_screen_is_a_page_and_the_api_stays_the_api() {
    let here = Installation::sqlite();
    let server = here.serve(&[]);
    let visit = |path: &str| server.caller("").send("GET", path, &[("Accept", "text/html,*/*;q=0.8")], "").expect("answered");
    let is = |reply: &Reply, name: &str, value: &str| reply.header(name).is_some_and(|found| found.contains(value));
    let page = visit("/patients/17");
    assert!(page.status == 200 && is(&page, "content-type", "text/html"), "{page:?}");
    for (name, value) in [
        ("content-security-policy", "script-src 'self'"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("x-request-id", ""),
    ] {
        assert!(is(&page, name, value), "{name}: {page:?}");
    }
    let plain = server.caller("").send("GET", "/", &[("Accept", "*/*")], "").expect("answered");
    assert!(plain.status == 200 && is(&plain, "content-type", "text/html"), "{plain:?}");
    let nothing = server.caller("").send("GET", "/api/nothing", &[("Accept", "*/*")], "").expect("answered");
    assert!(nothing.status == 404 && is(&nothing, "content-type", "application/problem+json"), "{nothing:?}");
    let nothing = visit("/api/nothing");
    assert!(nothing.status == 404 && is(&nothing, "content-type", "application/problem+json"), "{nothing:?}");
    let documentation = visit("/docs/");
    assert!(documentation.status == 200 && !is(&documentation, "content-security-policy", "default-src 'none'"), "{documentation:?}");
}
