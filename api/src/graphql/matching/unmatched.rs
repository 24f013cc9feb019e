//! Who has no proposal, and why?
use async_graphql::{Context, Object, SelectionField, SimpleObject};
use domain::{
    enrollment::Enrollment,
    id::Id,
    matching::{Alternate, Findings, Rule, UnmatchedCode, UnmatchedReason},
    page::{Page, PageRequest},
};

use crate::{
    error::Result,
    graphql::{
        context::{Cx, Request},
        enrollment::EnrollmentObject,
        enumeration::E,
        prefetch::{Prefetch, below},
    },
};

/// A mentee for whom a run has no proposal, and why.
#[derive(Debug, Clone)]
pub struct UnmatchedObject {
    /// The place in the list.
    pub place: usize,
    mentee: Id<Enrollment>,
    reason: UnmatchedReason,
    sentence: String,
    alternates: Vec<Alternate>,
}

/// For how many mentors a rule was the first one broken.
#[derive(Debug, Clone, SimpleObject)]
pub struct BrokenRule {
    /// The rule.
    rule: E<Rule>,
    /// How many mentors it rules out.
    mentors: u32,
}

/// A mentor who would fit a mentee besides what was proposed.
#[derive(Debug, Clone)]
pub struct AlternateObject(Alternate);

/// A mentor who would fit a mentee besides what was proposed.
#[Object(name = "AlternateMentor")]
impl AlternateObject {
    /// The mentor's enrollment; null when you may not see it.
    async fn mentor(&self, context: &Context<'_>) -> Result<Option<EnrollmentObject>> {
        EnrollmentObject::ahead(context.request(), self.0.mentor).await
    }

    /// How well they would fit, from 0 to 10,000.
    async fn score(&self) -> u16 {
        self.0.score
    }

    /// Does the mentor have a place left when everything proposed is accepted?
    async fn has_room(&self) -> bool {
        self.0.has_room
    }
}

/// A mentee for whom a run has no proposal, and why.
#[Object(name = "UnmatchedMentee")]
impl UnmatchedObject {
    /// The mentee's enrollment; null when you may not see it.
    async fn mentee(&self, context: &Context<'_>) -> Result<Option<EnrollmentObject>> {
        EnrollmentObject::ahead(context.request(), self.mentee).await
    }

    /// What kind of reason it is.
    async fn reason(&self) -> E<UnmatchedCode> {
        E(self.reason.code())
    }

    /// The reason in a sentence, in English.
    async fn sentence(&self) -> &str {
        &self.sentence
    }

    /// The rules that rule mentors out, each with how many; empty when places are what is missing.
    async fn rules(&self) -> Vec<BrokenRule> {
        let rule = |&(rule, mentors): &(Rule, u32)| BrokenRule { rule: E(rule), mentors };
        self.reason.rules().iter().map(rule).collect()
    }

    /// Up to five mentors who would fit best, whose places go to others.
    async fn alternates(&self) -> Vec<AlternateObject> {
        self.alternates.iter().cloned().map(AlternateObject).collect()
    }
}

impl Prefetch for UnmatchedObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        if let Some(wanted) = below(fields, "mentee") {
            let mentees: Vec<Id<Enrollment>> = items.iter().map(|item| item.mentee).collect();
            EnrollmentObject::prefetch_by_ids(request, &mentees, &wanted).await?;
        }
        let wanted = below(fields, "alternates").and_then(|alternates| below(&alternates, "mentor"));
        if let Some(wanted) = wanted {
            let alternates = items.iter().flat_map(|item| &item.alternates);
            let mentors: Vec<Id<Enrollment>> = alternates.map(|alternate| alternate.mentor).collect();
            EnrollmentObject::prefetch_by_ids(request, &mentors, &wanted).await?;
        }
        Ok(())
    }
}

/// A page of the mentees without a proposal, in the order in which they were enrolled.
pub fn page(findings: &Findings, page: &PageRequest<usize>) -> Page<UnmatchedObject> {
    let skipped = page.after.map_or(0, |place| place.saturating_add(1));
    let wanted = findings.unmatched.iter().enumerate().skip(skipped).take(usize::from(page.first) + 1);
    let object = |(place, unmatched): (usize, &domain::matching::Unmatched)| {
        let mentee = unmatched.mentee;
        let alternates = findings.alternates.iter().find(|alternates| alternates.mentee == mentee);
        UnmatchedObject {
            place,
            mentee,
            reason: unmatched.reason.clone(),
            sentence: unmatched.reason.sentence(&findings.contests),
            alternates: alternates.map(|alternates| alternates.mentors.clone()).unwrap_or_default(),
        }
    };
    Page::of(wanted.map(object).collect(), page.first)
}
