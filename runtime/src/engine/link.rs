//! What a module imports, linked to functions that the host has.
//!
//! ```text
//! manifest of the pack --.
//! libraries of the host --+-- Links       which import is which function of which library
//!                                |  open: once a session
//!                             Opened      the functions, at work
//!                                |  imports: once an instance
//!                             Host        in the store: memory, functions; an import
//!                                         reads its words, borrows texts, calls, answers
//! ```
//!
//! A function that the host does not have is linked to one that has no value. The rules
//! that need it are blind, so this is for what only an alert prints.

use std::mem::MaybeUninit;
use std::sync::Arc;

use tagout_spec::function::ARGUMENTS_MAX;
use tagout_spec::function::ArgumentType;
use tagout_spec::function::ResultType;
use tagout_spec::function::Word;
use tagout_spec::pack::manifest::NeededFunction;
use tagout_spec::plugin::none;
use tagout_spec::record::TEXT_MAX;
use wasmtime::Caller;
use wasmtime::Func;
use wasmtime::Store;
use wasmtime::ValRaw;
use wasmtime::ValType;

use super::functions::Argument;
use super::functions::Functions;
use super::functions::Library;
use super::functions::Value;

/// What a store holds.
pub(super) struct Host {
    /// The module's memory; none until it is instantiated.
    pub(super) memory: Option<wasmtime::Memory>,
    pub(super) opened: Opened,
}

/// Functions at work, by library.
#[derive(Default)]
pub(crate) struct Opened(Vec<Option<Box<dyn Functions>>>);

/// What the functions that a pack declares are here.
#[derive(Default)]
pub(crate) struct Links {
    libraries: Vec<Arc<dyn Library>>,
    /// In the order of the manifest.
    links: Vec<Link>,
}

/// A function of a pack's manifest.
struct Link {
    import: String,
    signature: Arc<Signature>,
    /// Library, and number in it.
    target: Option<(usize, usize)>,
}

struct Signature {
    arguments: Vec<ArgumentType>,
    returns: ResultType,
}

impl Host {
    pub(super) fn new(opened: Opened) -> Self {
        Self { memory: None, opened }
    }
}

impl Links {
    /// Finds the functions that a pack declares in the libraries of the host.
    pub(crate) fn new(needed: &[NeededFunction], libraries: &[Arc<dyn Library>]) -> Self {
        let link = |needed: &NeededFunction| {
            let wanted = &needed.function;
            let all = libraries.iter().enumerate();
            let target = all.into_iter().find_map(|(at, library)| {
                let mut functions = library.functions().iter();
                functions.position(|has| has.serves(wanted)).map(|number| (at, number))
            });
            let signature = Signature {
                arguments: wanted.arguments.clone(),
                returns: wanted.returns,
            };
            Link { import: wanted.import(), signature: Arc::new(signature), target }
        };
        Self { libraries: libraries.to_vec(), links: needed.iter().map(link).collect() }
    }

    /// Makes the functions ready; for each that is not, by its number in the manifest, why.
    pub(crate) fn open(&self) -> (Opened, Vec<(usize, String)>) {
        let mut problems = Vec::new();
        let mut opened = Vec::new();
        for (at, library) in self.libraries.iter().enumerate() {
            let of_library = |link: &Link| link.target.is_some_and(|(of, _)| of == at);
            let numbers = self.links.iter().enumerate();
            let mut numbers = numbers.filter(|(_, link)| of_library(link)).peekable();
            if numbers.peek().is_none() {
                opened.push(None);
                continue;
            }
            match library.open() {
                Ok(functions) => opened.push(Some(functions)),
                Err(problem) => {
                    opened.push(None);
                    problems.extend(numbers.map(|(n, _)| (n, problem.clone())));
                }
            }
        }
        (Opened(opened), problems)
    }

    /// What a module imports, in its order.
    pub(super) fn imports(
        &self,
        store: &mut Store<Host>,
        module: &wasmtime::Module,
    ) -> wasmtime::Result<Vec<wasmtime::Extern>> {
        let import = |import: wasmtime::ImportType<'_>| {
            let link = self.links.iter().find(|link| link.import == import.name());
            let ty =
                import.ty().func().filter(|ty| link.is_some_and(|l| l.fits(ty))).cloned();
            let Some((link, ty)) = link.zip(ty) else {
                return Err(wasmtime::Error::msg("an import that was not declared"));
            };
            Ok(link.function(&mut *store, ty).into())
        };
        module.imports().map(import).collect()
    }

    /// Functions that give no values any more.
    pub(super) fn off(&self, opened: &Opened) -> Vec<usize> {
        let is_off = |link: &Link| {
            let functions = link.target.and_then(|(at, _)| opened.0.get(at)?.as_ref());
            functions.is_some_and(|functions| functions.is_off())
        };
        let links = self.links.iter().enumerate();
        links.filter(|(_, link)| is_off(link)).map(|(number, _)| number).collect()
    }
}

impl Link {
    /// Whether a function of this type passes what was declared.
    fn fits(&self, ty: &wasmtime::FuncType) -> bool {
        let same = |ty: &ValType, word: Word| match word {
            Word::I32 => ty.is_i32(),
            Word::I64 => ty.is_i64(),
            Word::F64 => ty.is_f64(),
        };
        let words = self.signature.arguments.iter().flat_map(|argument| argument.words());
        let words: Vec<Word> = words.copied().collect();
        ty.params().len() == words.len()
            && ty.params().zip(words).all(|(ty, word)| same(&ty, word))
            && ty.results().len() == 1
            && ty.results().all(|ty| same(&ty, self.signature.returns.word()))
    }

    /// The function that is linked, of a type that fits.
    #[expect(unsafe_code, reason = "the safe form converts every value twice")]
    fn function(&self, store: &mut Store<Host>, ty: wasmtime::FuncType) -> Func {
        let signature = Arc::clone(&self.signature);
        let target = self.target;
        let call = move |caller: Caller<'_, Host>,
                         words: &mut [MaybeUninit<ValRaw>]|
              -> wasmtime::Result<()> {
            let value = call(caller, &signature, target, words)?;
            if let Some(result) = words.first_mut() {
                result.write(raw(value, signature.returns));
            }
            Ok(())
        };
        // SAFETY: `ty` fits the signature: the words that are read are parameters, each
        // read as what it is, and the one result has the type that `raw` gives.
        unsafe { Func::new_unchecked(store, ty, call) }
    }
}

/// Reads the words of a call and makes it; an error is the module's fault.
fn call(
    mut caller: Caller<'_, Host>,
    signature: &Signature,
    target: Option<(usize, usize)>,
    words: &[MaybeUninit<ValRaw>],
) -> wasmtime::Result<Option<Value>> {
    let Some(((at, number), memory)) = target.zip(caller.data().memory) else {
        return Ok(None);
    };
    let (memory, host) = memory.data_and_store_mut(&mut caller);
    let mut arguments = [Argument::Bool(false); ARGUMENTS_MAX];
    let mut rest = words;
    let mut count = 0;
    for (slot, ty) in arguments.iter_mut().zip(&signature.arguments) {
        let Some((argument, behind)) = argument(memory, *ty, rest) else {
            let problem = "an argument of a function does not lie in the memory";
            return Err(wasmtime::Error::msg(problem));
        };
        if let Argument::Text(text) | Argument::Bytes(text) = argument
            && text.len() > TEXT_MAX
        {
            return Ok(None);
        }
        (*slot, rest) = (argument, behind);
        count += 1;
    }
    let functions = host.opened.0.get_mut(at).and_then(Option::as_mut);
    let arguments = arguments.get(..count).unwrap_or_default();
    Ok(functions.and_then(|functions| functions.call(number, arguments)))
}

/// One argument, and the words behind it.
#[inline]
fn argument<'m, 'w>(
    memory: &'m [u8],
    ty: ArgumentType,
    words: &'w [MaybeUninit<ValRaw>],
) -> Option<(Argument<'m>, &'w [MaybeUninit<ValRaw>])> {
    let (first, rest) = words.split_first()?;
    let first = word(first);
    let at = || usize::try_from(first.get_u32()).ok();
    Some(match ty {
        ArgumentType::Text | ArgumentType::Bytes => {
            let (len, rest) = rest.split_first()?;
            let len = usize::try_from(word(len).get_u32()).ok()?;
            let text = memory.get(at()?..)?.get(..len)?;
            match ty {
                ArgumentType::Text => (Argument::Text(text), rest),
                _ => (Argument::Bytes(text), rest),
            }
        }
        ArgumentType::Int => (Argument::Int(first.get_i64()), rest),
        ArgumentType::Float => (Argument::Float(f64::from_bits(first.get_f64())), rest),
        ArgumentType::Bool => (Argument::Bool(first.get_u32() != 0), rest),
        ArgumentType::Ip => {
            (Argument::Ip(memory.get(at()?..)?.first_chunk::<16>()?), rest)
        }
    })
}

/// A word of a call.
#[inline]
#[expect(unsafe_code, reason = "words of a call come as the engine keeps them")]
fn word(word: &MaybeUninit<ValRaw>) -> ValRaw {
    // SAFETY: only words that the function's type says are parameters are read, and the
    // engine has written those.
    unsafe { word.assume_init() }
}

/// A result as the module wants it; none, and one of another type, is no value.
fn raw(value: Option<Value>, returns: ResultType) -> ValRaw {
    match (returns, value) {
        (ResultType::Int, Some(Value::Int(number))) => ValRaw::i64(number),
        (ResultType::Int, _) => ValRaw::i64(none::INT),
        (ResultType::Float, Some(Value::Float(number))) => ValRaw::f64(number.to_bits()),
        (ResultType::Float, _) => ValRaw::f64(f64::NAN.to_bits()),
        (ResultType::Bool, Some(Value::Bool(holds))) => ValRaw::i32(i32::from(holds)),
        (ResultType::Bool, _) => ValRaw::i32(none::BOOL),
    }
}
