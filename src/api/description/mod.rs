//! The description of the API: what each operation takes and gives, written beside it in the one table of
//! [`super::operation`], and the OpenAPI document that is made from that table.

pub mod bodies;
mod document;
pub mod parameters;
pub mod shape;
pub mod shapes;

pub use document::{document, groups, meaning, needs_of, router};
pub use shape::{Field, Named, Shape};

/// A value of the query.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its form.
    pub shape: Shape,
    /// What it does.
    pub about: &'static str,
}

/// What a call is answered when it goes well.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body; none where there is none.
    pub shape: Option<Shape>,
    /// Whether it is a page of a list, with a `Link` header.
    pub is_page: bool,
}

/// What an operation takes and gives.
#[derive(Debug, Clone, Copy)]
pub struct Doc {
    /// Values of the query, beside those of paging.
    pub query: &'static [Parameter],
    /// The body, and whether it must be sent.
    pub body: Option<(Shape, bool)>,
    /// The answer when it goes well.
    pub answer: Answer,
    /// Whether it may answer 201 with the same, where it made something.
    pub makes_too: bool,
    /// Refusals that are this operation's own, beside those that any may meet.
    pub refusals: &'static [u16],
    /// Whether an `If-Match` header is taken.
    pub is_conditional: bool,
}

impl Doc {
    const fn answering(status: u16, shape: Option<Shape>, is_page: bool) -> Self {
        Self {
            query: &[],
            body: None,
            answer: Answer {
                status,
                shape,
                is_page,
            },
            makes_too: false,
            refusals: &[],
            is_conditional: false,
        }
    }

    /// Answers 200 with this.
    pub const fn gives(shape: Shape) -> Self {
        Self::answering(200, Some(shape), false)
    }

    /// Answers 200 with a page of these.
    pub const fn pages(items: &'static Shape) -> Self {
        Self::answering(200, Some(Shape::List(items)), true)
    }

    /// Answers 201 with what was made.
    pub const fn makes(shape: Shape) -> Self {
        Self::answering(201, Some(shape), false)
    }

    /// Answers 202 with this.
    pub const fn accepts(shape: Shape) -> Self {
        Self::answering(202, Some(shape), false)
    }

    /// Answers 204.
    pub const fn does() -> Self {
        Self::answering(204, None, false)
    }

    /// Reads these values of the query.
    #[must_use]
    pub const fn query(self, query: &'static [Parameter]) -> Self {
        Self { query, ..self }
    }

    /// Needs this body.
    #[must_use]
    pub const fn takes(self, shape: Shape) -> Self {
        Self {
            body: Some((shape, true)),
            ..self
        }
    }

    /// Reads this body where there is one.
    #[must_use]
    pub const fn may_take(self, shape: Shape) -> Self {
        Self {
            body: Some((shape, false)),
            ..self
        }
    }

    /// Answers 201 with the same where it made something.
    #[must_use]
    pub const fn or_makes(self) -> Self {
        Self {
            makes_too: true,
            ..self
        }
    }

    /// May also answer these.
    #[must_use]
    pub const fn or(self, refusals: &'static [u16]) -> Self {
        Self { refusals, ..self }
    }

    /// Takes the version that was read in an `If-Match` header.
    #[must_use]
    pub const fn conditional(self) -> Self {
        Self {
            is_conditional: true,
            ..self
        }
    }
}
