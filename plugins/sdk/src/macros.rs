//! The exports of the contract, each made by one line of a plugin.

/// Makes the module `plugin` of what the build script wrote: kinds, typed writers, codes
/// of enumerations, and the two custom sections.
#[macro_export]
macro_rules! plugin {
    () => {
/// What `build.rs` made of `plugin.toml` and `schema.toml`. Public, since no plugin
        /// uses all of it.
        #[doc(hidden)]
        #[rustfmt::skip]
        pub mod plugin {
            include!(concat!(env!("OUT_DIR"), "/plugin.rs"));
        }
    };
}

/// Puts a file of the plugin's crate into a custom section.
#[macro_export]
macro_rules! section {
    ($name:literal, $file:literal) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            const BYTES: &[u8] =
                include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $file));
            #[used]
            #[unsafe(link_section = $name)]
            static SECTION: [u8; BYTES.len()] =
                *include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $file));
        };
    };
}

/// Exports a decoder: `decoder!(Fins);`, or `decoder!(Fins, KINDS);` where the kinds are
/// not those of the module `plugin`.
#[macro_export]
macro_rules! decoder {
    ($decoder:expr) => {
        $crate::decoder!($decoder, plugin::KINDS);
    };
    ($decoder:expr, $kinds:expr) => {
        const _: () = {
            static STATE: $crate::guest::Decoding = $crate::guest::Decoding::new();

            #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
            extern "C" fn tagout_probe(len: u32) -> i32 {
                $crate::guest::probe(&STATE, &$decoder, $kinds, len)
            }

            #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
            extern "C" fn tagout_decode(len: u32) -> i32 {
                $crate::guest::decode(&STATE, &$decoder, $kinds, len)
            }

            // What is not exported natively is used all the same.
            let _: [extern "C" fn(u32) -> i32; 2] = [tagout_probe, tagout_decode];
        };
    };
}

/// Exports an enricher, by its type: `enricher!(Assets);`.
#[macro_export]
macro_rules! enricher {
    ($enricher:ty) => {
        const _: () = {
            static STATE: $crate::Global<$enricher> = $crate::Global::new();

            #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
            extern "C" fn tagout_start() -> i32 {
                $crate::guest::start(&STATE)
            }

            #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
            extern "C" fn tagout_enrich(kind: u32, len: u32) -> i32 {
                $crate::guest::enrich(&STATE, &plugin::given::KINDS, kind, len)
            }

            let _: extern "C" fn() -> i32 = tagout_start;
            let _: extern "C" fn(u32, u32) -> i32 = tagout_enrich;
        };
    };
}

/// Exports what is called once before all else: a function that gives 0, or a number that
/// refuses. An enricher has one already.
#[macro_export]
macro_rules! start {
    ($start:path) => {
        const _: () = {
            #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
            extern "C" fn tagout_start() -> i32 {
                $start()
            }

            let _: extern "C" fn() -> i32 = tagout_start;
        };
    };
}

/// Exports functions, with the types of the manifest. An argument of type text or bytes is
/// a `&[u8]`, one of type ip a `&[u8; 16]`; a body gives an `Option` of the result.
///
/// ```
/// # extern crate alloc;
/// tagout_plugin::functions! {
///     fn longer(text: text, than: int) -> bool {
///         i64::try_from(text.len()).ok().map(|len| len > than)
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! functions {
    ($(fn $name:ident($($argument:ident: $ty:ident),* $(,)?) -> $returns:ident $body:block)*) => {
        $( $crate::function!($name, $returns, $body, [], [], $($argument: $ty,)*); )*
    };
}

/// One function: takes argument by argument to parameters of the contract.
#[doc(hidden)]
#[macro_export]
macro_rules! function {
    ($name:ident, $returns:ident, $body:block, [$($parameters:tt)*], [$($lets:tt)*], $argument:ident: text, $($rest:tt)*) => {
        $crate::function!(
            $name, $returns, $body,
            [$($parameters)* address: u32, len: u32,],
            [$($lets)* let $argument: &[u8] = $crate::guest::argument(address, len);],
            $($rest)*
        );
    };
    ($name:ident, $returns:ident, $body:block, $parameters:tt, $lets:tt, $argument:ident: bytes, $($rest:tt)*) => {
        $crate::function!($name, $returns, $body, $parameters, $lets, $argument: text, $($rest)*);
    };
    ($name:ident, $returns:ident, $body:block, [$($parameters:tt)*], [$($lets:tt)*], $argument:ident: ip, $($rest:tt)*) => {
        $crate::function!(
            $name, $returns, $body,
            [$($parameters)* address: u32,],
            [$($lets)* let $argument: &[u8; 16] = $crate::guest::argument(address, 16)
                .first_chunk().unwrap_or(&[0; 16]);],
            $($rest)*
        );
    };
    ($name:ident, $returns:ident, $body:block, [$($parameters:tt)*], [$($lets:tt)*], $argument:ident: int, $($rest:tt)*) => {
        $crate::function!(
            $name, $returns, $body, [$($parameters)* $argument: i64,], [$($lets)*], $($rest)*
        );
    };
    ($name:ident, $returns:ident, $body:block, [$($parameters:tt)*], [$($lets:tt)*], $argument:ident: float, $($rest:tt)*) => {
        $crate::function!(
            $name, $returns, $body, [$($parameters)* $argument: f64,], [$($lets)*], $($rest)*
        );
    };
    ($name:ident, $returns:ident, $body:block, [$($parameters:tt)*], [$($lets:tt)*], $argument:ident: bool, $($rest:tt)*) => {
        $crate::function!(
            $name, $returns, $body, [$($parameters)* truth: u32,],
            [$($lets)* let $argument: bool = truth != 0;], $($rest)*
        );
    };
    ($name:ident, int, $body:block, $parameters:tt, $lets:tt,) => {
        $crate::function!(@made $name, i64, $body, $parameters, $lets, $crate::contract::none::INT, |value| value);
    };
    ($name:ident, float, $body:block, $parameters:tt, $lets:tt,) => {
        $crate::function!(@made $name, f64, $body, $parameters, $lets, f64::NAN, |value| value);
    };
    ($name:ident, bool, $body:block, $parameters:tt, $lets:tt,) => {
        $crate::function!(@made $name, i32, $body, $parameters, $lets, $crate::contract::none::BOOL, |value: bool| i32::from(value));
    };
    (@made $name:ident, $ty:ty, $body:block, [$($parameters:tt)*], [$($lets:tt)*], $none:expr, $some:expr) => {
        const _: () = {
            #[cfg_attr(
                target_family = "wasm",
                unsafe(export_name = concat!("tagout_fn_", stringify!($name)))
            )]
            extern "C" fn function($($parameters)*) -> $ty {
                $($lets)*
                let value: Option<_> = $body;
                value.map_or($none, $some)
            }

            let _ = function as extern "C" fn($($parameters)*) -> $ty;
        };
    };
}
