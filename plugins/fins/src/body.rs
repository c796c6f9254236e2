//! What a command or a response says behind its code (W342-E1, 5-3).
//!
//! Reading never fails: where bytes lack or follow, that is the fault, and what was
//! understood before it stays. Which fields a command has is the match in [`Body::read`];
//! unknown commands keep their bytes.

use tagout_plugin::Cursor;

use crate::frame::{Fault, FaultKind, Frame};
use crate::ops::command;

/// Fields of commands and responses. What a message does not say is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body<'a> {
    pub(crate) end: Option<u16>,
    pub(crate) area: Option<u8>,
    pub(crate) address: Option<u16>,
    pub(crate) bit: Option<u8>,
    pub(crate) quantity: Option<u16>,
    pub(crate) to: Option<(u8, u16)>,
    pub(crate) values: Option<&'a [u8]>,
    pub(crate) items: Items<'a>,
    pub(crate) parameter_area: Option<u16>,
    pub(crate) program: Option<u16>,
    pub(crate) word: Option<u32>,
    pub(crate) length: Option<u16>,
    pub(crate) last: Option<bool>,
    pub(crate) password: Option<&'a [u8]>,
    pub(crate) mode: Option<u8>,
    pub(crate) time: Option<i64>,
    pub(crate) running: Option<bool>,
    pub(crate) fatal: Option<u16>,
    pub(crate) nonfatal: Option<u16>,
    pub(crate) model: Option<&'a [u8]>,
    pub(crate) version: Option<&'a [u8]>,
    pub(crate) message: Option<&'a [u8]>,
    pub(crate) disk: Option<u16>,
    pub(crate) file: Option<&'a [u8]>,
    pub(crate) to_file: Option<&'a [u8]>,
    pub(crate) parameter: Option<u16>,
    pub(crate) holder: Option<u8>,
    pub(crate) data: Option<&'a [u8]>,
    pub(crate) fault: Option<Fault>,
}

/// Elements that a message lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Items<'a> {
    #[default]
    None,
    /// Area, word, bit.
    Read(&'a [[u8; 4]]),
    /// Set or reset, area, word, bit.
    Force(&'a [[u8; 6]]),
}

/// Bytes of a file's name: eight, a dot, three.
const NAME: usize = 12;
/// Bytes of a model or a version.
const MODEL: usize = 20;
/// Bit of a length that says that it is the last part.
const LAST: u16 = 0x8000;

/// A read that ended too early.
struct Short;

type Read = Result<(), Short>;

impl<'a> Body<'a> {
    /// Reads the body of a frame. `quantity` is what the command of this response asked
    /// for, if it was seen.
    pub(crate) fn read(frame: &Frame<'a>) -> Body<'a> {
        let mut body = Body::default();
        let mut reader = Reader { cursor: Cursor::new(frame.body) };
        let done = body.fields(frame, &mut reader);
        // The command code stands before the body.
        let at = Frame::HEADER.saturating_add(2).saturating_add(reader.cursor.at());
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        let rest = reader.cursor.rest();
        let why = match done {
            Err(Short) => Some(FaultKind::Short),
            Ok(()) if !rest.is_empty() => Some(FaultKind::Long),
            Ok(()) => None,
        };
        if let Some(why) = why {
            body.fault.get_or_insert(Fault { at, why });
            body.data = body.data.or(Some(rest).filter(|rest| !rest.is_empty()));
        }
        body
    }

    fn fields(&mut self, frame: &Frame<'a>, r: &mut Reader<'a>) -> Read {
        if frame.is_command() {
            return self.asked(frame.command, r);
        }
        let end = r.u16()?;
        self.end = Some(end);
        // A response that says no more than its end code, as those to refused commands.
        if r.cursor.rest().is_empty() {
            return Ok(());
        }
        self.answered(frame.command, r)
    }

    /// The parameters of a command.
    fn asked(&mut self, code: u16, r: &mut Reader<'a>) -> Read {
        match code {
            command::MEMORY_AREA_READ => self.place(r)?,
            command::MEMORY_AREA_WRITE | command::MEMORY_AREA_FILL => {
                self.place(r)?;
                self.values = Some(r.rest());
                self.count(code);
            }
            command::MULTIPLE_MEMORY_AREA_READ => {
                let (items, _) = r.cursor.rest().as_chunks();
                self.items = Items::Read(items);
                r.take(items.len().saturating_mul(4))?;
            }
            command::MEMORY_AREA_TRANSFER => {
                self.address(r)?;
                let (area, address) = (r.u8()?, r.u16()?);
                r.u8()?;
                self.to = Some((area, address));
                self.quantity = Some(r.u16()?);
            }
            command::PARAMETER_AREA_READ..=command::PARAMETER_AREA_CLEAR => {
                self.parameters(r)?;
                self.data = r.some();
            }
            command::PROGRAM_AREA_PROTECT | command::PROGRAM_AREA_PROTECT_CLEAR => {
                self.program = Some(r.u16()?);
                self.parameter = Some(r.u8()?.into());
                self.word = Some(r.u32()?);
                r.u32()?;
                self.password = Some(r.take(4)?);
            }
            command::PROGRAM_AREA_READ | command::PROGRAM_AREA_WRITE => {
                self.program_part(r)?;
                self.data = r.some();
            }
            command::PROGRAM_AREA_CLEAR => {
                self.program = Some(r.u16()?);
                self.parameter = Some(r.u8()?.into());
            }
            command::RUN | command::STOP => self.run(r)?,
            command::CLOCK_WRITE => self.clock(r)?,
            command::MESSAGE_READ_CLEAR | command::ERROR_CLEAR => {
                self.parameter = Some(r.u16()?);
            }
            command::ACCESS_RIGHT_ACQUIRE..=command::ACCESS_RIGHT_RELEASE => {
                self.program = Some(r.u16()?);
            }
            command::ERROR_LOG_READ | command::WRITE_ACCESS_LOG_READ => {
                self.address = Some(r.u16()?);
                self.quantity = Some(r.u16()?);
            }
            command::FILE_NAME_READ..=command::CREATE_DELETE_DIRECTORY => {
                self.files(code, r)?;
                self.data = r.some();
            }
            command::FORCED_SET_RESET => {
                let n = r.u16()?;
                self.quantity = Some(n);
                let (items, _) = r.cursor.rest().as_chunks();
                self.items = Items::Force(items);
                if items.len() != usize::from(n) {
                    self.wrong(FaultKind::Count, 0);
                }
                r.take(items.len().saturating_mul(6))?;
            }
            _ => self.data = r.some(),
        }
        Ok(())
    }

    /// What a response brings.
    fn answered(&mut self, code: u16, r: &mut Reader<'a>) -> Read {
        match code {
            command::MEMORY_AREA_READ => self.values = Some(r.rest()),
            command::PARAMETER_AREA_READ => {
                self.parameters(r)?;
                self.data = r.some();
            }
            command::PROGRAM_AREA_READ | command::PROGRAM_AREA_WRITE => {
                self.program_part(r)?;
                self.data = r.some();
            }
            command::CPU_UNIT_DATA_READ => {
                self.model = Some(trimmed(r.take(MODEL)?));
                self.version = Some(trimmed(r.take(MODEL)?));
                self.data = r.some();
            }
            command::CPU_UNIT_STATUS_READ => {
                self.running = Some(r.u8()? & 0x01 != 0);
                self.mode = Some(r.u8()?);
                self.fatal = Some(r.u16()?);
                self.nonfatal = Some(r.u16()?);
                // Which messages there are, and the number of the error.
                r.take(4)?;
                self.message = Some(trimmed(r.take(16)?)).filter(|text| !text.is_empty());
            }
            command::CLOCK_READ => self.clock(r)?,
            command::ACCESS_RIGHT_ACQUIRE => {
                self.holder = Some(r.u8()?);
                r.take(2)?;
            }
            command::MESSAGE_READ_CLEAR => self.message = r.some().map(trimmed),
            _ => self.data = r.some(),
        }
        Ok(())
    }

    /// Area, first word and bit.
    fn address(&mut self, r: &mut Reader<'a>) -> Read {
        self.area = Some(r.u8()?);
        self.address = Some(r.u16()?);
        self.bit = Some(r.u8()?);
        Ok(())
    }

    fn place(&mut self, r: &mut Reader<'a>) -> Read {
        self.address(r)?;
        self.quantity = Some(r.u16()?);
        Ok(())
    }

    /// Whether there are as many values as the command says; one to fill with.
    fn count(&mut self, code: u16) {
        let (Some(area), Some(n), Some(values)) = (self.area, self.quantity, self.values)
        else {
            return;
        };
        let n = if code == command::MEMORY_AREA_FILL { 1 } else { usize::from(n) };
        let expected = n.saturating_mul(element(area));
        // A fill of bits has two bytes as well.
        let is_fill = code == command::MEMORY_AREA_FILL && values.len() == 2;
        if values.len() != expected && !is_fill {
            self.wrong(FaultKind::Count, 4);
        }
    }

    /// A fault at a byte of the body.
    fn wrong(&mut self, why: FaultKind, at: u16) {
        // Header and command code stand before it.
        self.fault.get_or_insert(Fault { at: at.saturating_add(12), why });
    }

    fn parameters(&mut self, r: &mut Reader<'a>) -> Read {
        self.parameter_area = Some(r.u16()?);
        self.word = Some(r.u16()?.into());
        self.length(r)
    }

    fn program_part(&mut self, r: &mut Reader<'a>) -> Read {
        self.program = Some(r.u16()?);
        self.word = Some(r.u32()?);
        self.length(r)
    }

    fn length(&mut self, r: &mut Reader<'a>) -> Read {
        let length = r.u16()?;
        self.length = Some(length & !LAST);
        self.last = Some(length & LAST != 0);
        Ok(())
    }

    /// Program number and mode may lack: then it is all programs, and monitor mode.
    fn run(&mut self, r: &mut Reader<'a>) -> Read {
        if !r.cursor.rest().is_empty() {
            self.program = Some(r.u16()?);
        }
        if !r.cursor.rest().is_empty() {
            self.mode = Some(r.u8()?);
        }
        Ok(())
    }

    /// Year, month, day, hour, minute, and perhaps second and day of the week, in BCD;
    /// years from 98 on are of the last century.
    fn clock(&mut self, r: &mut Reader<'a>) -> Read {
        let [year, month, day, hour, minute] =
            r.cursor.array::<5>().ok_or(Short)?.map(bcd);
        let second = if r.cursor.rest().is_empty() { Some(0) } else { bcd(r.u8()?) };
        if !r.cursor.rest().is_empty() {
            r.u8()?;
        }
        let parts = [year, month, day, hour, minute, second];
        self.time = parts.iter().copied().collect::<Option<Parts>>().and_then(time);
        if self.time.is_none() {
            self.wrong(FaultKind::Clock, 0);
        }
        Ok(())
    }

    fn files(&mut self, code: u16, r: &mut Reader<'a>) -> Read {
        match code {
            command::MEMORY_AREA_FILE_TRANSFER
            | command::PARAMETER_AREA_FILE_TRANSFER
            | command::PROGRAM_AREA_FILE_TRANSFER => return self.transfer(code, r),
            _ => self.disk = Some(r.u16()?),
        }
        match code {
            command::FILE_NAME_READ => {
                self.address = Some(r.u16()?);
                self.quantity = Some(r.u16()?);
            }
            command::SINGLE_FILE_READ => {
                self.file = Some(r.name()?);
                self.word = Some(r.u32()?);
                self.length = Some(r.u16()?);
            }
            command::SINGLE_FILE_WRITE => {
                self.parameter = Some(r.u16()?);
                self.file = Some(r.name()?);
                self.word = Some(r.u32()?);
                self.length = Some(r.u16()?);
            }
            command::FILE_DELETE => {
                self.quantity = Some(r.u16()?);
                self.file = Some(r.name()?);
            }
            command::FILE_COPY => {
                self.file = Some(r.name()?);
                r.u16()?;
                self.to_file = Some(r.name()?);
            }
            command::FILE_NAME_CHANGE => {
                self.file = Some(r.name()?);
                self.to_file = Some(r.name()?);
            }
            command::CREATE_DELETE_DIRECTORY => {
                self.parameter = Some(r.u16()?);
                self.file = Some(r.name()?);
            }
            _ => {}
        }
        Ok(())
    }

    /// Between memory and a file; the parameter says which way.
    fn transfer(&mut self, code: u16, r: &mut Reader<'a>) -> Read {
        self.parameter = Some(r.u16()?);
        match code {
            command::MEMORY_AREA_FILE_TRANSFER => {
                self.address(r)?;
                self.quantity = Some(r.u16()?);
            }
            command::PARAMETER_AREA_FILE_TRANSFER => self.parameters(r)?,
            _ => {
                self.program = Some(r.u16()?);
                self.word = Some(r.u32()?);
                r.u32()?;
            }
        }
        self.disk = Some(r.u16()?);
        self.file = Some(r.name()?);
        Ok(())
    }
}

/// Bytes of an element: a word; a byte of bits and flags; two words of index registers.
pub(crate) fn element(area: u8) -> usize {
    match area {
        0xdc => 4,
        0x00..=0x7f => 1,
        _ => 2,
    }
}

/// Reads fields of a body.
struct Reader<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Reader<'a> {
    fn u8(&mut self) -> Result<u8, Short> {
        self.cursor.u8().ok_or(Short)
    }

    fn u16(&mut self) -> Result<u16, Short> {
        self.cursor.u16().ok_or(Short)
    }

    fn u32(&mut self) -> Result<u32, Short> {
        self.cursor.u32().ok_or(Short)
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], Short> {
        self.cursor.take(n).ok_or(Short)
    }

    /// The name of a file, without the blanks that fill it.
    fn name(&mut self) -> Result<&'a [u8], Short> {
        self.take(NAME).map(trimmed)
    }

    /// All that is left.
    fn rest(&mut self) -> &'a [u8] {
        let rest = self.cursor.rest();
        self.cursor.take(rest.len()).unwrap_or_default()
    }

    /// All that is left, if there is anything.
    fn some(&mut self) -> Option<&'a [u8]> {
        Some(self.rest()).filter(|rest| !rest.is_empty())
    }
}

/// A text without the blanks and zeros that fill it.
fn trimmed(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, 0 | b' '));
    end.and_then(|end| text.get(..=end)).unwrap_or_default()
}

/// Two decimal digits.
fn bcd(byte: u8) -> Option<u8> {
    let (tens, ones) = (byte >> 4, byte & 0x0f);
    (tens < 10 && ones < 10).then(|| tens.wrapping_mul(10).wrapping_add(ones))
}

/// Parts of a time.
#[derive(Default)]
struct Parts([u8; 6]);

impl FromIterator<u8> for Parts {
    fn from_iter<I: IntoIterator<Item = u8>>(parts: I) -> Self {
        let mut all = Parts::default();
        for (to, from) in all.0.iter_mut().zip(parts) {
            *to = from;
        }
        all
    }
}

/// Nanoseconds since 1970, by the calendar, of a clock without a zone.
fn time(Parts([year, month, day, hour, minute, second]): Parts) -> Option<i64> {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    const LENGTH: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let century = if year >= 98 { 1900 } else { 2000 };
    let year = century + i64::from(year);
    // From 1998 to 2097 every fourth year is a leap year.
    let is_leap = year % 4 == 0;
    let at = usize::from(month).checked_sub(1)?;
    let (before, length) = (BEFORE.get(at)?, LENGTH.get(at)?);
    let length = length + u8::from(month == 2 && is_leap);
    if day == 0 || day > length || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let leap_days = (year - 1969) / 4 + i64::from(is_leap && month > 2);
    let days = (year - 1970) * 365 + leap_days + before + i64::from(day) - 1;
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Some((days * 86_400 + seconds) * 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_of_the_calendar() {
        // `date -u -d ... +%s`
        let cases = [
            ([26, 11, 28, 12, 0, 0], Some(1_795_867_200)),
            ([0, 2, 29, 23, 59, 59], Some(951_868_799)),
            ([98, 1, 1, 0, 0, 0], Some(883_612_800)),
            ([25, 2, 29, 0, 0, 0], None),
            ([25, 13, 1, 0, 0, 0], None),
        ];
        for (parts, seconds) in cases {
            let expected = seconds.map(|seconds: i64| seconds * 1_000_000_000);
            assert_eq!(time(Parts(parts)), expected, "{parts:?}");
        }
    }
}
