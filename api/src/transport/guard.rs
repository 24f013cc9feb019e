//! Is this document small enough to be validated and run? Decided in linear time, before the library sees it.
//!
//! The library's own limits come after it has expanded every fragment, which takes exponential time. So nothing
//! reaches `Schema::execute` or `execute_stream`, by whatever transport, that did not pass here.
use std::sync::Arc;

use async_graphql::{
    Pos, Positioned,
    parser::{
        self, parse_query,
        types::{Directive, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet},
    },
};

use super::{
    document::Document,
    fault::Fault,
    lexer,
    limits::{Limits, Rules},
    weight::{Cycle, Scale, Weight, root_fields},
};
use crate::error::ErrorCode;

/// Depth at which the library gives up recursing; fragments count there, unlike in [`Limits::depth`].
const LIBRARY_NESTING: usize = 32;

/// Why the guard let a document not pass.
pub type GuardRefusal = Fault;

/// Scans, parses and weighs the text of a document.
pub fn check(rules: &Rules, text: &str) -> Result<Arc<Document>, GuardRefusal> {
    let limits = &rules.limits;
    if text.len() > limits.document_bytes {
        let message = format!("the document has more than {} bytes", limits.document_bytes);
        return Err(Fault::new(ErrorCode::QueryTooLarge, message));
    }
    lexer::scan(text, limits)?;
    let parsed = parse_query(text).map_err(|error| parse_fault(&error))?;
    count(rules, &parsed)?;
    weigh(limits, &parsed)?;
    for (_, operation) in parsed.operations.iter() {
        check_roots(rules, &parsed, &operation.node)?;
    }
    Ok(Arc::new(Document::new(text, parsed)))
}

/// The library's message quotes the document; only what was expected and where is told.
fn parse_fault(error: &parser::Error) -> Fault {
    let positions: Vec<Pos> = error.positions().collect();
    let message = match error {
        parser::Error::Syntax { message, .. } => {
            let wanted = message.rsplit_once("= ").map_or("a GraphQL document", |(_, wanted)| wanted.trim());
            let at = positions.first().copied().unwrap_or_default();
            format!("syntax error at line {}, column {}: {wanted}", at.line, at.column)
        }
        parser::Error::RecursionLimitExceeded => {
            return Fault::new(ErrorCode::QueryTooDeep, "the document is nested too deep");
        }
        other => other.to_string(),
    };
    Fault { locations: positions, ..Fault::new(ErrorCode::ParseFailed, message) }
}

/// What stands in the document itself, each definition once.
#[derive(Default)]
struct Counts<'a> {
    aliases: usize,
    directives: Vec<&'a Positioned<Directive>>,
}

impl<'a> Counts<'a> {
    fn selection_set(&mut self, set: &'a SelectionSet) {
        for item in &set.items {
            self.directives.extend(item.node.directives());
            match &item.node {
                Selection::Field(field) => {
                    self.aliases = self.aliases.saturating_add(usize::from(field.node.alias.is_some()));
                    self.selection_set(&field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => self.selection_set(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}

fn count(rules: &Rules, document: &ExecutableDocument) -> Result<(), Fault> {
    let limits = &rules.limits;
    let mut counts = Counts::default();
    let mut variables = 0_usize;
    for (_, operation) in document.operations.iter() {
        counts.directives.extend(&operation.node.directives);
        for variable in &operation.node.variable_definitions {
            variables = variables.saturating_add(1);
            counts.directives.extend(&variable.node.directives);
        }
        counts.selection_set(&operation.node.selection_set.node);
    }
    for fragment in document.fragments.values() {
        counts.directives.extend(&fragment.node.directives);
        counts.selection_set(&fragment.node.selection_set.node);
    }
    for (what, actual, max, code) in [
        ("variables", variables, limits.variables, ErrorCode::QueryTooLarge),
        ("directives", counts.directives.len(), limits.directives, ErrorCode::QueryTooLarge),
        ("fragments", document.fragments.len(), limits.fragments, ErrorCode::QueryTooLarge),
        ("aliases", counts.aliases, limits.aliases, ErrorCode::QueryTooComplex),
    ] {
        if actual > max {
            return Err(Fault::new(code, format!("the document has {actual} {what}; {max} are allowed")));
        }
    }
    let known = |name: &str| rules.directives.is_empty() || rules.directives.contains(&name);
    match counts.directives.iter().find(|directive| !known(&directive.node.name.node)) {
        Some(unknown) => {
            let message = format!("unknown directive \"@{}\"", unknown.node.name.node);
            Err(Fault::new(ErrorCode::ValidationFailed, message).at(unknown.pos))
        }
        None => Ok(()),
    }
}

fn weigh(limits: &Limits, document: &ExecutableDocument) -> Result<(), Fault> {
    let mut scale = Scale::new(document);
    let mut total = Weight::default();
    for (_, operation) in document.operations.iter() {
        let weight =
            scale.weigh(&operation.node.selection_set.node).map_err(|cycle| spreads_itself(&cycle))?;
        // The library expands the operations that will not run, too.
        total.selections = total.selections.saturating_add(weight.selections);
        total.depth = total.depth.max(weight.depth);
        total.nesting = total.nesting.max(weight.nesting);
    }
    for name in document.fragments.keys() {
        scale.fragment(name).map_err(|cycle| spreads_itself(&cycle))?;
    }
    if total.selections > limits.selections {
        let message = format!(
            "the document selects more than {} fields after its fragments are expanded",
            limits.selections
        );
        return Err(Fault::new(ErrorCode::QueryTooComplex, message));
    }
    if total.depth > limits.depth || total.nesting > LIBRARY_NESTING {
        let message = format!("the document is {} levels deep; {} are allowed", total.depth, limits.depth);
        return Err(Fault::new(ErrorCode::QueryTooDeep, message));
    }
    Ok(())
}

fn spreads_itself(cycle: &Cycle) -> Fault {
    let message = format!("the fragment \"{}\" spreads itself", cycle.fragment);
    Fault::new(ErrorCode::ValidationFailed, message)
}

fn check_roots(
    rules: &Rules,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<(), Fault> {
    let roots = root_fields(document, &operation.selection_set.node);
    let (max, what) = match operation.ty {
        OperationType::Query => (rules.limits.root_fields, "a query"),
        OperationType::Mutation => (rules.limits.mutations, "a mutation"),
        OperationType::Subscription => (1, "a subscription"),
    };
    if roots.len() > max {
        let code = match operation.ty {
            OperationType::Subscription => ErrorCode::ValidationFailed,
            OperationType::Query | OperationType::Mutation => ErrorCode::QueryTooComplex,
        };
        let message = format!("{what} may have {max} fields at its root; this one has {}", roots.len());
        return Err(Fault::new(code, message));
    }
    let alone = |name: &str| rules.standing_alone.contains(&name);
    match roots.iter().find(|field| alone(&field.node.name.node)) {
        Some(field) if operation.ty == OperationType::Mutation && roots.len() > 1 => {
            let message = format!("\"{}\" must be the only field of its request", field.node.name.node);
            Err(Fault::new(ErrorCode::AuthFieldNotAlone, message).at(field.pos))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "guard/tests.rs"]
mod tests;
