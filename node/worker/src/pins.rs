//! Which parameters a node of a domain keeps, serves, and fetches when it has not got them.

use doin_primitives::{
    api::{DomainInfo, OptimumInfo, Stage},
    artifact::ArtifactReference,
    optimum::Outcome,
    SlotNumber,
};

/// For so many slots after its reveal an accepted optimum may still be called into question: until then its parameters
/// are kept although a better one may have followed.
const CONTESTABLE_SLOTS: SlotNumber = 14_400;

/// What must be there: what the best may fall back to, the best, what stands in the queue, and what was accepted not long
/// ago, be it the best's predecessor or a predecessor of that.
pub(crate) fn pins<'a>(
    baseline: ArtifactReference,
    info: &'a DomainInfo,
    optimae: &'a [OptimumInfo],
    slot: SlotNumber,
) -> impl Iterator<Item = ArtifactReference> + 'a {
    let wanted = move |optimum: &&OptimumInfo| match &optimum.stage {
        Stage::Ended(outcome) => {
            *outcome == Outcome::Accepted && slot.saturating_sub(optimum.revealed_at) <= CONTESTABLE_SLOTS
        }
        _ => info.queue.contains(&optimum.id),
    };
    let optimae = optimae.iter().filter(wanted).map(|optimum| optimum.artifact);
    [baseline, info.best_artifact].into_iter().chain(optimae)
}
