//! Typed record writers, one module a kind.

use crate::schema::layout::slot;
use crate::schema::{
    Enum, EnumIdx, Field, FieldIdx, FieldType, IntRepr, Kind, KindIdx, Scalar, Schema,
};

use super::Source;

/// The one list that has a setter of its own: registers.
const LIST_U16: FieldType = FieldType::List(Scalar::Int(IntRepr::U16));

/// The source of `spec/src/record/typed/generated.rs`.
#[must_use]
pub fn writers(schema: &Schema) -> String {
    let mut out = Source::new(
        "//! Typed record writers of the built-in kinds.\n\n\
         use super::{\n    BatchBuilder, Core, FieldIdx, KindIdx, Place, RecordWriter, RepeatedWriter,\n};\n",
    );
    codes(&mut out, schema);
    for (idx, kind) in schema.kinds() {
        module(&mut out, schema, idx, kind);
    }
    out.text
}

/// The module of a kind, with its number as events of it are numbered.
pub(super) fn module(out: &mut Source, schema: &Schema, idx: KindIdx, kind: &Kind) {
    let name = &kind.name;
    out.line(&format!("/// Writer of `{name}` events: {}.", kind.doc));
    out.line(&format!("pub mod {name} {{"));
    out.line("    use super::{BatchBuilder, Core, FieldIdx, KindIdx, RecordWriter};");
    if !kind.ranges.is_empty() {
        out.line("    use super::Place;");
    }
    if kind.fields.iter().any(|f| f.items.is_some() && f.ty != LIST_U16) {
        out.line("    use super::RepeatedWriter;");
    }
    out.line(&format!(
        "\n    /// Fingerprint of the layout.\n    pub const LAYOUT: u64 = {:#018x};",
        schema.layout_fingerprint(kind)
    ));
    out.line(&format!("    const STRIDE: usize = {};\n", kind.stride));
    out.line("    /// Number of the kind in its schema.");
    out.line(&format!("    pub const KIND: KindIdx = KindIdx({});\n", idx.0));
    for field in kind.fields.iter() {
        constant(out, "    ", field);
    }
    for field in kind.fields.iter() {
        if let Some(items) = field.elements() {
            let module = rust_name(&field.path);
            out.line(&format!("\n    /// Fields of the elements of `{}`.", field.path));
            out.line(&format!("    pub mod {module} {{"));
            out.line("        use super::FieldIdx;");
            for inner in items.fields.iter() {
                constant(out, "        ", inner);
            }
            out.line("    }");
        }
    }
    out.line(&format!(
        "\n    /// Writes one `{name}` event; dropped without `commit`, it writes none."
    ));
    out.line("    #[derive(Debug)]");
    out.line("    pub struct Writer<'r>(Core<'r, STRIDE>);\n");
    out.line("    impl<'r> Writer<'r> {");
    out.line(
        "        /// Begins an event; `None` if the batch is full or of another kind.",
    );
    out.line("        #[inline]");
    out.line("        pub fn begin(batch: &'r mut BatchBuilder) -> Option<Self> {");
    out.line("            Core::begin(batch, LAYOUT).map(Self)");
    out.line("        }\n");
    for field in kind.fields.iter() {
        setter(out, field);
    }
    out.line("        /// Lends the event to code that is rarely reached, and not inlined for that.");
    out.line("        #[inline]");
    out.line("        pub fn apart(&mut self, f: impl FnOnce(&mut Writer<'_>)) {");
    out.line("            let mut lent = Writer(self.0.lend());");
    out.line("            f(&mut lent);");
    out.line("            let back = lent.0.back();");
    out.line("            self.0.take_back(back);");
    out.line("        }\n");
    out.line("        /// Lends the event to code that knows fields by number only.");
    out.line("        pub fn dynamic<T>(&mut self, f: impl FnOnce(&mut RecordWriter<'_>) -> T) -> T {");
    out.line("            self.0.dynamic(f)");
    out.line("        }\n");
    out.line("        /// Makes the event part of the batch.");
    out.line("        #[inline]");
    let mutable = if kind.ranges.is_empty() { "" } else { "mut " };
    out.line(&format!("        pub fn commit({mutable}self) {{"));
    for range in kind.ranges.iter() {
        let places: Vec<_> =
            [range.range, range.first, range.count].map(|idx| place(kind, idx)).into();
        out.line(&format!("            self.0.derive({});", places.join(", ")));
    }
    out.line("            self.0.commit();");
    out.line("        }\n    }\n}\n");
}

/// The numbers of all labels, one module an enumeration, as wide as the first
/// field that holds it.
fn codes(out: &mut Source, schema: &Schema) {
    out.line("/// Numbers of the labels of the schema's enumerations.");
    out.line("pub mod codes {");
    for (at, e) in (0..).zip(schema.enums.iter().map(AsRef::as_ref)) {
        labels(out, schema, EnumIdx(at), e);
    }
    out.line("}\n");
}

/// The numbers of the labels of one enumeration.
pub(super) fn labels(out: &mut Source, schema: &Schema, idx: EnumIdx, e: &Enum) {
    let repr = width(schema, idx).name();
    out.line(&format!("    /// Labels of `{}`.", e.name));
    out.line(&format!("    pub mod {} {{", e.name));
    for label in e.labels.iter() {
        let doc = match label.doc.as_ref() {
            "" => String::new(),
            doc => format!(": {doc}"),
        };
        out.line(&format!("        /// `{}`{doc}.", label.name));
        out.line(&format!(
            "        pub const {}: {repr} = {};",
            constant_name(&label.name),
            label.value
        ));
    }
    out.line("    }\n");
}

fn width(schema: &Schema, idx: EnumIdx) -> IntRepr {
    let kinds = schema.kinds.iter().flat_map(|kind| kind.fields.iter());
    let views = schema.views.iter().flat_map(|view| view.fields.iter());
    let fields = views.chain(kinds);
    let reprs = fields.flat_map(|field| {
        let inner = field.items.as_ref().map_or(&[][..], |items| &items.fields);
        inner.iter().chain([field])
    });
    let repr = |field: &Field| match field.ty {
        FieldType::Enum(of, repr) | FieldType::List(Scalar::Enum(of, repr))
            if of == idx =>
        {
            Some(repr)
        }
        _ => None,
    };
    reprs.filter_map(repr).next().unwrap_or(IntRepr::U64)
}

/// A label as the name of a constant; one that begins with a digit gets an `N_`.
pub(super) fn constant_name(label: &str) -> String {
    let upper = label.replace(['.', '-'], "_").to_ascii_uppercase();
    if upper.starts_with(|c: char| c.is_ascii_digit()) {
        format!("N_{upper}")
    } else {
        upper
    }
}

fn constant(out: &mut Source, indent: &str, field: &Field) {
    out.line(&format!("{indent}/// `{}`: {}.", field.path, field.doc));
    out.line(&format!(
        "{indent}pub const {}: FieldIdx = FieldIdx({});",
        field.path.replace('.', "_").to_ascii_uppercase(),
        field.bit
    ));
}

fn setter(out: &mut Source, field: &Field) {
    let Field { path, doc, bit, offset, .. } = field;
    let name = rust_name(path);
    let (argument, body) = match field.ty {
        FieldType::Bool => ("value: bool".into(), plain(field, "[value.into()]")),
        FieldType::Int(IntRepr::U64) | FieldType::Enum(_, IntRepr::U64) => {
            ("value: u64".into(), format!("self.0.put_u64::<{offset}, {bit}>(value);"))
        }
        FieldType::Int(repr) | FieldType::Enum(_, repr) => {
            (format!("value: {}", repr.name()), plain(field, "value.to_le_bytes()"))
        }
        FieldType::Float => {
            ("value: f64".into(), format!("self.0.put_f64::<{offset}, {bit}>(value);"))
        }
        FieldType::Time | FieldType::Duration => {
            ("nanoseconds: i64".into(), plain(field, "nanoseconds.to_le_bytes()"))
        }
        FieldType::Ip => ("octets: [u8; 16]".into(), plain(field, "octets")),
        FieldType::Mac => (
            "[a, b, c, d, e, f]: [u8; 6]".into(),
            plain(field, "[a, b, c, d, e, f, 0, 0]"),
        ),
        FieldType::Range => (
            "first: u32, last: u32".into(),
            format!("self.0.put_range::<{offset}, {bit}>(first, last);"),
        ),
        FieldType::Text | FieldType::Name | FieldType::Path | FieldType::Bytes => {
            ("bytes: &[u8]".into(), format!("self.0.text::<{offset}, {bit}>(bytes);"))
        }
        LIST_U16 => (
            "values: impl IntoIterator<Item = u16>".into(),
            format!(
                "self.0.list_u16::<{offset}, {bit}>(values, {});",
                field.items.as_ref().map_or(0, |items| items.max)
            ),
        ),
        FieldType::List(_) | FieldType::Group | FieldType::Map => (
            "fill: impl FnOnce(&mut RepeatedWriter<'_, '_>)".into(),
            format!("self.0.repeated::<{bit}>(fill);"),
        ),
    };
    let unit = match field.unit.as_ref() {
        "" => String::new(),
        unit => format!(" Unit: {unit}."),
    };
    out.line(&format!("        /// Sets `{path}`: {doc}.{unit}"));
    out.line("        #[inline]");
    out.line(&format!("        pub fn {name}(&mut self, {argument}) -> &mut Self {{"));
    out.line(&format!("            {body}"));
    out.line("            self");
    out.line("        }\n");
}

fn plain(field: &Field, bytes: &str) -> String {
    format!("self.0.put::<{}, {}, _>({bytes});", field.offset, field.bit)
}

fn place(kind: &Kind, idx: FieldIdx) -> String {
    kind.field(idx).map_or_else(String::new, |field| {
        let (bytes, _) = slot(field.ty);
        format!(
            "Place {{ bit: {}, offset: {}, bytes: {bytes} }}",
            field.bit, field.offset
        )
    })
}

/// A path as a name in Rust.
fn rust_name(path: &str) -> String {
    const KEYWORDS: [&str; 8] =
        ["type", "loop", "match", "move", "ref", "use", "in", "final"];
    let name = path.replace('.', "_");
    if KEYWORDS.contains(&name.as_str()) { format!("r#{name}") } else { name }
}
