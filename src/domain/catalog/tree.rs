//! Finds the endpoint of a path: a tree with one step per segment, so that the cost of a look-up
//! does not grow with the number of endpoints.

use std::borrow::Cow;
use std::collections::HashMap;

use super::model::{EndpointId, Method};
use super::path::{BadPath, Segment};
use super::template::{Piece, Template};

/// A point in the tree: where the segments so far have led.
#[derive(Debug, Default)]
struct Node {
    /// The next nodes by exact word, which go before the parameter.
    literals: HashMap<String, usize>,
    /// The next node for any other segment.
    parameter: Option<usize>,
    /// Endpoints whose template ends here.
    here: Endings,
    /// Endpoints whose last parameter takes everything from here on.
    rest: Endings,
}

/// The endpoints that share one shape of path, by method.
type Endings = Vec<(Method, EndpointId)>;

/// All paths of a catalog.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }

    /// Adds an endpoint, or answers which one has the same method and shape of path already.
    pub(super) fn insert(
        &mut self,
        method: Method,
        template: &Template,
        endpoint: EndpointId,
    ) -> Result<(), EndpointId> {
        let endings = self.endings_of(template);
        if let Some(&(_, earlier)) = endings.iter().find(|(taken, _)| *taken == method) {
            return Err(earlier);
        }
        endings.push((method, endpoint));
        Ok(())
    }

    fn endings_of(&mut self, template: &Template) -> &mut Endings {
        let mut at = 0;
        for piece in &template.pieces {
            match piece {
                Piece::Literal(word) => at = self.literal(at, word),
                Piece::Parameter(_) => at = self.parameter(at),
                Piece::Rest(_) => return &mut self.nodes[at].rest,
            }
        }
        &mut self.nodes[at].here
    }

    fn literal(&mut self, at: usize, word: &str) -> usize {
        if let Some(&next) = self.nodes[at].literals.get(word) {
            return next;
        }
        let next = self.grow();
        self.nodes[at].literals.insert(word.to_owned(), next);
        next
    }

    fn parameter(&mut self, at: usize) -> usize {
        if let Some(next) = self.nodes[at].parameter {
            return next;
        }
        let next = self.grow();
        self.nodes[at].parameter = Some(next);
        next
    }

    fn grow(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    /// The endpoint of a path. The most exact shape of path that fits decides alone: a method it
    /// lacks is not looked for in a vaguer one, as the guarded service would not look there either.
    pub(super) fn find(&self, method: Method, segments: &[Segment<'_>]) -> Option<EndpointId> {
        let endings = self.descend(0, segments)?;
        endings
            .iter()
            .find(|(offered, _)| *offered == method)
            .map(|&(_, endpoint)| endpoint)
    }

    fn descend(&self, at: usize, segments: &[Segment<'_>]) -> Option<&Endings> {
        let node = &self.nodes[at];
        let Some((first, others)) = segments.split_first() else {
            return (!node.here.is_empty()).then_some(&node.here);
        };
        let by_literal = node
            .literals
            .get(first.text())
            .and_then(|&next| self.descend(next, others));
        by_literal
            .or_else(|| node.parameter.and_then(|next| self.descend(next, others)))
            .or_else(|| (!node.rest.is_empty()).then_some(&node.rest))
    }
}

/// The values of a template's parameters in the segments that it matched.
///
/// # Errors
/// [`BadPath`] where a decoded `/`, `;` or `%` stands in a parameter that holds no path or ref.
pub(super) fn capture<'a>(
    template: &'a Template,
    segments: Vec<Segment<'a>>,
) -> Result<Vec<(&'a str, Cow<'a, str>)>, BadPath> {
    let mut parameters = Vec::with_capacity(segments.len());
    let mut segments = segments.into_iter();
    for piece in &template.pieces {
        if let Piece::Rest(name) = piece {
            let texts: Vec<_> = segments.by_ref().map(Segment::into_text).collect();
            parameters.push((name.as_str(), join(texts)));
            continue;
        }
        let segment = segments
            .next()
            .expect("the tree matched as many segments as the template has pieces");
        if segment.is_delimited() && !piece.holds_path_or_ref() {
            return Err(BadPath);
        }
        if let Some(name) = piece.parameter() {
            parameters.push((name, segment.into_text()));
        }
    }
    Ok(parameters)
}

fn join(mut texts: Vec<Cow<'_, str>>) -> Cow<'_, str> {
    match texts.len() {
        1 => texts.swap_remove(0),
        _ => Cow::Owned(texts.join("/")),
    }
}
