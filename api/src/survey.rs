//! What happens around a survey wave that opens or closes, by a person's hand or by the clock.
use domain::survey::wave::{Event, Wave};

use crate::{error::Result, graphql::write::Tx};

/// Saves a wave that has just changed, and does what follows from the change.
pub async fn save(tx: &mut Tx<'_>, wave: &Wave, event: Event) -> Result<()> {
    let (organization, now) = (tx.organization()?, tx.now);
    persistence::survey::wave::update(tx.conn(), organization, wave).await?;
    match event {
        Event::Open => ask(tx, wave).await?,
        Event::Close => {
            persistence::survey::response::expire(tx.conn(), organization, wave.id, now).await?;
        }
        Event::Extend => {
            persistence::survey::response::reopen(tx.conn(), organization, wave.id, now).await?;
        }
        Event::Cancel => {}
    }
    tx.changed(wave.id, Some(wave.cohort.uuid()));
    Ok(())
}

/// Asks everybody in the wave's cohort who was not asked yet.
pub async fn ask(tx: &mut Tx<'_>, wave: &Wave) -> Result<()> {
    let (organization, now) = (tx.organization()?, tx.now);
    let count = persistence::survey::response::count_of_cohort(tx.conn(), organization, wave).await?;
    let ids: Vec<_> = (0..count).map(|_| tx.id(None)).collect();
    let _asked =
        persistence::survey::response::invite_cohort(tx.conn(), organization, wave, &ids, now).await?;
    Ok(())
}
