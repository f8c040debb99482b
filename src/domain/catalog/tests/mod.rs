//! The catalog as a whole: what is read, what is refused, and what the embedded one says.

mod embedded;
mod matching;
mod mistakes;
mod published;

use super::{Catalog, CatalogErrors};

pub(super) const SMALL: &str = r#"
[scopes]
repo = { sentence = "All repositories." }

[permissions.metadata]
group = "repository"
title = "Metadata"
sentence = "Sees repositories."
read = { can = "see repositories", role = "read", scopes = ["repo"] }
automatic = true

[permissions.members]
group = "organization"
title = "Members"
sentence = "Sees members."
read = { can = "see members", role = "member" }

[endpoints]
"#;

/// A small catalog with these endpoint lines; they start at line 19.
pub(super) fn with_endpoints(lines: &str) -> Result<Catalog, CatalogErrors> {
    Catalog::parse(&format!("{SMALL}{lines}"))
}
