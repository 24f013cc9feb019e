//! Connections to PostgreSQL over TLS prove the server's identity as far as the URL asks.
use std::{
    fs::{self, File, Permissions},
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use diesel_async::SimpleAsyncConnection;
use persistence::{
    connect::connect,
    embedded::{Embedded, Options, Programs},
};

use crate::harness::folder::{Folder, forget_sockets};

/// A PostgreSQL on loopback that speaks TLS with a certificate for `localhost`.
struct TlsServer {
    folder: Folder,
    process: Child,
    port: u16,
}

impl TlsServer {
    /// `None` where there is no `openssl` to make certificates with.
    async fn start() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("skipped: needs the program openssl");
            return None;
        }
        let folder = Folder::new();
        let data = folder.path().join("pg");
        let options = Options { data_dir: data.clone(), throwaway: true };
        tokio::task::spawn_blocking(move || Embedded::start(&options).unwrap().stop()).await.unwrap();
        forget_sockets(&data);
        authority(folder.path(), "right");
        authority(folder.path(), "wrong");
        server_certificate(folder.path());
        let owner = fs::metadata(&data).unwrap();
        let key = folder.path().join("server.key");
        chown(&key, Some(owner.uid()), Some(owner.gid())).unwrap();
        fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();

        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(Programs::find().unwrap().folder.join("postgres"));
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(owner.uid()).gid(owner.gid());
        }
        let log = File::create(folder.path().join("log")).unwrap();
        command.arg("-D").arg(&data).arg("-k").arg(&data).arg("-p").arg(port.to_string());
        for setting in [
            "listen_addresses=127.0.0.1",
            "ssl=on",
            &format!("ssl_cert_file={}", folder.path().join("server.pem").display()),
            &format!("ssl_key_file={}", key.display()),
        ] {
            command.arg("-c").arg(setting);
        }
        let process = command.current_dir("/").stdin(Stdio::null()).stderr(log).spawn().unwrap();
        let server = Self { folder, process, port };
        let deadline = Instant::now() + Duration::from_secs(20);
        while let Err(problem) = connect(&server.url("localhost", "sslmode=disable")).await {
            assert!(Instant::now() < deadline, "{problem}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Some(server)
    }

    fn url(&self, host: &str, query: &str) -> String {
        format!("postgres://cairn@{host}:{}/postgres?{query}", self.port)
    }

    fn root(&self, name: &str) -> String {
        format!("sslrootcert={}", self.folder.path().join(format!("{name}.pem")).display())
    }

    /// Connects and tells whether the connection is encrypted, in the server's opinion.
    async fn encrypted(&self, host: &str, query: &str) -> Result<bool, String> {
        let mut connection = connect(&self.url(host, query)).await.map_err(|error| error.to_string())?;
        let question = "SELECT 1 / ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        Ok(connection.batch_execute(question).await.is_ok())
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn authority(folder: &Path, name: &str) {
    let key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(folder, &format!("{key} -keyout {name}.key -out {name}.pem -subj /CN={name}-authority"));
}

fn server_certificate(folder: &Path) {
    let key = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(folder, &format!("{key} -keyout server.key -out server.csr -subj /CN=localhost"));
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl(
        folder,
        "x509 -req -in server.csr -CA right.pem -CAkey right.key -CAcreateserial -days 2 -extfile names -out server.pem",
    );
}

#[tokio::test]
async fn a_verifying_url_accepts_the_right_server_only() {
    let Some(server) = TlsServer::start().await else { return };
    let (right, wrong) = (server.root("right"), server.root("wrong"));
    let full = |root: &str| format!("sslmode=verify-full&{root}");

    assert_eq!(server.encrypted("localhost", &full(&right)).await, Ok(true));
    let other_root = server.encrypted("localhost", &full(&wrong)).await.unwrap_err();
    assert!(other_root.contains("UnknownIssuer"), "{other_root}");
    let other_name = server.encrypted("127.0.0.1", &full(&right)).await.unwrap_err();
    assert!(other_name.contains("not valid for"), "{other_name}");
    let system_roots = server.encrypted("localhost", "sslmode=verify-full").await.unwrap_err();
    assert!(system_roots.contains("certificate"), "{system_roots}");
    let no_file = server.encrypted("localhost", &full("sslrootcert=/nowhere.pem")).await.unwrap_err();
    assert!(no_file.contains("cannot read the root certificates in /nowhere.pem"), "{no_file}");

    // verify-ca leaves the name out, require leaves everything out, as with PostgreSQL's own programs.
    assert_eq!(server.encrypted("127.0.0.1", &format!("sslmode=verify-ca&{right}")).await, Ok(true));
    assert!(server.encrypted("127.0.0.1", &format!("sslmode=verify-ca&{wrong}")).await.is_err());
    assert_eq!(server.encrypted("127.0.0.1", "sslmode=require").await, Ok(true));
    assert_eq!(server.encrypted("localhost", "sslmode=prefer").await, Ok(true));
    assert_eq!(server.encrypted("localhost", "sslmode=disable").await, Ok(false));
}

#[tokio::test]
async fn a_server_without_tls_is_refused_when_tls_is_required() {
    // Something that listens, answers the request for TLS with "no", and hangs up.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::io::AsyncWriteExt::write_all(&mut socket, b"N").await.ok();
        }
    });
    for mode in ["require", "verify-ca", "verify-full"] {
        let url = format!("postgres://cairn@127.0.0.1:{port}/postgres?sslmode={mode}");
        let problem = connect(&url).await.err().unwrap().to_string();
        assert!(problem.contains("server does not support TLS"), "{mode}: {problem}");
    }
}
