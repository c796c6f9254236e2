//! State of a plugin between calls.
//!
//! A plugin has one thread, but a static must be shareable between threads. Natively, in
//! tests, a lock sees to that.

/// A value that begins as nothing and lasts as long as the instance.
#[derive(Debug, Default)]
pub struct Global<T>(imp::Cell<T>);

impl<T> Global<T> {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(imp::Cell::new())
    }

    /// Lends the value, if there is one and it is not lent already.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.with(|value| value.as_mut().map(f)).flatten()
    }

    /// The same of a value that is made when it is asked for first.
    pub fn with_or<R>(
        &self,
        make: impl FnOnce() -> T,
        f: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        self.0.with(|value| f(value.get_or_insert_with(make)))
    }

    /// Puts a value there.
    pub fn set(&self, new: T) {
        let _ = self.0.with(|value| *value = Some(new));
    }
}

#[cfg(target_family = "wasm")]
mod imp {
    use core::cell::RefCell;

    #[derive(Debug, Default)]
    pub(super) struct Cell<T>(RefCell<Option<T>>);

    #[expect(unsafe_code, reason = "a plugin has no threads")]
    // SAFETY: the contract allows no threads, so no other one can see it.
    unsafe impl<T> Sync for Cell<T> {}

    impl<T> Cell<T> {
        pub(super) const fn new() -> Self {
            Self(RefCell::new(None))
        }

        pub(super) fn with<R>(&self, f: impl FnOnce(&mut Option<T>) -> R) -> Option<R> {
            self.0.try_borrow_mut().ok().map(|mut value| f(&mut value))
        }
    }
}

#[cfg(not(target_family = "wasm"))]
mod imp {
    use std::sync::Mutex;

    #[derive(Debug, Default)]
    pub(super) struct Cell<T>(Mutex<Option<T>>);

    impl<T> Cell<T> {
        pub(super) const fn new() -> Self {
            Self(Mutex::new(None))
        }

        pub(super) fn with<R>(&self, f: impl FnOnce(&mut Option<T>) -> R) -> Option<R> {
            self.0.try_lock().ok().map(|mut value| f(&mut value))
        }
    }
}
