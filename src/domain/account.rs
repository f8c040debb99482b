//! Accounts: users, organizations and enterprises.

words! {
    /// What an account is.
    AccountKind {
        /// A person.
        User = "user",
        /// Owns repositories; has owners and members.
        Organization = "organization",
        /// Groups organizations; has owners.
        Enterprise = "enterprise",
    }
}

impl AccountKind {
    /// The space in which its name is unique: users and organizations share one.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::User | Self::Organization => "login",
            Self::Enterprise => "slug",
        }
    }
}
