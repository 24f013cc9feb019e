//! Mail over TLS: to the right server, with the right password, and to nobody else.
use std::{fs, sync::Arc};

use api::config::Config;
use chrono::TimeDelta;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use super::{
    last_error, run_due,
    smtp::{Door, Encryption, Manner, SmtpServer},
    standing, tell,
};
use crate::harness::{Stage, TestApp};

const ACCOUNT: Option<(&str, &str)> = Some(("cairn", "hunter2"));

/// An authority of our own, and a server that it vouches for as `localhost`.
struct Authority {
    folder: TempDir,
    acceptor: TlsAcceptor,
}

impl Authority {
    fn new() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![server.der().clone()], key)
            .unwrap();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("root.pem"), authority.pem()).unwrap();
        Self { folder, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    /// An organization whose mail goes there; `trusting` this authority, or the system's alone.
    async fn stage(&self, url: &str, trusting: bool) -> Stage {
        let mut config = Config::for_tests();
        config.smtp_url = Some(SecretString::from(url));
        config.smtp_root_cert = trusting.then(|| self.folder.path().join("root.pem"));
        Stage::on(TestApp::configured(config).await).await
    }

    fn upgrade(&self) -> Door {
        Door { encryption: Encryption::Upgrade(self.acceptor.clone()), account: ACCOUNT }
    }

    fn implicit(&self) -> Door {
        Door { encryption: Encryption::Implicit(self.acceptor.clone()), account: ACCOUNT }
    }
}

fn starttls(port: u16, password: &str) -> String {
    format!("smtp://cairn:{password}@localhost:{port}?tls=required")
}

fn implicit(host: &str, port: u16) -> String {
    format!("smtps://cairn:hunter2@{host}:{port}")
}

#[tokio::test]
async fn mail_is_sent_encrypted_and_signed_in_both_ways() {
    let authority = Authority::new();
    let server = SmtpServer::behind(authority.upgrade(), []).await;
    let upgraded = authority.stage(&starttls(server.port, "hunter2"), true).await;
    tell(&upgraded, 2).await;
    run_due(&upgraded.test.app).await;
    assert_eq!((server.received().len(), standing(&upgraded.test.app).await), (2, (0, 0)));

    let server = SmtpServer::behind(authority.implicit(), []).await;
    let from_the_start = authority.stage(&implicit("localhost", server.port), true).await;
    tell(&from_the_start, 2).await;
    run_due(&from_the_start.test.app).await;
    assert_eq!((server.received().len(), standing(&from_the_start.test.app).await), (2, (0, 0)));
}

#[tokio::test]
async fn a_server_that_cannot_prove_who_it_is_gets_no_mail_and_no_password() {
    let authority = Authority::new();
    let server = SmtpServer::behind(authority.implicit(), []).await;
    for (url, trusting, reason) in [
        (implicit("localhost", server.port), false, "UnknownIssuer"),
        (implicit("127.0.0.1", server.port), true, "not valid for"),
    ] {
        let stage = authority.stage(&url, trusting).await;
        tell(&stage, 1).await;
        run_due(&stage.test.app).await;
        assert_eq!((server.received().len(), standing(&stage.test.app).await), (0, (1, 0)), "kept for later");
        let error = last_error(&stage.test.app).await;
        assert!(error.contains(reason), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_offers_no_encryption_gets_no_mail_and_no_password() {
    let authority = Authority::new();
    let open = Door { encryption: Encryption::None, account: ACCOUNT };
    let server = SmtpServer::behind(open, []).await;
    let stage = authority.stage(&starttls(server.port, "hunter2"), true).await;
    tell(&stage, 1).await;
    run_due(&stage.test.app).await;
    assert_eq!((server.received().len(), standing(&stage.test.app).await), (0, (1, 0)));
    let error = last_error(&stage.test.app).await;
    assert!(error.contains("STARTTLS"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_named_and_the_mail_waits_until_it_is_right() {
    let authority = Authority::new();
    let server = SmtpServer::behind(authority.upgrade(), []).await;
    let stage = authority.stage(&starttls(server.port, "guess"), true).await;
    tell(&stage, 1).await;
    run_due(&stage.test.app).await;
    assert_eq!((server.received().len(), standing(&stage.test.app).await), (0, (1, 0)), "not given up");
    let error = last_error(&stage.test.app).await;
    assert_eq!(error, "the mail server does not accept the user name or password of CAIRN_SMTP_URL (535)");

    // The operator corrects the setting and starts again.
    let mut config = Config::for_tests();
    config.smtp_url = Some(SecretString::from(starttls(server.port, "hunter2")));
    config.smtp_root_cert = Some(authority.folder.path().join("root.pem"));
    let again = stage.test.beside_with(config).await;
    stage.test.advance(TimeDelta::seconds(7));
    run_due(&again.app).await;
    assert_eq!((server.received().len(), standing(&again.app).await), (1, (0, 0)));
}

#[tokio::test]
async fn refusals_mean_the_same_inside_of_tls() {
    let authority = Authority::new();
    let manners = [Manner::Refuse("451 try again later"), Manner::Refuse("550 no such person")];
    let server = SmtpServer::behind(authority.implicit(), manners).await;
    let stage = authority.stage(&implicit("localhost", server.port), true).await;
    tell(&stage, 1).await;
    run_due(&stage.test.app).await;
    assert_eq!(standing(&stage.test.app).await, (1, 0), "busy: tried again");
    stage.test.advance(TimeDelta::seconds(7));
    run_due(&stage.test.app).await;
    assert_eq!(standing(&stage.test.app).await, (0, 1), "refused: given up");
    assert_eq!(server.received().len(), 0);
    assert_eq!(last_error(&stage.test.app).await, "the mail server answered 550");
}
