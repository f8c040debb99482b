//! The form of a JSON value, as a constant: what bodies hold and answers show.

use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema,
    SchemaFormat, Type,
};
use utoipa::openapi::{Ref, RefOr};

/// The form of a JSON value.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any text.
    Text,
    /// A text of so many characters at most.
    Short(usize),
    /// One of these words.
    Words(&'static [&'static str]),
    /// An address.
    Uri,
    /// A moment in RFC 3339.
    Moment,
    /// A day, `2026-12-20`.
    Date,
    /// A whole number.
    Integer,
    /// A whole number between two bounds.
    Between(i64, i64),
    /// A whole number from this one on.
    From(i64),
    /// True or false.
    Flag,
    /// This, or null.
    Maybe(&'static Shape),
    /// Any number of these.
    List(&'static Shape),
    /// So many of these.
    Several(&'static Shape, usize, usize),
    /// These under any name.
    Map(&'static Shape),
    /// These under these names.
    Object(&'static [Field]),
    /// These under these names, and whatever else under others.
    Open(&'static [Field]),
    /// What a named object holds, and these.
    More(&'static Named, &'static [Field]),
    /// One of these forms.
    Either(&'static [Shape]),
    /// A form with a name of its own.
    Named(&'static Named),
}

/// A form that is used in several places.
#[derive(Debug)]
pub struct Named {
    /// Its name in the description.
    pub name: &'static str,
    /// What it looks like.
    pub shape: Shape,
}

impl Named {
    /// Its name as references write it.
    pub fn key(&self) -> String {
        self.name.replace(' ', "")
    }
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its form.
    pub shape: Shape,
    /// Whether it is always there.
    pub is_required: bool,
}

/// A member that is always there.
pub const fn must(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        is_required: true,
    }
}

/// A member that may be left out.
pub const fn may(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        is_required: false,
    }
}

impl Shape {
    /// The members of an object, those of the form that it extends first.
    pub fn fields(self) -> Vec<Field> {
        match self {
            Self::Object(fields) | Self::Open(fields) => fields.to_vec(),
            Self::More(base, fields) => [base.shape.fields(), fields.to_vec()].concat(),
            Self::Named(named) => named.shape.fields(),
            _ => Vec::new(),
        }
    }

    /// In a few words, for people.
    pub fn words(self) -> String {
        match self {
            Self::Text | Self::Short(_) => "text".to_owned(),
            Self::Words(words) => words.join(" or "),
            Self::Uri => "address".to_owned(),
            Self::Moment => "moment".to_owned(),
            Self::Date => "day".to_owned(),
            Self::Integer => "whole number".to_owned(),
            Self::Between(least, most) => format!("whole number from {least} to {most}"),
            Self::From(least) => format!("whole number from {least} on"),
            Self::Flag => "true or false".to_owned(),
            Self::Maybe(shape) => format!("{} or null", shape.words()),
            Self::List(shape) => format!("list of {}", shape.words()),
            Self::Several(shape, least, most) => {
                format!("list of {least} to {most}: {}", shape.words())
            }
            Self::Map(shape) => format!("by name: {}", shape.words()),
            Self::Object(_) | Self::Open(_) | Self::More(..) => "object".to_owned(),
            Self::Either(shapes) => {
                let words: Vec<_> = shapes.iter().map(|shape| shape.words()).collect();
                words.join(" or ")
            }
            Self::Named(named) => named.name.to_owned(),
        }
    }

    /// Every named form within, itself included.
    pub fn named(self, found: &mut Vec<&'static Named>) {
        match self {
            Self::Maybe(shape)
            | Self::List(shape)
            | Self::Several(shape, ..)
            | Self::Map(shape) => {
                shape.named(found);
            }
            Self::Either(shapes) => shapes.iter().for_each(|shape| shape.named(found)),
            Self::Object(_) | Self::Open(_) | Self::More(..) => {
                for field in self.fields() {
                    field.shape.named(found);
                }
            }
            Self::Named(named) if found.iter().all(|known| known.name != named.name) => {
                found.push(named);
                named.shape.named(found);
            }
            _ => {}
        }
    }

    /// The same as a JSON schema; named forms are referred to.
    pub fn schema(self) -> RefOr<Schema> {
        match self {
            Self::Text => string().into(),
            Self::Short(most) => string().max_length(Some(most)).into(),
            Self::Words(words) => string().enum_values(Some(words.iter().copied())).into(),
            Self::Uri => formatted(SchemaFormat::Custom("uri".to_owned())),
            Self::Moment => formatted(SchemaFormat::KnownFormat(KnownFormat::DateTime)),
            Self::Date => formatted(SchemaFormat::KnownFormat(KnownFormat::Date)),
            Self::Integer => integer().into(),
            Self::Between(least, most) => bounded(least, Some(most)),
            Self::From(least) => bounded(least, None),
            Self::Flag => ObjectBuilder::new().schema_type(Type::Boolean).into(),
            Self::Maybe(shape) => either(&[shape.schema(), null()]),
            Self::List(shape) => ArrayBuilder::new().items(shape.schema()).into(),
            Self::Several(shape, least, most) => {
                let list = ArrayBuilder::new().items(shape.schema());
                list.min_items(Some(least)).max_items(Some(most)).into()
            }
            Self::Map(shape) => {
                let values = AdditionalProperties::RefOr(shape.schema());
                ObjectBuilder::new()
                    .additional_properties(Some(values))
                    .into()
            }
            Self::Object(_) | Self::More(..) => object(&self.fields()).into(),
            Self::Open(fields) => object(fields)
                .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
                .into(),
            Self::Either(shapes) => {
                let schemas: Vec<_> = shapes.iter().map(|shape| shape.schema()).collect();
                either(&schemas)
            }
            Self::Named(named) => Ref::from_schema_name(named.key()).into(),
        }
    }
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn integer() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer)
}

fn bounded(least: i64, most: Option<i64>) -> RefOr<Schema> {
    integer().minimum(Some(least)).maximum(most).into()
}

fn null() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Null).into()
}

fn formatted(format: SchemaFormat) -> RefOr<Schema> {
    string().format(Some(format)).into()
}

fn either(schemas: &[RefOr<Schema>]) -> RefOr<Schema> {
    let any = schemas.iter().cloned();
    any.fold(OneOfBuilder::new(), OneOfBuilder::item).into()
}

fn object(fields: &[Field]) -> ObjectBuilder {
    let mut object = ObjectBuilder::new();
    for field in fields {
        object = object.property(field.name, field.shape.schema());
        if field.is_required {
            object = object.required(field.name);
        }
    }
    object
}
