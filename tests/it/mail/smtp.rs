//! A mail server that behaves as badly as a test wants.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// What the server does at the end of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Accept,
    /// Answers this line and keeps nothing.
    Refuse(&'static str),
    /// Keeps the message and hangs up without a word, so that the sender cannot know.
    HangUp,
    /// Reads and never answers.
    Stall,
}

/// How a server wants to be spoken to.
#[derive(Clone, Default)]
pub struct Door {
    pub encryption: Encryption,
    /// User name and password, without which nothing is taken.
    pub account: Option<(&'static str, &'static str)>,
}

#[derive(Clone, Default)]
pub enum Encryption {
    #[default]
    None,
    /// After the command STARTTLS.
    Upgrade(TlsAcceptor),
    /// From the first byte.
    Implicit(TlsAcceptor),
}

/// Why a conversation ended.
enum End {
    Over,
    /// The client wants to go on encrypted.
    Upgrade,
}

#[derive(Clone)]
pub struct SmtpServer {
    pub port: u16,
    door: Door,
    received: Arc<Mutex<Vec<String>>>,
    manners: Arc<Mutex<VecDeque<Manner>>>,
}

impl SmtpServer {
    /// Accepts everything, once it has behaved for one message each as `manners` say.
    pub async fn start(manners: impl IntoIterator<Item = Manner>) -> Self {
        Self::behind(Door::default(), manners).await
    }

    /// Like [`SmtpServer::start`], for those who come in as the door asks.
    pub async fn behind(door: Door, manners: impl IntoIterator<Item = Manner>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let manners = Arc::new(Mutex::new(manners.into_iter().collect()));
        let server = Self { port, door, received: Arc::default(), manners };
        let each = server.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let server = each.clone();
                tokio::spawn(async move { server.welcome(socket).await });
            }
        });
        server
    }

    /// Behaves so for the next messages.
    pub fn behave(&self, manners: impl IntoIterator<Item = Manner>) {
        self.manners.lock().expect("no panic").extend(manners);
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The messages that were kept, as they were sent.
    pub fn received(&self) -> Vec<String> {
        self.received.lock().expect("no panic").clone()
    }

    fn manner(&self) -> Manner {
        self.manners.lock().expect("no panic").pop_front().unwrap_or(Manner::Accept)
    }

    async fn welcome(&self, socket: TcpStream) -> std::io::Result<()> {
        let greeting = b"220 test ESMTP\r\n";
        match &self.door.encryption {
            Encryption::Implicit(tls) => {
                let mut socket = BufReader::new(tls.accept(socket).await?);
                socket.write_all(greeting).await?;
                self.talk(&mut socket, false).await?;
            }
            Encryption::None => {
                let mut socket = BufReader::new(socket);
                socket.write_all(greeting).await?;
                self.talk(&mut socket, false).await?;
            }
            Encryption::Upgrade(tls) => {
                let mut socket = BufReader::new(socket);
                socket.write_all(greeting).await?;
                if let End::Upgrade = self.talk(&mut socket, true).await? {
                    let mut socket = BufReader::new(tls.accept(socket.into_inner()).await?);
                    self.talk(&mut socket, false).await?;
                }
            }
        }
        Ok(())
    }

    async fn talk(
        &self,
        socket: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>,
        upgradable: bool,
    ) -> std::io::Result<End> {
        let mut known = self.door.account.is_none();
        loop {
            let mut line = String::new();
            if socket.read_line(&mut line).await? == 0 {
                return Ok(End::Over);
            }
            let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" if upgradable => socket.write_all(b"250-test\r\n250 STARTTLS\r\n").await?,
                "EHLO" if self.door.account.is_some() => {
                    socket.write_all(b"250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n").await?;
                }
                "EHLO" => socket.write_all(b"250-test\r\n250 8BITMIME\r\n").await?,
                "STARTTLS" if upgradable => {
                    socket.write_all(b"220 go on\r\n").await?;
                    return Ok(End::Upgrade);
                }
                "AUTH" => {
                    known = self.admits(&line);
                    let answer: &[u8] = if known { b"235 welcome\r\n" } else { b"535 no such user\r\n" };
                    socket.write_all(answer).await?;
                }
                "QUIT" => {
                    socket.write_all(b"221 bye\r\n").await?;
                    return Ok(End::Over);
                }
                "MAIL" if upgradable || !known => socket.write_all(b"530 not like this\r\n").await?,
                "DATA" => {
                    socket.write_all(b"354 go on\r\n").await?;
                    let message = message(socket).await?;
                    match self.manner() {
                        Manner::Accept => {
                            self.received.lock().expect("no panic").push(message);
                            socket.write_all(b"250 kept\r\n").await?;
                        }
                        Manner::Refuse(line) => {
                            socket.write_all(format!("{line}\r\n").as_bytes()).await?;
                        }
                        Manner::HangUp => {
                            self.received.lock().expect("no panic").push(message);
                            return Ok(End::Over);
                        }
                        Manner::Stall => std::future::pending().await,
                    }
                }
                _ => socket.write_all(b"250 ok\r\n").await?,
            }
            socket.flush().await?;
        }
    }

    /// Whether the line `AUTH PLAIN` names the account (RFC 4616).
    fn admits(&self, line: &str) -> bool {
        let Some((user, password)) = self.door.account else { return true };
        let given = line.split_whitespace().nth(2).and_then(|text| STANDARD.decode(text).ok());
        given.is_some_and(|given| given == format!("\0{user}\0{password}").into_bytes())
    }
}

async fn message(socket: &mut BufReader<impl AsyncRead + Unpin>) -> std::io::Result<String> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(message);
        }
        message.push_str(&line);
    }
}

/// A header of a message.
pub fn header<'m>(message: &'m str, name: &str) -> Option<&'m str> {
    let lines = message.lines().take_while(|line| !line.is_empty());
    lines.filter_map(|line| line.split_once(": ")).find(|(key, _)| *key == name).map(|(_, value)| value)
}
