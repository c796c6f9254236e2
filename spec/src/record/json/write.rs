//! Records to JSON.

use crate::record::value::{Slot, Text, Value};
use crate::record::view::{ElementView, RecordView, Repeated};
use crate::schema::{Field, FieldType, Schema};

use super::format;
use super::shape::{Member, Object, Shape};

/// Appends an event.
pub(super) fn event(
    schema: &Schema,
    shape: &Shape,
    record: &RecordView<'_>,
    out: &mut Vec<u8>,
) {
    let kind = record.kind();
    let source = Source::Record(record, shape);
    Printer { schema, out }.object(&shape.top, &kind.name, &kind.fields, &source);
}

/// Where the fields of an object are read from.
enum Source<'a> {
    Record(&'a RecordView<'a>, &'a Shape),
    Element(ElementView<'a>),
}

impl<'a> Source<'a> {
    fn field(&self, field: &'a Field) -> Slot<'a> {
        match self {
            Self::Record(record, _) => record.field(field),
            Self::Element(element) => element.field(field),
        }
    }

    /// What is shown of a field that no rule can use.
    fn unusable(&self, field: &'a Field) -> Option<Value<'a>> {
        match self {
            Self::Record(record, _) => record.unusable(field),
            Self::Element(_) => None,
        }
    }

    /// How the elements of a field nest.
    fn elements(&self, at: usize) -> Option<&'a Object> {
        match self {
            Self::Record(_, shape) => shape.elements.get(at),
            Self::Element(_) => None,
        }
    }
}

struct Printer<'a> {
    schema: &'a Schema,
    out: &'a mut Vec<u8>,
}

impl Printer<'_> {
    /// Appends an object with all its members that have something to say.
    fn object(
        &mut self,
        object: &Object,
        kind: &str,
        fields: &[Field],
        from: &Source<'_>,
    ) {
        self.out.push(b'{');
        for (key, member) in &object.members {
            match member {
                Member::Kind => {
                    self.key(key);
                    format::string(self.out, kind);
                }
                Member::Cut(at) => {
                    let map = fields.get(*at).map(|field| from.field(field));
                    if let Some(Slot::Value(Value::Repeated(map))) = map
                        && map.truncated()
                    {
                        self.key(key);
                        self.out.extend_from_slice(b"true");
                    }
                }
                Member::Object(object) => {
                    let start = self.out.len();
                    self.key(key);
                    self.object(object, kind, fields, from);
                    if self.out.ends_with(b"{}") {
                        self.out.truncate(start);
                    }
                }
                Member::Field(at) | Member::Label(at) => {
                    let Some(field) = fields.get(*at) else { continue };
                    match from.field(field) {
                        Slot::Absent => {}
                        Slot::Invalid => {
                            if let (Some(value), Member::Field(_)) =
                                (from.unusable(field), member)
                            {
                                self.key(key);
                                self.value(value, field.ty, &field.unit);
                            }
                        }
                        slot if matches!(member, Member::Label(_)) => {
                            self.label(key, slot, field.ty);
                        }
                        Slot::Null => {
                            self.key(key);
                            self.out.extend_from_slice(b"null");
                        }
                        Slot::Value(Value::Repeated(repeated)) => {
                            self.key(key);
                            self.repeated(&repeated, field, from.elements(*at));
                        }
                        Slot::Value(value) => {
                            self.key(key);
                            self.value(value, field.ty, &field.unit);
                        }
                    }
                }
            }
        }
        self.out.push(b'}');
    }

    /// Appends a key. Keys are names of the schema, which need no escapes.
    fn key(&mut self, key: &str) {
        let open: &[u8] = if self.out.last() == Some(&b'{') { b"\"" } else { b",\"" };
        self.out.extend_from_slice(open);
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// Appends the label of a number, if it has one.
    fn label(&mut self, key: &str, slot: Slot<'_>, ty: FieldType) {
        let (FieldType::Enum(e, _), Slot::Value(Value::Int(v))) = (ty, slot) else {
            return;
        };
        let label = u64::try_from(v).ok().and_then(|v| self.schema.enum_label(e, v));
        if let Some(label) = label {
            self.key(key);
            format::string(self.out, label);
        }
    }

    fn repeated(
        &mut self,
        repeated: &Repeated<'_>,
        field: &Field,
        elements: Option<&Object>,
    ) {
        if field.ty == FieldType::Map {
            return self.map(repeated);
        }
        if repeated.truncated() {
            self.out.extend_from_slice(b"{\"items\":");
        }
        self.out.push(b'[');
        let mut comma = false;
        if let FieldType::List(scalar) = field.ty {
            for value in repeated.items() {
                self.comma(&mut comma);
                self.value(value, scalar.field_type(), &field.unit);
            }
        }
        let fields = field.elements().map_or(&[][..], |items| &items.fields);
        for element in repeated.elements() {
            self.comma(&mut comma);
            if let Some(object) = elements {
                self.object(object, "", fields, &Source::Element(element));
            }
        }
        self.out.push(b']');
        if repeated.truncated() {
            self.out.extend_from_slice(b",\"truncated\":true}");
        }
    }

    fn map(&mut self, map: &Repeated<'_>) {
        self.out.push(b'{');
        let mut comma = false;
        for (name, value) in map.pairs() {
            self.comma(&mut comma);
            format::string(self.out, &String::from_utf8_lossy(name.bytes));
            self.out.push(b':');
            self.text(value, FieldType::Text);
        }
        self.out.push(b'}');
    }

    fn comma(&mut self, needed: &mut bool) {
        if *needed {
            self.out.push(b',');
        }
        *needed = true;
    }

    fn value(&mut self, value: Value<'_>, ty: FieldType, unit: &str) {
        let out = &mut *self.out;
        match value {
            Value::Bool(v) => out.extend_from_slice(if v { b"true" } else { b"false" }),
            Value::Int(v) if ty == FieldType::Time => format::time(out, v),
            Value::Int(v) if unit == "hex" => format::hex_id(out, v.cast_unsigned()),
            Value::Int(v) => format::int(out, v),
            Value::Large(v) if unit == "hex" => format::hex_id(out, v),
            Value::Large(v) => format::string(out, &v.to_string()),
            Value::Float(v) => format::float(out, v),
            Value::Ip(v) => format::ip(out, v),
            Value::Mac(v) => format::mac(out, v),
            Value::Range(first, last) => {
                out.extend_from_slice(format!("[{first},{last}]").as_bytes());
            }
            Value::Text(text) => self.text(text, ty),
            // Only fields repeat, and those are handled where fields are.
            Value::Repeated(_) => out.extend_from_slice(b"null"),
        }
    }

    fn text(&mut self, text: Text<'_>, ty: FieldType) {
        let out = &mut *self.out;
        let utf8 = std::str::from_utf8(text.bytes).ok();
        match utf8.filter(|_| ty != FieldType::Bytes) {
            Some(utf8) if !text.truncated() => {
                format::string(out, utf8);
                return;
            }
            Some(utf8) => {
                out.extend_from_slice(b"{\"text\":");
                format::string(out, utf8);
            }
            None => {
                out.extend_from_slice(b"{\"hex\":");
                format::hex(out, text.bytes);
            }
        }
        if text.truncated() {
            out.extend_from_slice(format!(",\"length\":{}", text.original).as_bytes());
        }
        out.push(b'}');
    }
}
