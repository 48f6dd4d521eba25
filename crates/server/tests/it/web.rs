//! The web app as a browser meets it: pages where no route answers, and the API untouched beside them.

use crate::program::Installation;

#[test]
fn a_screen_is_a_page_and_the_api_stays_the_api() {
    let here = Installation::sqlite();
    let server = here.serve(&[]);
    let page = server.visit("/patients/17");
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    for header in
        ["content-type: text/html", "script-src 'self'", "x-frame-options: DENY", "x-content-type-options: nosniff", "x-request-id: "]
    {
        assert!(page.contains(header), "{header} is missing: {page}");
    }
    assert!(page.contains("<title>ClinicHub</title>"));
    let nothing = server.visit("/api/nothing");
    assert!(nothing.starts_with("HTTP/1.1 404") && nothing.contains("application/problem+json"), "{nothing}");
    let documentation = server.visit("/docs/");
    assert!(documentation.starts_with("HTTP/1.1 200") && documentation.contains("swagger"), "{documentation}");
}
