//! Process starts.

use std::error::Error;

use tagout_compiler::PackSource;
use tagout_runtime::{Options, Runtime};
use tagout_spec::record::BatchBuilder;
use tagout_spec::record::typed::process::{KIND, Writer};
use tagout_spec::schema::Schema;
use tagout_tests::mix::process::{Event, Mix};

use crate::EVENTS;
use crate::clock::{self, Measured};

/// Measures a mix.
pub(crate) fn measure(
    rules: usize,
    options: &Options,
) -> Result<Measured, Box<dyn Error>> {
    let mut mix = Mix::new(rules, 7);
    let events: Vec<Event> = (0..EVENTS).map(|_| mix.event()).collect();
    // One behind the other, as a source reads them.
    let texts = |event: &Event| event.image.clone() + &event.parent + &event.command_line;
    let log: String = events.iter().map(texts).collect();
    let mut rest = log.as_str();
    let mut next = |len: usize| {
        let (text, behind) = rest.split_at(len);
        rest = behind;
        text
    };
    let events: Vec<[&str; 3]> = events
        .iter()
        .map(|event| [&event.image, &event.parent, &event.command_line])
        .map(|texts| texts.map(|text| next(text.len())))
        .collect();
    let source = PackSource::single("mix.tag", mix.source());
    let built = tagout_compiler::build(&source, &Schema::builtin());
    let pack = built.pack.ok_or("the mix does not build")?;
    let builder = Runtime::builder().options(options.clone()).pack("mix", pack);
    clock::stream(&mut builder.build()?.replay()?, KIND, &events, write)
}

fn write(batch: &mut BatchBuilder, [image, parent, command_line]: &[&str; 3]) {
    let Some(mut w) = Writer::begin(batch) else { return };
    w.ts(1_767_225_600_000_000_000).host_name(b"hmi1").pid(4_711);
    w.image(image.as_bytes()).parent_image(parent.as_bytes());
    w.command_line(command_line.as_bytes());
    w.commit();
}
