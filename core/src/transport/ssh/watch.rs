//! Cuts connections whose limit has passed while libssh2 does not come back.
//!
//! Its calls do not block, but they go on reading as long as there is something to read. A server that never stops
//! sending could hold a thread for ever, even before its host key is known. So one thread of the run looks on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::wire::Wire;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Limit;

/// How often it looks. Calls that come back by themselves do so within a tick, which is shorter.
const PERIOD: Duration = Duration::from_millis(250);

/// The connections that are looked at. The thread ends when this is dropped.
#[derive(Default)]
pub(super) struct Watch(Mutex<Option<Arc<List>>>);

type List = Mutex<Vec<Weak<Watched>>>;

/// A connection, and what limits the call that it is in.
pub(super) struct Watched {
    wire: Arc<Wire>,
    call: Mutex<Option<Call>>,
}

struct Call {
    limit: Limit,
    was_over: bool,
}

/// A call that is under way until this is dropped.
pub(super) struct Underway<'a>(&'a Watched);

impl Watch {
    /// Begins to look at a connection, until the result is dropped.
    pub(super) fn add(&self, wire: &Arc<Wire>) -> Result<Arc<Watched>> {
        let watched = Arc::new(Watched { wire: Arc::clone(wire), call: Mutex::default() });
        let list = self.list()?;
        let mut list = lock(&list);
        list.retain(|other| other.strong_count() > 0);
        list.push(Arc::downgrade(&watched));
        Ok(watched)
    }

    fn list(&self) -> Result<Arc<List>> {
        let mut list = lock(&self.0);
        if let Some(list) = &*list {
            return Ok(Arc::clone(list));
        }
        let new = Arc::<List>::default();
        let looked_at = Arc::downgrade(&new);
        let spawned = std::thread::Builder::new().name("regconf-watch".to_owned()).spawn(move || look_on(&looked_at));
        spawned.map_err(|error| Error::new(ErrorKind::Internal, format!("no thread can be started: {error}")))?;
        *list = Some(Arc::clone(&new));
        Ok(new)
    }
}

impl Watched {
    /// Limits the call that begins now.
    pub(super) fn call(&self, limit: &Limit) -> Underway<'_> {
        *lock(&self.call) = Some(Call { limit: limit.clone(), was_over: false });
        Underway(self)
    }

    /// Cuts the connection when the limit was over the last time already.
    fn look(&self) {
        if let Some(call) = &mut *lock(&self.call) {
            let is_over = call.limit.left().is_err();
            if is_over && call.was_over {
                self.wire.cut();
            }
            call.was_over = is_over;
        }
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        *lock(&self.0.call) = None;
    }
}

fn look_on(list: &Weak<List>) {
    loop {
        std::thread::sleep(PERIOD);
        let Some(list) = list.upgrade() else { return };
        // Looked at outside the lock, so that connections can be added meanwhile.
        let all: Vec<_> = lock(&list).iter().filter_map(Weak::upgrade).collect();
        for watched in all {
            watched.look();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
