//! The console reaches a browser whole, under any prefix, and brings a policy that admits this server alone.
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use tower::ServiceExt;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    /// What the page refers to.
    fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        for attribute in ["href=\"", "src=\"", "data-app=\"", "data-style=\""] {
            links.extend(
                self.text().split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()),
            );
        }
        links
    }
}

async fn get(router: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// The console's routes; nothing when this build has no console, which is no fault of the tests.
fn built_in() -> Option<Router> {
    let built_in = api::console::is_built_in();
    if !built_in {
        eprintln!("skipped: this build has no console");
    }
    built_in.then(api::console::router)
}

#[tokio::test]
async fn a_build_without_npm_says_how_to_get_the_console() {
    let answer = get(&api::console::router(), "/graphiql", &[]).await;
    if api::console::is_built_in() {
        assert_eq!(answer.status, StatusCode::OK);
    } else {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.text().contains("CAIRN_CONSOLE=require"), "{}", answer.text());
    }
}

#[tokio::test]
async fn the_page_admits_nothing_but_this_server() {
    let Some(router) = built_in() else { return };
    let page = get(&router, "/graphiql", &[]).await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    for word in policy.split([' ', ';']) {
        assert!(
            !word.contains("://") && !word.contains('*') && word != "'unsafe-eval'",
            "{word} in {policy}"
        );
    }
    for link in page.links() {
        assert!(link.starts_with("graphiql/"), "{link} leaves the console or breaks under a prefix");
    }
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn every_page_has_a_number_of_its_own_for_its_styles() {
    let Some(router) = built_in() else { return };
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let page = get(&router, "/graphiql", &[]).await;
        let nonce = page
            .text()
            .split("name=\"style-nonce\" content=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        assert!(page.header("content-security-policy").contains(&format!("'nonce-{nonce}'")));
        assert_eq!(page.header("cache-control"), "no-store");
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn everything_the_page_names_is_there_and_stays() {
    let Some(router) = built_in() else { return };
    let links = get(&router, "/graphiql", &[]).await.links();
    assert!(links.len() >= 5, "{links:?}");
    for link in links {
        let asset = get(&router, &format!("/{link}"), &[("accept-encoding", "gzip")]).await;
        assert_eq!(asset.status, StatusCode::OK, "{link}");
        assert_eq!(asset.header("content-encoding"), "gzip");
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(&asset.body[..2], [0x1f, 0x8b], "{link} is gzip");
        let again = get(&router, &format!("/{link}"), &[("if-none-match", asset.header("etag"))]).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{link}");
    }
}

#[tokio::test]
async fn a_client_without_gzip_can_read_an_asset() {
    let Some(router) = built_in() else { return };
    let links = get(&router, "/graphiql", &[]).await.links();
    let icon = links.iter().find(|link| link.ends_with(".svg")).unwrap();
    let asset = get(&router, &format!("/{icon}"), &[]).await;
    assert_eq!(asset.header("content-type"), "image/svg+xml");
    assert_eq!(asset.header("content-encoding"), "");
    assert!(asset.text().starts_with("<svg"));
}

#[tokio::test]
async fn the_console_works_below_a_path() {
    let Some(router) = built_in() else { return };
    let router = Router::new().nest("/mentoring", router);
    let page = get(&router, "/mentoring/graphiql", &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    let link = page.links().remove(0);
    assert_eq!(get(&router, &format!("/mentoring/{link}"), &[]).await.status, StatusCode::OK);
    let slash = get(&router, "/mentoring/graphiql/", &[]).await;
    assert_eq!(slash.header("location"), "../graphiql", "a relative way out of the folder");
}

#[tokio::test]
async fn an_unknown_asset_is_not_found() {
    let answer = get(&api::console::router(), "/graphiql/other.js", &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
