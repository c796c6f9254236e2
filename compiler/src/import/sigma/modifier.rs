//! The key of a field: its name and its modifiers.
//!
//! `Field|mod|mod` is read into what the modifiers together ask for: one operator,
//! some transformations of the value, and how several values are joined. What makes
//! no sense together is refused rather than guessed.
//!
//! Sigma modifiers 2.1.

/// A field with its modifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// The name; nothing where the whole event is searched.
    pub(super) name: Option<String>,
    pub(super) operator: Operator,
    /// In the order in which they are applied.
    pub(super) transforms: Vec<Transform>,
    /// Whether all values must hold instead of one.
    pub(super) all: bool,
    /// Whether case counts.
    pub(super) cased: bool,
    /// Whether the field must differ from every value.
    pub(super) differs: bool,
}

/// What is asked of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// It is the value, whose wildcards count.
    Is,
    Contains,
    Starts,
    Ends,
    Regex {
        fold: bool,
        lines: bool,
        dot_all: bool,
    },
    Cidr,
    Exists,
    /// It is, contains, starts or ends with another field.
    Field(Place),
    Compare(Order),
    /// A part of a time is the value.
    Time(Part),
}

/// Where one text stands in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Whole,
    Anywhere,
    Start,
    End,
}

/// An order of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// What is done to a value before it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transform {
    Windash,
    Base64,
    Base64Offset,
    Utf16Le,
    Utf16Be,
    Utf16,
    Expand,
}

/// Reads the key of a field.
pub(super) fn field(key: &str) -> Result<Field, String> {
    let mut words = key.split('|');
    let name = words.next().filter(|name| !name.is_empty()).map(str::to_owned);
    let mut field = Field {
        name,
        operator: Operator::Is,
        transforms: Vec::new(),
        all: false,
        cased: false,
        differs: false,
    };
    for word in words {
        field.apply(word).map_err(|why| format!("`{key}`: {why}"))?;
    }
    field.check().map_err(|why| format!("`{key}`: {why}"))?;
    Ok(field)
}

impl Field {
    fn apply(&mut self, word: &str) -> Result<(), String> {
        match word {
            "all" => self.all = true,
            "cased" => self.cased = true,
            "neq" => self.differs = true,
            "contains" => self.place(Operator::Contains, Place::Anywhere)?,
            "startswith" => self.place(Operator::Starts, Place::Start)?,
            "endswith" => self.place(Operator::Ends, Place::End)?,
            "re" => {
                let regex = Operator::Regex { fold: false, lines: false, dot_all: false };
                self.operator(regex)?;
            }
            "i" | "m" | "s" => self.flag(word)?,
            "cidr" => self.operator(Operator::Cidr)?,
            "exists" => self.operator(Operator::Exists)?,
            "fieldref" => self.operator(Operator::Field(Place::Whole))?,
            "lt" => self.operator(Operator::Compare(Order::Less))?,
            "lte" => self.operator(Operator::Compare(Order::LessOrEqual))?,
            "gt" => self.operator(Operator::Compare(Order::Greater))?,
            "gte" => self.operator(Operator::Compare(Order::GreaterOrEqual))?,
            "minute" => self.operator(Operator::Time(Part::Minute))?,
            "hour" => self.operator(Operator::Time(Part::Hour))?,
            "day" => self.operator(Operator::Time(Part::Day))?,
            "week" => self.operator(Operator::Time(Part::Week))?,
            "month" => self.operator(Operator::Time(Part::Month))?,
            "year" => self.operator(Operator::Time(Part::Year))?,
            "windash" => self.transforms.push(Transform::Windash),
            "base64" => self.transforms.push(Transform::Base64),
            "base64offset" => self.transforms.push(Transform::Base64Offset),
            "wide" | "utf16le" => self.transforms.push(Transform::Utf16Le),
            "utf16be" => self.transforms.push(Transform::Utf16Be),
            "utf16" => self.transforms.push(Transform::Utf16),
            "expand" => self.transforms.push(Transform::Expand),
            _ => return Err(format!("there is no modifier `{word}`")),
        }
        Ok(())
    }

    /// Sets the operator; there is only one.
    fn operator(&mut self, operator: Operator) -> Result<(), String> {
        if self.operator != Operator::Is {
            return Err("two operators at once".to_owned());
        }
        self.operator = operator;
        Ok(())
    }

    /// `contains` and its kin, which may also say where another field stands.
    fn place(&mut self, alone: Operator, place: Place) -> Result<(), String> {
        if let Operator::Field(found @ Place::Whole) = &mut self.operator {
            *found = place;
            return Ok(());
        }
        self.operator(alone)
    }

    fn flag(&mut self, word: &str) -> Result<(), String> {
        let Operator::Regex { fold, lines, dot_all } = &mut self.operator else {
            return Err(format!("`{word}` belongs behind `re`"));
        };
        match word {
            "i" => *fold = true,
            "m" => *lines = true,
            _ => *dot_all = true,
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let is_text = matches!(
            self.operator,
            Operator::Is | Operator::Contains | Operator::Starts | Operator::Ends
        );
        if !is_text && !self.transforms.is_empty() {
            return Err("only texts can be transformed".to_owned());
        }
        if self.name.is_none()
            && !is_text
            && !matches!(self.operator, Operator::Regex { .. })
        {
            return Err("a search of the whole event looks for texts".to_owned());
        }
        if self.differs && (self.operator == Operator::Exists || self.name.is_none()) {
            return Err("`neq` wants a field and a value".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let read = field("CommandLine|wide|base64offset|contains|all").unwrap();
        assert_eq!(read.name.as_deref(), Some("CommandLine"));
        assert_eq!(read.operator, Operator::Contains);
        assert_eq!(read.transforms, [Transform::Utf16Le, Transform::Base64Offset]);
        assert!(read.all && !read.cased);
        assert_eq!(field("|all").unwrap().name, None);
        let re = field("A|re|i|s").unwrap().operator;
        assert_eq!(re, Operator::Regex { fold: true, lines: false, dot_all: true });
        let reference = field("A|fieldref|endswith").unwrap().operator;
        assert_eq!(reference, Operator::Field(Place::End));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (key, wanted) in [
            ("A|like", "`A|like`: there is no modifier `like`"),
            ("A|contains|re", "`A|contains|re`: two operators at once"),
            ("A|i", "`A|i`: `i` belongs behind `re`"),
            ("A|cidr|base64", "`A|cidr|base64`: only texts can be transformed"),
            ("|cidr", "`|cidr`: a search of the whole event looks for texts"),
            ("A|exists|neq", "`A|exists|neq`: `neq` wants a field and a value"),
        ] {
            assert_eq!(field(key).unwrap_err(), wanted);
        }
    }
}
