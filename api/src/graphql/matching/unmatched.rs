//! Who has no proposal, and why?
use std::collections::HashMap;

use async_graphql::{Context, Object, SelectionField, SimpleObject};
use domain::{
    enrollment::Enrollment,
    id::Id,
    matching::{Alternate, Findings, Rule, UnmatchedCode, UnmatchedReason, run::Run},
    page::{Page, PageRequest},
};

use crate::{
    error::Result,
    graphql::{
        context::{Cx, Request},
        enrollment::EnrollmentObject,
        enumeration::E,
        nested::Listed,
        prefetch::{Prefetch, below},
        stored::Stored,
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
        EnrollmentObject::find(context.request(), self.0.mentor).await
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
        EnrollmentObject::find(context.request(), self.mentee).await
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
        let mentees = items.iter().map(|item| item.mentee).collect();
        EnrollmentObject::prefetch_by_ids(request, fields, "mentee", mentees).await?;
        let Some(wanted) = below(fields, "alternates") else { return Ok(()) };
        let alternates = items.iter().flat_map(|item| &item.alternates);
        let mentors = alternates.map(|alternate| alternate.mentor).collect();
        EnrollmentObject::prefetch_by_ids(request, &wanted, "mentor", mentors).await
    }
}

impl Listed<Run> for UnmatchedObject {
    type Place = usize;
    type Filter = ();

    fn place(&self) -> usize {
        self.place
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Run>>,
        _all: (),
        page: PageRequest<usize>,
    ) -> Result<HashMap<Id<Run>, Page<Self>>> {
        let found = findings(request, parents).await?;
        Ok(found.iter().map(|(run, findings)| (*run, self::page(findings, &page))).collect())
    }

    async fn count(
        request: &Request,
        parents: Vec<Id<Run>>,
        _all: (),
    ) -> Result<Option<HashMap<Id<Run>, i64>>> {
        let found = findings(request, parents).await?;
        let total = |(run, findings): (Id<Run>, Findings)| (run, i64::from(findings.totals.unmatched));
        Ok(Some(found.into_iter().map(total).collect()))
    }
}

async fn findings(request: &Request, runs: Vec<Id<Run>>) -> Result<Vec<(Id<Run>, Findings)>> {
    let organization = request.organization()?;
    request.load(async move |conn| persistence::matching::findings(conn, organization, &runs).await).await
}

/// A page of the mentees without a proposal, in the order in which they were enrolled.
fn page(findings: &Findings, page: &PageRequest<usize>) -> Page<UnmatchedObject> {
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
