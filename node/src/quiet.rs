//! Essential tasks that may end with the node.

use futures::future::BoxFuture;
use sc_service::SpawnEssentialTaskHandle;
use sp_core::traits::SpawnEssentialNamed;
use std::time::Duration;

/// How long a task that has ended waits for the end of the node.
const GRACE: Duration = Duration::from_secs(5);

/// Spawns essential tasks whose end is reported a little later: not at all where the node ends meanwhile.
///
/// The transaction pool's task of its own thread ends when the pool is dropped, which at an ordinary stop comes before the
/// task itself is told to end: each stop would be logged as the failure of an essential task.
#[derive(Clone)]
pub struct QuietlyEnding(pub SpawnEssentialTaskHandle);

fn patient(task: BoxFuture<'static, ()>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        task.await;
        // A timer of its own: tokio's may have ended.
        futures_timer::Delay::new(GRACE).await;
    })
}

impl SpawnEssentialNamed for QuietlyEnding {
    fn spawn_essential_blocking(&self, name: &'static str, group: Option<&'static str>, task: BoxFuture<'static, ()>) {
        self.0.spawn_blocking(name, group, patient(task));
    }

    fn spawn_essential(&self, name: &'static str, group: Option<&'static str>, task: BoxFuture<'static, ()>) {
        self.0.spawn(name, group, patient(task));
    }
}
