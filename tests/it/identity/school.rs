//! The first morning of term: a whole school behind one address.
use domain::session::Client as SessionClient;
use futures_util::{StreamExt, stream};

use api::{
    error::Failure,
    identity::{SignIn, limit::Origin},
};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn nine_hundred_people_sign_in_from_one_address() {
    let app = TestApp::start().await;
    ana(&app).await;
    let origin = Origin { address: Some([203, 0, 113, 7].into()), request_id: String::new() };
    // One account for all keeps the test short: the limit that counts here is that of the address.
    let results: Vec<_> = stream::iter(0..900)
        .map(|_| async {
            let wish = SignIn {
                email: "ana@school.example".to_owned(),
                password: PASSWORD.into(),
                client: SessionClient::App,
                device_name: None,
            };
            app.app.identity.sign_in(wish, &origin).await
        })
        .buffer_unordered(8)
        .collect()
        .await;
    let limited = results.iter().filter(|result| matches!(result, Err(Failure::RateLimited { .. }))).count();
    let failed = results.iter().filter(|result| result.is_err()).count();
    assert_eq!((limited, failed), (0, 0));
}
