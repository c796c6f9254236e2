//! What the flows of one pipeline share.
//!
//! Nearly all sessions keep to their flow. Some protocols do not: a server of
//! connectionless DCE/RPC may answer from another port than it was asked on, so that
//! request and answer lie in two flows. What such sessions have in common is a value of
//! a type of the decoder's own, bounded by a constant of its own; each session takes its
//! share of it in [`Session::join`](super::Session::join).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::RefCell;
use core::fmt;

/// State that the sessions of a pipeline share: one value for each type that any of them
/// asks for.
#[derive(Default)]
pub struct Commons {
    shares: RefCell<Vec<Box<dyn Any + Send>>>,
}

impl Commons {
    /// A share of the value of this type, which begins as the type's default. What a
    /// clone shares with its original is the type's affair: an `Arc` over a lock does.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use tagout_spec::decoder::Commons;
    ///
    /// let commons = Commons::default();
    /// let one: Arc<Mutex<u32>> = commons.share();
    /// *one.lock().unwrap() = 7;
    /// let other: Arc<Mutex<u32>> = commons.share();
    /// assert_eq!(*other.lock().unwrap(), 7);
    /// ```
    #[must_use]
    pub fn share<T: Any + Clone + Default + Send>(&self) -> T {
        // Nothing that is called below asks for a share itself.
        let Ok(mut shares) = self.shares.try_borrow_mut() else { return T::default() };
        let found = shares.iter().find_map(|share| share.downcast_ref::<T>());
        if let Some(found) = found {
            return found.clone();
        }
        let new = T::default();
        shares.push(Box::new(new.clone()));
        new
    }
}

impl fmt::Debug for Commons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commons").finish_non_exhaustive()
    }
}
