//! Where does a file wait until it is whole? In an unnamed temporary file, gone when its sender is.
use std::io::SeekFrom;

use aws_lc_rs::digest;
use domain::file::HEAD;
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};

use crate::{error::ErrorCode, transport::fault::Fault};

/// The bytes that have come so far.
pub struct Spool {
    file: File,
    digest: digest::Context,
    head: Vec<u8>,
    size: usize,
    limit: usize,
}

impl Spool {
    pub async fn new(limit: usize) -> Result<Self, Fault> {
        let opened = tokio::task::spawn_blocking(tempfile::tempfile).await;
        let file =
            opened.map_err(std::io::Error::other).and_then(|file| file).map_err(|error| broken(&error))?;
        let digest = digest::Context::new(&digest::SHA256);
        Ok(Self { file: File::from_std(file), digest, head: Vec::new(), size: 0, limit })
    }

    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.size += bytes.len();
        if self.size > self.limit {
            return Err(too_large(self.limit));
        }
        self.digest.update(bytes);
        let missing = HEAD.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(missing));
        self.file.write_all(bytes).await.map_err(|error| broken(&error))
    }

    pub fn head(&self) -> &[u8] {
        &self.head
    }

    pub fn size(&self) -> i32 {
        i32::try_from(self.size).unwrap_or(i32::MAX)
    }

    pub fn sha256(&self) -> Vec<u8> {
        self.digest.clone().finish().as_ref().to_vec()
    }

    /// Goes back to the first byte, to be read with [`Spool::piece`].
    pub async fn rewind(&mut self) -> Result<(), Fault> {
        self.file.flush().await.map_err(|error| broken(&error))?;
        self.file.seek(SeekFrom::Start(0)).await.map_err(|error| broken(&error))?;
        Ok(())
    }

    /// The next `length` bytes, fewer at the end, none after it.
    pub async fn piece(&mut self, length: usize) -> std::io::Result<Vec<u8>> {
        let mut piece = Vec::with_capacity(length);
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        (&mut self.file).take(length).read_to_end(&mut piece).await?;
        Ok(piece)
    }
}

pub fn too_large(limit: usize) -> Fault {
    Fault::new(ErrorCode::PayloadTooLarge, format!("the file has more than {limit} bytes"))
}

fn broken(error: &std::io::Error) -> Fault {
    tracing::error!(%error, "the temporary folder cannot be used for an upload");
    Fault::internal()
}
