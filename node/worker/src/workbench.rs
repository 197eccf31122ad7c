//! Where computing happens: in threads of its own, one task at a time, and judging goes before searching.

use doin_domains::Cancellation;
use futures::{channel::mpsc, StreamExt};
use std::{
    any::Any,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Arc,
    time::Instant,
};

use crate::{
    measure::{MeasureOutcome, MeasureTask},
    search::{SearchOutcome, SearchTask},
};

/// Runs a closure in a thread where it may block.
pub type Executor = Arc<dyn Fn(Box<dyn FnOnce() + Send>) + Send + Sync>;

/// Runs closures in the blocking threads of the tokio runtime that the caller is in.
pub fn blocking_threads() -> Executor {
    Arc::new(|work| drop(tokio::task::spawn_blocking(work)))
}

/// What a thread has done.
pub(crate) enum Finished {
    Measure {
        task: MeasureTask,
        outcome: MeasureOutcome,
        seconds: f64,
    },
    Search {
        task: SearchTask,
        outcome: SearchOutcome,
        seconds: f64,
    },
}

enum Running {
    Measure,
    Search {
        task: Box<SearchTask>,
        cancellation: Cancellation,
    },
}

/// The one place of work.
pub(crate) struct Workbench {
    executor: Executor,
    running: Option<Running>,
    sender: mpsc::UnboundedSender<Finished>,
    finished: mpsc::UnboundedReceiver<Finished>,
    /// Whose search was served last, so that domains take turns.
    last_domain: usize,
}

impl Workbench {
    pub(crate) fn new(executor: Executor) -> Self {
        let (sender, finished) = mpsc::unbounded();
        Self {
            executor,
            running: None,
            sender,
            finished,
            last_domain: 0,
        }
    }

    /// What has been finished since the last call. Never waits.
    pub(crate) fn take_finished(&mut self) -> Option<Finished> {
        let finished = self.finished.try_recv().ok()?;
        self.running = None;
        Some(finished)
    }

    /// Waits until something is finished, and leaves it there in the form of a return value.
    pub(crate) async fn wait(&mut self) -> Option<Finished> {
        let finished = self.finished.next().await;
        self.running = None;
        finished
    }

    /// Takes up the most urgent of the tasks that are wanted. A search that is running is stopped when somebody waits
    /// to be judged, or when it is not wanted any more: its best has been improved on, or its season is over.
    pub(crate) fn schedule(&mut self, mut measures: Vec<MeasureTask>, searches: Vec<SearchTask>) {
        match &self.running {
            None => {}
            Some(Running::Measure) => return,
            Some(Running::Search { task, cancellation }) => {
                if !measures.is_empty() || !searches.iter().any(|wanted| wanted.is_same_work(task)) {
                    cancellation.cancel();
                }
                return;
            }
        }
        measures.sort_by_key(|task| task.deadline);
        if let Some(task) = measures.into_iter().next() {
            self.running = Some(Running::Measure);
            self.start(move || {
                let started = Instant::now();
                let outcome = shielded(|| task.run()).unwrap_or_else(MeasureOutcome::Failed);
                Finished::Measure {
                    task,
                    outcome,
                    seconds: started.elapsed().as_secs_f64(),
                }
            });
            return;
        }
        let turn = searches
            .iter()
            .position(|task| task.domain_index > self.last_domain)
            .unwrap_or(0);
        if let Some(task) = searches.into_iter().nth(turn) {
            self.last_domain = task.domain_index;
            let cancellation = Cancellation::default();
            self.running = Some(Running::Search {
                task: Box::new(task.clone()),
                cancellation: cancellation.clone(),
            });
            self.start(move || {
                let started = Instant::now();
                let outcome = shielded(|| task.run(&cancellation)).unwrap_or_else(SearchOutcome::Failed);
                Finished::Search {
                    task,
                    outcome,
                    seconds: started.elapsed().as_secs_f64(),
                }
            });
        }
    }

    /// Stops a search that is running.
    pub(crate) fn stop_searching(&self) {
        if let Some(Running::Search { cancellation, .. }) = &self.running {
            cancellation.cancel();
        }
    }

    fn start(&self, work: impl FnOnce() -> Finished + Send + 'static) {
        let sender = self.sender.clone();
        (self.executor)(Box::new(move || {
            // Nobody listens any more when the node is being shut down.
            let _ = sender.unbounded_send(work());
        }));
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        self.stop_searching();
    }
}

/// Runs work that calls into domains and drivers: their panics are errors of the task, not the end of the node, whose
/// panic hook would abort the process unless the thread says that it will unwind.
pub(crate) fn shielded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let _unwind = sp_panic_handler::AbortGuard::force_unwind();
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| format!("panicked: {}", panic_message(&*panic)))
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}
