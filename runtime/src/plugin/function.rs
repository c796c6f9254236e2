//! Functions of a plugin, for rules that call them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tagout_spec::function::Function;

use super::live::Live;
use crate::engine::{Argument, Functions, Guest, GuestFault, Library, Value};

/// The functions of a plugin of a session.
pub(crate) struct Offered {
    live: Arc<Live>,
    functions: Vec<Function>,
}

impl Offered {
    /// `None` if the plugin has no functions.
    pub(crate) fn of(live: &Arc<Live>) -> Option<Self> {
        let functions = live.loaded().plugin.manifest.functions.clone();
        (!functions.is_empty()).then(|| Self { live: Arc::clone(live), functions })
    }
}

impl Library for Offered {
    fn functions(&self) -> &[Function] {
        &self.functions
    }

    fn open(&self) -> Result<Box<dyn Functions>, String> {
        let mut open =
            Open { live: Arc::clone(&self.live), guest: None, version: self.version() };
        open.guest().map_err(|fault| fault.problem)?;
        Ok(Box::new(open))
    }
}

impl Offered {
    fn version(&self) -> u32 {
        self.live.shared.version.load(Ordering::Relaxed)
    }
}

/// Functions at work for one pack.
struct Open {
    live: Arc<Live>,
    guest: Option<Guest>,
    /// Of which version of the plugin the instance is.
    version: u32,
}

impl Open {
    #[inline(always)]
    fn guest(&mut self) -> Result<&mut Guest, GuestFault> {
        let version = self.live.shared.version.load(Ordering::Relaxed);
        if self.version != version {
            (self.version, self.guest) = (version, None);
        }
        match &mut self.guest {
            Some(guest) => Ok(guest),
            empty => Ok(empty.insert(self.live.loaded().instance()?)),
        }
    }
}

impl Functions for Open {
    fn call(&mut self, function: usize, arguments: &[Argument<'_>]) -> Option<Value> {
        let shared = &self.live.shared;
        if shared.is_off() {
            return None;
        }
        // One thread at a time calls the functions of a session.
        let called = shared.called.load(Ordering::Relaxed);
        shared.called.store(called.saturating_add(1), Ordering::Relaxed);
        let result = self.guest().and_then(|guest| guest.call(function, arguments));
        if let Some(guest) = &mut self.guest {
            self.live.shared.hear(guest);
        }
        result.unwrap_or_else(|fault| {
            self.guest = None;
            self.live.shared.charge(&fault);
            None
        })
    }

    fn is_off(&self) -> bool {
        self.live.is_off()
    }
}
