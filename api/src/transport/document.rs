//! Which parsed documents are kept, so that a screen's query is parsed once and not for each visit?
//!
//! Only what passed the guard is kept, by the SHA-256 of its text, and the least recently used goes first. The
//! same store answers clients that send a hash instead of the text. Validation is not skipped: it checks the
//! variables of each request.
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use aws_lc_rs::digest;

use super::{fault::Fault, guard, limits::Rules};
use crate::error::ErrorCode;

/// A document that passed the guard.
#[derive(Debug)]
pub struct Document {
    pub parsed: ExecutableDocument,
    /// Estimate of the memory it takes: a parsed token is some hundred bytes where its text was a few.
    pub bytes: usize,
}

impl Document {
    pub fn new(text: &str, parsed: ExecutableDocument) -> Self {
        Self { parsed, bytes: text.len().saturating_mul(24).saturating_add(1024) }
    }

    /// The operation that a request wants to run.
    pub fn operation(&self, name: Option<&str>) -> Result<&OperationDefinition, Fault> {
        match (&self.parsed.operations, name) {
            (DocumentOperations::Single(only), None) => Ok(&only.node),
            (DocumentOperations::Multiple(named), Some(name)) => {
                named.get(name).map(|operation| &operation.node).ok_or_else(|| {
                    Fault::new(ErrorCode::ValidationFailed, "no operation has the name in `operationName`")
                })
            }
            (DocumentOperations::Single(_), Some(_)) => {
                Err(Fault::new(ErrorCode::ValidationFailed, "no operation has the name in `operationName`"))
            }
            (DocumentOperations::Multiple(named), None) => {
                let mut operations = named.values();
                match (operations.next(), operations.next()) {
                    (Some(only), None) => Ok(&only.node),
                    _ => Err(Fault::new(
                        ErrorCode::ValidationFailed,
                        "the document has several operations: name one in `operationName`",
                    )),
                }
            }
        }
    }

    pub fn kind(&self, name: Option<&str>) -> Result<OperationType, Fault> {
        self.operation(name).map(|operation| operation.ty)
    }
}

/// SHA-256 of a document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentHash([u8; 32]);

impl DocumentHash {
    pub fn of(text: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        Self(bytes)
    }

    /// Reads the 64 hexadecimal digits that clients send.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

/// Documents that were seen lately, within a budget of bytes.
#[derive(Debug)]
pub struct DocumentCache {
    budget: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_hash: HashMap<DocumentHash, (Arc<Document>, u64)>,
    by_use: BTreeMap<u64, DocumentHash>,
    bytes: usize,
    uses: u64,
}

impl DocumentCache {
    pub fn new(budget: usize) -> Self {
        Self { budget, kept: Mutex::default() }
    }

    /// The document of this text, from the store or checked and kept now.
    pub fn get_or_check(&self, rules: &Rules, text: &str) -> Result<Arc<Document>, Fault> {
        // Too long a text is refused before it is even hashed.
        if text.len() > rules.limits.document_bytes {
            return guard::check(rules, text);
        }
        let hash = DocumentHash::of(text);
        if let Some(known) = self.get(hash) {
            return Ok(known);
        }
        let document = guard::check(rules, text)?;
        self.lock().insert(hash, Arc::clone(&document), self.budget);
        Ok(document)
    }

    pub fn get(&self, hash: DocumentHash) -> Option<Arc<Document>> {
        self.lock().touch(hash)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        // A panic elsewhere leaves at worst a wrong byte count behind.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn touch(&mut self, hash: DocumentHash) -> Option<Arc<Document>> {
        self.uses = self.uses.wrapping_add(1);
        let (document, used) = self.by_hash.get_mut(&hash)?;
        self.by_use.remove(used);
        self.by_use.insert(self.uses, hash);
        *used = self.uses;
        Some(Arc::clone(document))
    }

    fn insert(&mut self, hash: DocumentHash, document: Arc<Document>, budget: usize) {
        if document.bytes > budget || self.touch(hash).is_some() {
            return;
        }
        self.bytes = self.bytes.saturating_add(document.bytes);
        self.by_hash.insert(hash, (document, self.uses));
        self.by_use.insert(self.uses, hash);
        while self.bytes > budget {
            let Some((_, oldest)) = self.by_use.pop_first() else { break };
            if let Some((gone, _)) = self.by_hash.remove(&oldest) {
                self.bytes = self.bytes.saturating_sub(gone.bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_parsed_once() {
        let cache = DocumentCache::new(1024 * 1024);
        let first = cache.get_or_check(&Rules::default(), "{ a }").unwrap();
        let second = cache.get_or_check(&Rules::default(), "{ a }").unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(cache.get(DocumentHash::of("{ a }")).is_some());
        assert!(cache.get(DocumentHash::of("{ b }")).is_none());
    }

    #[test]
    fn the_least_recently_used_goes_first_and_the_budget_holds() {
        let size = Document::new("{ a0 }", parse()).bytes;
        let cache = DocumentCache::new(size * 3);
        for text in ["{ a0 }", "{ a1 }", "{ a2 }", "{ a0 }", "{ a3 }"] {
            cache.get_or_check(&Rules::default(), text).unwrap();
        }
        assert!(cache.get(DocumentHash::of("{ a0 }")).is_some());
        assert!(cache.get(DocumentHash::of("{ a1 }")).is_none());
        assert!(cache.lock().bytes <= size * 3);
    }

    #[test]
    fn refused_documents_are_not_kept() {
        let cache = DocumentCache::new(1024 * 1024);
        assert!(cache.get_or_check(&Rules::default(), "{ a").is_err());
        assert_eq!(cache.lock().by_hash.len(), 0);
    }

    #[test]
    fn hashes_are_read_from_hexadecimal_digits() {
        let hex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(DocumentHash::from_hex(hex), Some(DocumentHash::of("hello")));
        assert_eq!(DocumentHash::from_hex("xyz"), None);
        assert_eq!(DocumentHash::from_hex(&"é".repeat(32)), None);
    }

    #[test]
    fn the_operation_is_chosen_by_name() {
        let document = Document::new("", parse_text("query A { a } mutation B { b }"));
        assert_eq!(document.kind(Some("B")).unwrap(), OperationType::Mutation);
        assert!(document.operation(None).is_err());
        assert!(document.operation(Some("C")).is_err());
        assert!(Document::new("", parse()).operation(Some("A")).is_err());
    }

    fn parse() -> ExecutableDocument {
        parse_text("{ a }")
    }

    fn parse_text(text: &str) -> ExecutableDocument {
        async_graphql::parser::parse_query(text).unwrap()
    }
}
