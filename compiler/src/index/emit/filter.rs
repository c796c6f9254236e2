//! From entries found to candidates, and from candidates to rows.

use tagout_spec::pack::rows;
use wasm_encoder::ValType;

use super::sample::FilterSample;
use super::{ENTRY_PREDICATE, Emit, at, found_of, number};
use crate::codegen::{Error, FnBuilder, Local};
use crate::index::{Fault, KindPlan};

/// Pushes 1 if the event passes the box and the sets of an entry, else 0.
pub(super) fn push_passes(f: &mut FnBuilder, entry: Local, sample: &FilterSample) {
    f.get(entry).i().v128_load(at(0));
    f.get(sample.high).i().i16x8_le_u();
    f.get(sample.low).get(entry).i().v128_load(at(16)).i16x8_le_u();
    f.i().v128_and().i16x8_all_true();
    f.get(entry).i().v128_load(at(32));
    f.get(sample.classes).i().v128_and().i32x4_all_true();
    f.i().i32_and();
}

impl Emit<'_, '_> {
    /// Holds every entry found against the event, and marks the predicates of
    /// those that pass.
    pub(super) fn filter(&mut self, plan: &KindPlan) {
        let i32 = ValType::I32;
        let n = self.f.temp(i32);
        let next = self.f.temp(i32);
        let entry = self.f.temp(i32);
        let start = self.scratch.found.at;
        self.f.get(self.found).u32(start).i().i32_sub().i32_const(2).i32_shr_u();
        self.f.set(n);
        self.f.u32(start).set(next);
        let counted = self.f.counted(n, found_of(&plan.root));
        self.f.get(next).i().i32_load(at(0));
        self.f.set(entry);
        push_passes(&mut self.f, entry, &self.filter);
        self.f.if_();
        self.mark(entry);
        self.f.end();
        self.f.get(next).u32(4).i().i32_add();
        self.f.set(next);
        self.f.end_counted(counted);
    }

    /// Sets the bits of an entry's predicate.
    fn mark(&mut self, entry: Local) {
        let predicate = self.f.temp(ValType::I32);
        let word = self.f.temp(ValType::I32);
        self.f.get(entry).i().i32_load(at(ENTRY_PREDICATE));
        self.f.tee(predicate).u32(6).i().i32_shr_u().i32_const(3).i32_shl();
        self.f.set(word);
        self.set_bit(word, self.scratch.bitmap.at, predicate);
        self.f.get(predicate).u32(6).i().i32_shr_u();
        if self.fault == Some(Fault::Summary) {
            self.f.u32(0).i().i32_and();
        }
        self.f.set(predicate);
        self.f.get(predicate).u32(6).i().i32_shr_u().i32_const(3).i32_shl();
        self.f.set(word);
        self.set_bit(word, self.scratch.summary.at, predicate);
    }

    /// Sets a bit of the word at an offset into an area; the bit's low six bits
    /// count.
    fn set_bit(&mut self, word: Local, area: u32, bit: Local) {
        self.f.get(word);
        self.f.get(word).i().i64_load(at(area));
        self.f.i64(1).get(bit).i().i64_extend_i32_u().i64_shl().i64_or();
        self.f.i().i64_store(at(area));
    }

    /// Evaluates the marked predicates in their order and writes rows.
    pub(super) fn rules(&mut self, event: Local, row: Local) -> Result<(), Error> {
        let i64 = ValType::I64;
        let (summary, bits) = (self.f.temp(i64), self.f.temp(i64));
        let (words, n) = (self.f.temp(ValType::I32), self.f.temp(ValType::I32));
        let word = self.f.temp(ValType::I32);
        let mut at_word = 0;
        while at_word < self.scratch.summary.size {
            let place = self.scratch.summary.at + at_word;
            self.f.u32(place).i().i64_load(at(0));
            self.f.tee(summary).i().i64_eqz().i32_eqz();
            self.f.if_();
            self.f.u32(place).i64(0).i().i64_store(at(0));
            self.f.get(summary).i().i64_popcnt().i32_wrap_i64();
            self.f.set(words);
            let outer = self.f.counted(words, 64);
            self.lowest(summary, word);
            self.f.get(word).u32(at_word.saturating_mul(8)).i().i32_add();
            self.f.tee(word).u32(3).i().i32_shl().i64_load(at(self.scratch.bitmap.at));
            self.f.set(bits);
            self.f.get(word).u32(3).i().i32_shl();
            self.f.i64(0).i().i64_store(at(self.scratch.bitmap.at));
            self.f.get(bits).i().i64_popcnt().i32_wrap_i64();
            self.f.set(n);
            let inner = self.f.counted(n, 64);
            self.rule(bits, word, event, row)?;
            self.f.end_counted(inner);
            self.f.end_counted(outer);
            self.f.end();
            at_word += 8;
        }
        Ok(())
    }

    /// Takes the lowest bit out of a set.
    fn lowest(&mut self, set: Local, to: Local) {
        self.f.get(set).i().i64_ctz().i32_wrap_i64();
        self.f.set(to);
        self.f.get(set).get(set).i64(1).i().i64_sub().i64_and();
        self.f.set(set);
    }

    /// Evaluates the predicate of the lowest bit of a word.
    fn rule(
        &mut self,
        bits: Local,
        word: Local,
        event: Local,
        row: Local,
    ) -> Result<(), Error> {
        let predicate = self.f.temp(ValType::I32);
        let verdict = self.f.temp(ValType::I32);
        self.lowest(bits, predicate);
        self.f.get(word).u32(6).i().i32_shl();
        self.f.get(predicate).i().i32_or();
        self.f.set(predicate);
        let (mask, _) = self.ctx.mask_bit(0);
        self.f.get(predicate).u32(3).i().i32_shr_u().i32_load8_u(at(mask));
        self.f.get(predicate).u32(7).i().i32_and().i32_shr_u();
        self.f.u32(1).i().i32_and();
        self.f.if_();
        let kind = self.ctx.kind(self.kind)?;
        let invalid = u32::from(tagout_spec::schema::layout::HOT_BYTES)
            + u32::from(kind.presence_words) * 8;
        let i32 = ValType::I32;
        let ty = self.ctx.module.signature(&[i32, i32, i32, i32], &[i32]);
        self.f.get(self.base).get(self.rec).u32(invalid);
        for part in [4, 0] {
            self.f.get(predicate).u32(3).i().i32_shl().i32_load(at(self.rules + part));
        }
        self.f.i().call_indirect(0, ty);
        self.f.tee(verdict);
        self.f.if_();
        self.f.get(row);
        self.f.get(event).i().i64_extend_i32_u();
        self.f.get(predicate).u32(2).i().i32_shl();
        self.f.get(verdict).i().i32_or().i64_extend_i32_u().i64_const(32).i64_shl();
        self.f.i().i64_or().i64_store(at(0));
        self.f.get(row).u32(number(rows::ROW)).i().i32_add();
        self.f.set(row);
        self.f.end();
        self.f.end();
        Ok(())
    }
}
