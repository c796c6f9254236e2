//! Which information elements a type's objects have, and in which order: the tables
//! of 101, 7.3, and 104, 8.

/// An information element (101, 7.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// Single-point information with quality descriptor.
    Siq,
    /// Double-point information with quality descriptor.
    Diq,
    /// Quality descriptor.
    Qds,
    /// Quality descriptor of protection equipment.
    Qdp,
    /// Value with transient state indication.
    Vti,
    /// Normalised value.
    Nva,
    /// Scaled value.
    Sva,
    /// Short floating point number.
    R32,
    /// Binary counter reading.
    Bcr,
    /// Single event of protection equipment.
    Sep,
    /// Start events of protection equipment.
    Spe,
    /// Output circuit information of protection equipment.
    Oci,
    /// Bitstring of 32 bits.
    Bsi,
    /// Fixed test bit pattern; in type 107 the test sequence counter.
    Fbp,
    /// Single command.
    Sco,
    /// Double command.
    Dco,
    /// Regulating step command.
    Rco,
    /// Seven octets of time.
    Cp56,
    /// Three octets of time.
    Cp24,
    /// Two octets of elapsed time.
    Cp16,
    /// Cause of initialisation.
    Coi,
    /// Qualifier of interrogation.
    Qoi,
    /// Qualifier of counter interrogation.
    Qcc,
    /// Qualifier of parameter of measured values.
    Qpm,
    /// Qualifier of parameter activation.
    Qpa,
    /// Qualifier of reset process.
    Qrp,
    /// Qualifier of set-point command.
    Qos,
    /// Status and status change detection.
    Scd,
    /// File ready qualifier.
    Frq,
    /// Section ready qualifier.
    Srq,
    /// Select and call qualifier.
    Scq,
    /// Last section or segment qualifier.
    Lsq,
    /// Acknowledge file or section qualifier.
    Afq,
    /// Name of file.
    Nof,
    /// Name of section.
    Nos,
    /// Length of file or section.
    Lof,
    /// Length of segment, and the segment.
    Segment,
    /// Checksum.
    Chs,
    /// Status of file.
    Sof,
}

impl Element {
    /// Octets that it takes; of a segment, those of its length.
    const fn len(self) -> usize {
        match self {
            Element::Cp56 => 7,
            Element::Bcr => 5,
            Element::R32 | Element::Bsi | Element::Scd => 4,
            Element::Cp24 | Element::Lof => 3,
            Element::Nva | Element::Sva | Element::Fbp | Element::Cp16 | Element::Nof => {
                2
            }
            _ => 1,
        }
    }
}

use Element::{
    Afq, Bcr, Bsi, Chs, Coi, Cp16, Cp24, Cp56, Dco, Diq, Fbp, Frq, Lof, Lsq, Nof, Nos,
    Nva, Oci, Qcc, Qdp, Qds, Qoi, Qos, Qpa, Qpm, Qrp, R32, Rco, Scd, Sco, Scq, Segment,
    Sep, Siq, Sof, Spe, Srq, Sva, Vti,
};

/// The elements of an object of this type; none if the type has no known layout.
pub(super) fn elements(type_id: u8) -> Option<&'static [Element]> {
    Some(match type_id {
        1 => &[Siq],
        2 => &[Siq, Cp24],
        3 => &[Diq],
        4 => &[Diq, Cp24],
        5 => &[Vti, Qds],
        6 => &[Vti, Qds, Cp24],
        7 => &[Bsi, Qds],
        8 => &[Bsi, Qds, Cp24],
        9 => &[Nva, Qds],
        10 => &[Nva, Qds, Cp24],
        11 => &[Sva, Qds],
        12 => &[Sva, Qds, Cp24],
        13 => &[R32, Qds],
        14 => &[R32, Qds, Cp24],
        15 => &[Bcr],
        16 => &[Bcr, Cp24],
        17 => &[Sep, Cp16, Cp24],
        18 => &[Spe, Qdp, Cp16, Cp24],
        19 => &[Oci, Qdp, Cp16, Cp24],
        20 => &[Scd, Qds],
        21 => &[Nva],
        30 => &[Siq, Cp56],
        31 => &[Diq, Cp56],
        32 => &[Vti, Qds, Cp56],
        33 => &[Bsi, Qds, Cp56],
        34 => &[Nva, Qds, Cp56],
        35 => &[Sva, Qds, Cp56],
        36 => &[R32, Qds, Cp56],
        37 => &[Bcr, Cp56],
        38 => &[Sep, Cp16, Cp56],
        39 => &[Spe, Qdp, Cp16, Cp56],
        40 => &[Oci, Qdp, Cp16, Cp56],
        45 => &[Sco],
        46 => &[Dco],
        47 => &[Rco],
        48 => &[Nva, Qos],
        49 => &[Sva, Qos],
        50 => &[R32, Qos],
        51 => &[Bsi],
        58 => &[Sco, Cp56],
        59 => &[Dco, Cp56],
        60 => &[Rco, Cp56],
        61 => &[Nva, Qos, Cp56],
        62 => &[Sva, Qos, Cp56],
        63 => &[R32, Qos, Cp56],
        64 => &[Bsi, Cp56],
        70 => &[Coi],
        100 => &[Qoi],
        101 => &[Qcc],
        102 => &[],
        103 => &[Cp56],
        104 => &[Fbp],
        105 => &[Qrp],
        106 => &[Cp16],
        107 => &[Fbp, Cp56],
        110 => &[Nva, Qpm],
        111 => &[Sva, Qpm],
        112 => &[R32, Qpm],
        113 => &[Qpa],
        120 => &[Nof, Lof, Frq],
        121 => &[Nof, Nos, Lof, Srq],
        122 => &[Nof, Nos, Scq],
        123 => &[Nof, Nos, Lsq, Chs],
        124 => &[Nof, Nos, Afq],
        125 => &[Nof, Nos, Segment],
        126 => &[Nof, Lof, Sof, Cp56],
        127 => &[Nof, Cp56, Cp56],
        _ => return None,
    })
}

/// Octets of the elements of an object of this type; none if the type has no known
/// layout, or none of a fixed length.
pub(super) fn object_len(type_id: u8) -> Option<usize> {
    let elements = elements(type_id)?;
    (!elements.contains(&Segment))
        .then(|| elements.iter().map(|element| element.len()).sum())
}
