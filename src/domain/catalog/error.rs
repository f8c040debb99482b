//! What is wrong with a catalog, line by line.

use std::fmt;

/// One mistake, with the line to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct CatalogError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what to write in its place.
    pub message: String,
}

/// Every mistake of a catalog, in the order of its lines, so that one reading is enough to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogErrors(pub Vec<CatalogError>);

impl fmt::Display for CatalogErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for CatalogErrors {}

/// The mistakes found so far: reading goes on after each.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<CatalogError>);

impl Mistakes {
    pub(super) fn add(&mut self, line: usize, message: impl Into<String>) {
        self.0.push(CatalogError {
            line,
            message: message.into(),
        });
    }

    /// Keeps the value, or the mistake in its place.
    pub(super) fn keep<T>(
        &mut self,
        line: usize,
        result: Result<T, impl fmt::Display>,
    ) -> Option<T> {
        result
            .map_err(|error| self.add(line, error.to_string()))
            .ok()
    }

    pub(super) fn into_result(mut self) -> Result<(), CatalogErrors> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort();
        Err(CatalogErrors(self.0))
    }
}
