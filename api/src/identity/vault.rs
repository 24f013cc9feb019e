//! How are secrets kept in the database so that a stolen copy of it opens nothing?
//!
//! One key-encryption key (KEK) lives outside the database. From it follow a key for each purpose, by HKDF, so that
//! no two columns share one. A sealed value names the KEK it was sealed with and is bound to its table, column and
//! row: moved to another place it does not open.
use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use aws_lc_rs::{
    aead::{self, AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    digest,
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    hmac, rand,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{config::Config, error::Failure};

const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const HEADER: usize = 1 + KEY_ID + aead::NONCE_LEN;

/// Where a sealed value is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub table: &'static str,
    pub column: &'static str,
    pub row: Uuid,
}

/// Seals and opens values, and makes codes that only this installation can make.
pub struct Vault {
    /// The first seals; all open.
    keys: Vec<Kek>,
}

struct Kek {
    id: [u8; KEY_ID],
    secret: Prk,
}

/// 32 bytes from HKDF.
struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Vault").field("keys", &self.keys.len()).finish()
    }
}

impl Vault {
    /// Reads the KEK from `CAIRN_KEK_FILE`, else from the systemd credential `cairn.kek`, else from the data folder,
    /// where one is made on first start.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let credential =
            std::env::var_os("CREDENTIALS_DIRECTORY").map(|folder| Path::new(&folder).join("cairn.kek"));
        let given = config.kek_file.clone().or_else(|| credential.filter(|path| path.exists()));
        let path = given.map_or_else(|| make_once(&config.data_dir), Ok)?;
        let text = fs::read_to_string(&path)
            .map(SecretString::from)
            .with_context(|| format!("cannot read the key-encryption key {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("the key-encryption key {}", path.display()))
    }

    /// One key a line, 32 bytes in base64; the first seals, so a new one is put on top of the old ones.
    fn parse(text: &SecretString) -> anyhow::Result<Self> {
        let lines = text.expose_secret().lines().map(str::trim).filter(|line| !line.is_empty());
        let keys = lines.map(Kek::parse).collect::<anyhow::Result<Vec<_>>>()?;
        ensure!(!keys.is_empty(), "there is no key in it");
        Ok(Self { keys })
    }

    /// Encrypts `plain` for one place.
    pub fn seal(&self, place: &Place, plain: &[u8]) -> Result<Vec<u8>, Failure> {
        let kek = self.keys.first().ok_or_else(|| Failure::internal("no key to seal with"))?;
        let key = kek.aead(place)?;
        let mut body = plain.to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(place.bytes()), &mut body).map_err(unspecified)?;
        let mut sealed = Vec::with_capacity(HEADER + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&kek.id);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Decrypts what was sealed for this very place.
    pub fn open_sealed(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, Failure> {
        let broken = || Failure::internal(format!("{}.{} does not open", place.table, place.column));
        let (header, body) = sealed.split_at_checked(HEADER).ok_or_else(broken)?;
        let (&version, header) = header.split_first().ok_or_else(broken)?;
        let (id, nonce) = header.split_at_checked(KEY_ID).ok_or_else(broken)?;
        if version != VERSION {
            return Err(broken());
        }
        let missing = || Failure::internal(format!("the key that sealed {} is missing", place.table));
        let kek = self.keys.iter().find(|kek| kek.id == id).ok_or_else(missing)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(unspecified)?;
        let mut body = body.to_vec();
        let plain = kek
            .aead(place)?
            .open_in_place(nonce, Aad::from(place.bytes()), &mut body)
            .map_err(|_| broken())?;
        Ok(plain.to_vec())
    }

    /// A code for `message` that only this installation can make, the same each time. With several KEKs it follows
    /// from the oldest, so that a new KEK changes no code.
    pub fn code(&self, purpose: &str, message: &[u8]) -> Result<[u8; 32], Failure> {
        let kek = self.keys.last().ok_or_else(|| Failure::internal("no key to make codes with"))?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &kek.derive(purpose)?);
        hmac::sign(&key, message).as_ref().try_into().map_err(Failure::internal)
    }
}

impl Place {
    fn bytes(&self) -> Vec<u8> {
        [self.table.as_bytes(), b".", self.column.as_bytes(), b".", self.row.as_bytes()].concat()
    }
}

impl Kek {
    fn parse(line: &str) -> anyhow::Result<Self> {
        let bytes = STANDARD.decode(line).ok().filter(|bytes| bytes.len() == 32);
        let bytes = bytes.context("a line of it is not 32 bytes in base64")?;
        let mut id = [0; KEY_ID];
        let hash = digest::digest(&digest::SHA256, &bytes);
        id.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
        Ok(Self { id, secret: Salt::new(HKDF_SHA256, b"cairn key-encryption key").extract(&bytes) })
    }

    fn derive(&self, purpose: &str) -> Result<[u8; 32], Failure> {
        let mut key = [0; 32];
        let info = [purpose.as_bytes()];
        self.secret.expand(&info, Bytes32).and_then(|okm| okm.fill(&mut key)).map_err(unspecified)?;
        Ok(key)
    }

    fn aead(&self, place: &Place) -> Result<RandomizedNonceKey, Failure> {
        let key = self.derive(&format!("seal {}.{}", place.table, place.column))?;
        RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(unspecified)
    }
}

/// Random bytes for keys and tokens.
pub fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(unspecified)?;
    Ok(bytes)
}

fn unspecified(_: aws_lc_rs::error::Unspecified) -> Failure {
    Failure::internal("cryptography failed")
}

/// The file in the data folder. Two processes that start together agree on the one that was linked first.
fn make_once(data_dir: &Path) -> anyhow::Result<PathBuf> {
    let path = data_dir.join("kek");
    if path.exists() {
        return Ok(path);
    }
    let task = || format!("cannot make the key-encryption key {}", path.display());
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).ok().with_context(task)?;
    fs::create_dir_all(data_dir).with_context(task)?;
    let draft = data_dir.join(format!("kek.{}.{:08x}", std::process::id(), u32::from_ne_bytes(name()?)));
    let mut file: File =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).with_context(task)?;
    file.write_all((STANDARD.encode(bytes) + "\n").as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(task)?;
    let linked = fs::hard_link(&draft, &path);
    fs::remove_file(&draft).with_context(task)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error).with_context(task),
        _ => Ok(path),
    }
}

fn name() -> anyhow::Result<[u8; 4]> {
    let mut bytes = [0; 4];
    rand::fill(&mut bytes).ok().context("no random numbers")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const PLACE: Place = Place { table: "profile", column: "birth_date_sealed", row: Uuid::from_u128(7) };

    fn vault(keys: &[[u8; 32]]) -> Vault {
        let lines: Vec<String> = keys.iter().map(|key| STANDARD.encode(key)).collect();
        Vault::parse(&lines.join("\n").into()).expect("keys")
    }

    #[test]
    fn a_sealed_value_opens_at_its_place_only() {
        let vault = vault(&[[1; 32]]);
        let sealed = vault.seal(&PLACE, b"2011-05-01").expect("sealed");
        assert_eq!(vault.open_sealed(&PLACE, &sealed).expect("open"), b"2011-05-01");
        assert!(!sealed.windows(4).any(|part| part == b"2011"));
        assert_ne!(vault.seal(&PLACE, b"2011-05-01").expect("sealed"), sealed, "each sealing is new");
        for other in [
            Place { row: Uuid::from_u128(8), ..PLACE },
            Place { column: "guardian_contact_sealed", ..PLACE },
            Place { table: "session", ..PLACE },
        ] {
            assert!(vault.open_sealed(&other, &sealed).is_err(), "{other:?}");
        }
    }

    #[test]
    fn a_changed_or_cut_value_does_not_open() {
        let vault = vault(&[[1; 32]]);
        let sealed = vault.seal(&PLACE, b"x").expect("sealed");
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(vault.open_sealed(&PLACE, &changed).is_err(), "byte {position}");
            assert!(vault.open_sealed(&PLACE, &sealed[..position]).is_err(), "cut at {position}");
        }
    }

    #[test]
    fn after_a_new_key_old_values_open_and_codes_stay() {
        let (old, both, new) = (vault(&[[1; 32]]), vault(&[[2; 32], [1; 32]]), vault(&[[2; 32]]));
        let sealed = old.seal(&PLACE, b"x").expect("sealed");
        assert!(both.open_sealed(&PLACE, &sealed).is_ok());
        assert!(new.open_sealed(&PLACE, &sealed).is_err());
        let resealed = both.seal(&PLACE, b"x").expect("sealed");
        assert!(old.open_sealed(&PLACE, &resealed).is_err() && new.open_sealed(&PLACE, &resealed).is_ok());
        assert_eq!(old.code("link", b"1").expect("code"), both.code("link", b"1").expect("code"));
        assert_ne!(old.code("link", b"1").expect("code"), old.code("rate", b"1").expect("code"));
    }

    #[test]
    fn the_first_start_makes_one_key_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let paths: Vec<_> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8).map(|_| scope.spawn(|| make_once(&data).expect("made"))).collect();
            makers.into_iter().map(|maker| fs::read(maker.join().expect("ends")).expect("read")).collect()
        });
        assert!(paths.windows(2).all(|pair| pair[0] == pair[1]), "all agree");
        let made: Vec<_> = fs::read_dir(&data).expect("listed").flatten().collect();
        assert_eq!(made.len(), 1, "no drafts are left");
        assert_eq!(made[0].metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn files_without_a_whole_key_are_refused() {
        for text in ["", "\n", "c2hvcnQ=", "not base64 at all"] {
            assert!(Vault::parse(&text.to_owned().into()).is_err(), "{text:?}");
        }
    }
}
