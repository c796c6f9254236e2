//! The one shape of a loop. A host proves from the bytes alone that it ends.
//!
//! ```text
//! local.get n   i32.const 1   i32.sub   i32.const CAP   i32.lt_u
//! if                              ;; 1 <= n <= CAP
//!   loop
//!     body                        ;; may leave to an outer label, never assigns n
//!     local.get n   i32.const 1   i32.sub   local.tee n
//!     br_if 0
//!   end
//! else
//!   local.get n   if   unreachable   end     ;; 0 is no round, more is a fault
//! end
//! ```

use super::func::{FnBuilder, Local};

/// A loop whose body is being written.
#[derive(Debug)]
#[must_use = "a loop must be closed"]
pub struct Counted {
    n: Local,
}

impl FnBuilder {
    /// Opens a loop of `n` rounds, at most `cap`; `n` counts down to 0 and must
    /// not be assigned until [`FnBuilder::end_counted`].
    pub fn counted(&mut self, n: Local, cap: u32) -> Counted {
        self.get(n).u32(1).i().i32_sub();
        self.u32(cap).i().i32_lt_u();
        self.if_();
        self.loop_();
        Counted { n }
    }

    /// Closes a loop.
    pub fn end_counted(&mut self, counted: Counted) {
        let n = counted.n;
        self.get(n).u32(1).i().i32_sub();
        self.tee(n).i().br_if(0);
        self.end();
        self.else_();
        self.get(n);
        self.if_();
        self.i().unreachable();
        self.end();
        self.end();
    }
}
