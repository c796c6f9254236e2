//! `tagout fields [KIND]`: the schema as rules see it, and what they can call.

use serde_json::json;
use tagout_compiler::diagnostic::closest;
use tagout_compiler::functions;
use tagout_spec::schema::{Field, Kind, Schema};

use crate::args::{Fields, Global};
use crate::output::Output;
use crate::setup::Setup;
use crate::{Exit, Failure};

/// Prints kinds, or the fields of one kind or view.
pub(super) fn run(args: &Fields, global: &Global) -> Result<Exit, Failure> {
    let setup = Setup::read(global, None)?;
    let schema = &setup.schema;
    let mut output = Output::new();
    match &args.kind {
        None if args.json => {
            for (_, kind) in schema.kinds() {
                output.line(&kind_json(schema, kind).to_string())?;
            }
            for called in callable(&setup) {
                output.line(&called.json().to_string())?;
            }
        }
        None => {
            list(schema, &mut output)?;
            for called in callable(&setup) {
                output.line(&called.line())?;
            }
        }
        Some(name) => {
            let kind = find(schema, name)?;
            if args.json {
                output.line(&kind_json(schema, kind).to_string())?;
            } else {
                describe(schema, kind, &mut output)?;
            }
        }
    }
    output.finish()?;
    Ok(Exit::Fine)
}

/// A function, of the language or of a plugin.
struct Callable {
    name: String,
    signature: String,
    doc: String,
    example: String,
    /// Name and version.
    plugin: Option<(String, String)>,
}

fn callable(setup: &Setup) -> Vec<Callable> {
    let builtin = functions::BUILTIN.iter().map(|builtin| Callable {
        name: builtin.name.to_owned(),
        signature: builtin.signature.to_owned(),
        doc: builtin.doc.to_owned(),
        example: builtin.example.to_owned(),
        plugin: None,
    });
    let of_plugins = setup.functions().into_iter().map(|function| Callable {
        signature: function.to_string(),
        plugin: Some((function.plugin, function.version.to_string())),
        name: function.name,
        doc: function.doc,
        example: function.example,
    });
    builtin.chain(of_plugins).collect()
}

impl Callable {
    fn line(&self) -> String {
        let of = self.plugin.as_ref().map(|(name, _)| format!("  (plugin {name})"));
        let Self { signature, doc, .. } = self;
        format!("{signature}  {doc}{}", of.unwrap_or_default())
    }

    fn json(&self) -> serde_json::Value {
        let Self { name, signature, doc, example, plugin } = self;
        let plugin = plugin
            .as_ref()
            .map(|(name, version)| json!({ "name": name, "version": version }));
        json!({
            "function": name,
            "signature": signature,
            "doc": doc,
            "example": example,
            "plugin": plugin,
        })
    }
}

fn list(schema: &Schema, output: &mut Output) -> Result<(), Failure> {
    for (_, kind) in schema.kinds() {
        output.line(&format!("{:<12} {}", kind.name, kind.doc))?;
    }
    for view in schema.views() {
        let kinds: Vec<_> = schema
            .kinds_of_view(&view.name)
            .map(|(_, kind)| kind.name.as_ref())
            .collect();
        output.line(&format!("{:<12} view of {}", view.name, kinds.join(", ")))?;
    }
    Ok(())
}

/// A kind by name; for a view, one of its kinds stands for the common fields.
fn find<'s>(schema: &'s Schema, name: &str) -> Result<&'s Kind, Failure> {
    let kind = schema.kind_idx(name).and_then(|idx| schema.kind(idx));
    kind.ok_or_else(|| {
        let names = schema.kinds().map(|(_, kind)| kind.name.as_ref());
        let hint = closest(name, names).map(|near| format!("; did you mean `{near}`?"));
        Failure::usage(format!("there is no kind `{name}`{}", hint.unwrap_or_default()))
    })
}

fn describe(schema: &Schema, kind: &Kind, output: &mut Output) -> Result<(), Failure> {
    output.line(&format!("{}: {}", kind.name, kind.doc))?;
    if !kind.source.is_empty() {
        output.line(&format!("source: {}", kind.source))?;
    }
    let width = kind.fields.iter().map(|field| field.path.len()).max().unwrap_or(0);
    for field in kind.fields.iter() {
        let only = only_if(schema, kind, field).map(|only| format!("  only if {only}"));
        field_line(schema, field, "", width, &only.unwrap_or_default(), output)?;
        for item in field.items.iter().flat_map(|items| items.fields.iter()) {
            field_line(schema, item, "  .", width, "", output)?;
        }
    }
    Ok(())
}

/// What else must hold for a field to be there.
fn only_if(schema: &Schema, kind: &Kind, field: &Field) -> Option<String> {
    let idx = field.idx();
    let guards = kind.guards.iter().filter(|guard| guard.fields.contains(&idx));
    let asked: Vec<String> = guards.map(|guard| schema.guard_text(kind, guard)).collect();
    (!asked.is_empty()).then(|| asked.join(" and "))
}

fn field_line(
    schema: &Schema,
    field: &Field,
    indent: &str,
    width: usize,
    behind: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    let path = format!("{indent}{}", field.path);
    let mut line =
        format!("{path:<width$}  {:<34} {}", schema.type_name(field.ty), field.doc);
    if !field.unit.is_empty() {
        line.push_str(&format!(" [{}]", field.unit));
    }
    if !field.example.is_empty() {
        line.push_str(&format!("  e.g. {}", field.example));
    }
    line.push_str(behind);
    output.line(line.trim_end()).map(|_| ())
}

fn kind_json(schema: &Schema, kind: &Kind) -> serde_json::Value {
    let fields: Vec<_> = kind
        .fields
        .iter()
        .map(|field| {
            let mut json = field_json(schema, field);
            if let Some(only) = only_if(schema, kind, field)
                && let Some(object) = json.as_object_mut()
            {
                object.insert("only_if".to_owned(), json!(only));
            }
            json
        })
        .collect();
    json!({
        "kind": kind.name,
        "doc": kind.doc,
        "source": kind.source,
        "group": kind.group,
        "views": kind.views,
        "fields": fields,
    })
}

fn field_json(schema: &Schema, field: &Field) -> serde_json::Value {
    let mut value = json!({
        "path": field.path,
        "type": schema.type_name(field.ty),
        "doc": field.doc,
        "example": field.example,
    });
    for (key, text) in [("unit", &field.unit), ("source", &field.source)] {
        if !text.is_empty()
            && let Some(object) = value.as_object_mut()
        {
            object.insert(key.to_owned(), json!(text));
        }
    }
    if let Some(items) = &field.items
        && let Some(object) = value.as_object_mut()
    {
        let fields: Vec<_> = items.fields.iter().map(|f| field_json(schema, f)).collect();
        object.insert("max".to_owned(), json!(items.max));
        object.insert("fields".to_owned(), json!(fields));
    }
    value
}
