//! The fields that every event from the network has.
//!
//! The host writes them of a plugin's events, whatever the plugin says: it is asked for
//! nothing but which end sends, and that only where it is another one than the message's.
//! So a plugin writes no more, which is a sixth of its time.

/// Writes what a context says. The typed writers have these setters in common,
/// but no trait.
#[macro_export]
macro_rules! envelope {
    ($writer:ident, $context:expr) => {{
        let cx: $crate::decoder::Context<'_> = $context;
        if !cx.is_told() {
            $writer.src_ip(cx.src_ip()).dst_ip(cx.dst_ip());
            $writer.src_port(cx.src_port()).dst_port(cx.dst_port());
        }
        #[cfg(not(target_family = "wasm"))]
        {
            $writer.ts(cx.ts_ns()).transport(cx.transport().number()).flow(cx.flow());
            $writer.community_id(cx.community()).frame(cx.frame());
            if cx.late() {
                $writer.late(true);
            }
            if let Some(vlan) = cx.vlan() {
                $writer.vlan(vlan);
            }
            if let Some(mac) = cx.src_mac() {
                $writer.src_mac(mac.octets());
            }
            if let Some(mac) = cx.dst_mac() {
                $writer.dst_mac(mac.octets());
            }
        }
    }};
}

/// Writes what the context of a frame without IP says: no addresses but those of the
/// link layer, no ports, no flow.
#[macro_export]
macro_rules! frame_envelope {
    ($writer:ident, $context:expr) => {{
        let cx: &$crate::decoder::FrameContext = $context;
        #[cfg(not(target_family = "wasm"))]
        {
            $writer.ts(cx.ts_ns).frame(cx.frame);
            if cx.late {
                $writer.late(true);
            }
            if let Some(vlan) = cx.vlan {
                $writer.vlan(vlan);
            }
        }
        if let Some(mac) = cx.src {
            $writer.src_mac(mac.octets());
        }
        if let Some(mac) = cx.dst {
            $writer.dst_mac(mac.octets());
        }
    }};
}

/// Sets a field if there is a value.
#[macro_export]
macro_rules! some {
    ($writer:ident, $field:ident, $value:expr) => {
        if let Some(value) = $value {
            $writer.$field(value);
        }
    };
}
