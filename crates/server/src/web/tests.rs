//! Which file answers, as the browser sees it. What is built is not assumed: there is always a page.

use super::*;

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

fn ask(method: Method, path: &str, headers: &[(header::HeaderName, &str)]) -> Option<Response> {
    let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value"))).collect();
    page(&method, &path.parse().expect("a path"), &headers)
}

fn visit(path: &str) -> Option<Response> {
    ask(Method::GET, path, &[(header::ACCEPT, BROWSER)])
}

fn text(response: &Response, name: header::HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[test]
fn every_screen_is_the_one_page() {
    for path in ["/", "/index.html", "/today", "/patients/17?tab=billing", "/no/such/screen", "/apiary"] {
        let response = visit(path).unwrap_or_else(|| panic!("nothing at {path}"));
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(&response, header::CONTENT_TYPE), "text/html; charset=utf-8");
        assert_eq!(text(&response, header::CACHE_CONTROL), "no-cache");
        assert_eq!(text(&response, header::VARY), "Accept-Encoding");
    }
}

#[test]
fn scripts_come_from_here_alone() {
    let response = visit("/today").expect("a page");
    let policy = text(&response, header::CONTENT_SECURITY_POLICY);
    let directive = |name: &str| policy.split("; ").find_map(|part| part.trim().strip_prefix(name)).unwrap_or_default().trim();
    assert_eq!(directive("default-src"), "'none'");
    assert_eq!(directive("script-src"), "'self'");
    assert_eq!(directive("frame-src"), "blob:");
    assert_eq!(directive("frame-ancestors"), "'none'");
}

#[test]
fn what_is_the_apis_is_left_to_the_api() {
    for path in ["/api", "/api/nothing", "/api/patients/1/", "/docs/nothing", "/dicomweb/studies", "/healthz", "/readyz", "/metrics"] {
        assert!(visit(path).is_none(), "{path}");
    }
}

#[test]
fn only_a_browser_that_goes_somewhere_gets_the_page() {
    assert!(ask(Method::GET, "/nothing.js", &[(header::ACCEPT, "*/*")]).is_none());
    assert!(ask(Method::GET, "/assets/gone", &[]).is_none());
    for accept in ["application/json", "application/vnd.clinichub.envelope+json", "image/*", "text/html;q=0, */*"] {
        assert!(ask(Method::GET, "/today", &[(header::ACCEPT, accept)]).is_none(), "{accept}");
    }
    assert!(ask(Method::POST, "/today", &[(header::ACCEPT, BROWSER)]).is_none());
    assert!(visit("/assets/gone-abcdef.js").is_none(), "an old page must notice that its files are gone");
    assert!(visit("/index.html.br").is_some_and(|page| text(&page, header::CONTENT_TYPE).starts_with("text/html")));
}

#[test]
fn who_takes_anything_gets_the_page_at_a_screens_address() {
    for path in ["/", "/today", "/patients/17?tab=billing"] {
        let silent = ask(Method::GET, path, &[]);
        let anything = ["*/*", "application/json;q=0.5, */*;q=0.1"].map(|accept| ask(Method::GET, path, &[(header::ACCEPT, accept)]));
        for response in anything.into_iter().chain([silent]) {
            let response = response.unwrap_or_else(|| panic!("nothing at {path}"));
            assert_eq!(text(&response, header::CONTENT_TYPE), "text/html; charset=utf-8");
        }
    }
    for path in ["/api", "/api/nothing", "/dicomweb/studies", "/docs/nothing", "/healthz", "/readyz", "/metrics"] {
        assert!(ask(Method::GET, path, &[(header::ACCEPT, "*/*")]).is_none(), "{path}");
    }
}

#[test]
fn what_the_browser_has_is_not_sent_again() {
    let etag = text(&visit("/").expect("a page"), header::ETAG).to_owned();
    let again = ask(Method::GET, "/", &[(header::ACCEPT, BROWSER), (header::IF_NONE_MATCH, &etag)]).expect("an answer");
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(text(&again, header::ETAG), etag);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let response = ask(Method::HEAD, "/", &[(header::ACCEPT, BROWSER)]).expect("an answer");
    assert!(text(&response, header::CONTENT_LENGTH).parse::<usize>().is_ok_and(|length| length > 0));
    let body = axum::body::to_bytes(response.into_body(), 1024).await.expect("a body");
    assert!(body.is_empty());
}

#[test]
fn files_say_what_they_are() {
    assert_eq!(media_type("assets/index-abc.js"), "text/javascript; charset=utf-8");
    assert_eq!(media_type("favicon.svg"), "image/svg+xml");
    assert_eq!(media_type("unknown"), "application/octet-stream");
}
