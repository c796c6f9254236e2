//! The fields that every event from the network has, and those that may lack.

pub(crate) use tagout_spec::{envelope, frame_envelope, some};
