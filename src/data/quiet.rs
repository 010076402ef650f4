//! Keeps a parser's panic off standard error while it is being caught: damaged input is the user's news, not a defect's.

use std::cell::Cell;
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static INSTALL: Once = Once::new();

/// Runs `work` with panic messages of this thread held back.
pub fn quietly<T>(work: impl FnOnce() -> T) -> T {
    INSTALL.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.with(Cell::get) && std::thread::current().name().is_none_or(|n| !n.starts_with("polars")) {
                previous(info);
            }
        }));
    });
    QUIET.with(|q| q.set(true));
    let result = work();
    QUIET.with(|q| q.set(false));
    result
}
