//! Who reads a log: the right to it, as the extractors give it, and the frame of its pages.

use std::future::ready;

use axum::extract::FromRequestParts;

use super::{OWN, of_enterprise, of_organization};
use crate::app::App;
use crate::domain::audit::LogOf;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::PageResult;
use crate::web::extract::{EnterpriseOwner, OrganizationOwner, SignedIn};
use crate::web::pages::{enterprise, organization, settings};

/// The holder of the right to read a log.
pub trait Reader: FromRequestParts<App> + Send + Sync {
    /// Whose log.
    fn log(&self) -> LogOf;

    /// The log's address.
    fn path(&self) -> String;

    /// What files that hold a part of it are called.
    fn file_name(&self) -> String;

    /// What the page is called, and what it says below.
    fn title(&self) -> (&'static str, String);

    /// Who reads.
    fn signed_in(&self) -> &SignedIn;

    /// The frame of a page of it.
    fn frame(
        &self,
        app: &App,
        title: &str,
        trail: Vec<Crumb>,
    ) -> impl Future<Output = PageResult<(Chrome, Nav)>> + Send;
}

impl Reader for SignedIn {
    fn log(&self) -> LogOf {
        LogOf::Person(self.user.id)
    }

    fn path(&self) -> String {
        OWN.to_owned()
    }

    fn file_name(&self) -> String {
        format!("{}-security-log", self.user.login)
    }

    fn title(&self) -> (&'static str, String) {
        let lead = "What you did, what was done to your account, and every use of your tokens.";
        ("Security log", lead.to_owned())
    }

    fn signed_in(&self) -> &SignedIn {
        self
    }

    fn frame(
        &self,
        _app: &App,
        title: &str,
        trail: Vec<Crumb>,
    ) -> impl Future<Output = PageResult<(Chrome, Nav)>> + Send {
        let mut whole = vec![Crumb::text("Settings")];
        whole.extend(trail);
        ready(Ok((self.chrome(title).trail(whole), settings::nav(OWN))))
    }
}

impl Reader for OrganizationOwner {
    fn log(&self) -> LogOf {
        LogOf::Organization(self.organization.id)
    }

    fn path(&self) -> String {
        of_organization(&self.organization.login)
    }

    fn file_name(&self) -> String {
        format!("{}-audit-log", self.organization.login)
    }

    fn title(&self) -> (&'static str, String) {
        let name = &self.organization.name;
        let lead = format!("Every change at {name}, and every use of a token on what it owns.");
        ("Audit log", lead)
    }

    fn signed_in(&self) -> &SignedIn {
        &self.signed_in
    }

    async fn frame(&self, app: &App, title: &str, trail: Vec<Crumb>) -> PageResult<(Chrome, Nav)> {
        organization::frame::around(app, self, title, &self.path(), trail).await
    }
}

impl Reader for EnterpriseOwner {
    fn log(&self) -> LogOf {
        LogOf::Enterprise(self.enterprise.id)
    }

    fn path(&self) -> String {
        of_enterprise(&self.enterprise.login)
    }

    fn file_name(&self) -> String {
        format!("{}-audit-log", self.enterprise.login)
    }

    fn title(&self) -> (&'static str, String) {
        let name = &self.enterprise.name;
        let lead = format!(
            "Every change at {name} and at its organizations, and every use of a token there."
        );
        ("Audit log", lead)
    }

    fn signed_in(&self) -> &SignedIn {
        &self.signed_in
    }

    fn frame(
        &self,
        _app: &App,
        title: &str,
        trail: Vec<Crumb>,
    ) -> impl Future<Output = PageResult<(Chrome, Nav)>> + Send {
        ready(Ok(enterprise::frame::around(
            self,
            title,
            &self.path(),
            trail,
        )))
    }
}
