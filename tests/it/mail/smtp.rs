//! A mail server that behaves as badly as a test wants.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

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

#[derive(Clone)]
pub struct SmtpServer {
    pub port: u16,
    received: Arc<Mutex<Vec<String>>>,
    manners: Arc<Mutex<VecDeque<Manner>>>,
}

impl SmtpServer {
    /// Accepts everything, once it has behaved for one message each as `manners` say.
    pub async fn start(manners: impl IntoIterator<Item = Manner>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let manners = Arc::new(Mutex::new(manners.into_iter().collect()));
        let server = Self { port, received: Arc::default(), manners };
        let each = server.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let server = each.clone();
                tokio::spawn(async move { server.talk(socket).await });
            }
        });
        server
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

    async fn talk(&self, socket: TcpStream) -> std::io::Result<()> {
        let mut socket = BufReader::new(socket);
        socket.write_all(b"220 test ESMTP\r\n").await?;
        loop {
            let mut line = String::new();
            if socket.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => socket.write_all(b"250-test\r\n250 8BITMIME\r\n").await?,
                "QUIT" => return socket.write_all(b"221 bye\r\n").await,
                "DATA" => {
                    socket.write_all(b"354 go on\r\n").await?;
                    let message = message(&mut socket).await?;
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
                            return Ok(());
                        }
                        Manner::Stall => std::future::pending().await,
                    }
                }
                _ => socket.write_all(b"250 ok\r\n").await?,
            }
        }
    }
}

async fn message(socket: &mut BufReader<TcpStream>) -> std::io::Result<String> {
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
