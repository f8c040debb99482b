//! The frame around every page: title, trail, who is signed in, and the message left by the previous act.
//!
//! Every page struct carries one [`Chrome`] in a field named `chrome`; `templates/layout/` reads nothing else.

/// What the layout needs to know to draw the frame of one page.
#[derive(Debug, Clone, Default)]
pub struct Chrome {
    /// The page's name, as in its `h1`; the browser shows `{title} · Grantry`.
    pub title: String,
    /// Where the visitor is, outermost first; the last crumb is this page.
    pub trail: Vec<Crumb>,
    /// Who is signed in; the menu and the waiting count are drawn for them alone.
    pub viewer: Option<Viewer>,
    /// The session's CSRF token, masked for this page; goes into every form.
    pub csrf: String,
    /// What the previous act did, shown once.
    pub flash: Option<Flash>,
    /// Whether this installation is a demonstration, which every page then says.
    pub demo: bool,
}

/// One step of the trail in the top bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// What the step is called.
    pub label: String,
    /// Where it leads; `None` for a step that has no page, and for this page.
    pub href: Option<String>,
}

/// The signed-in person, as the top bar shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Viewer {
    /// The account's unique login.
    pub login: String,
    /// The person's name in full.
    pub name: String,
    /// How many requests wait for this person's decision.
    pub waiting: u32,
    /// Whether other people's tokens can be a matter of this person's own repositories.
    pub reviews_own: bool,
    /// Organizations that this person belongs to.
    pub organizations: Vec<ViewerOrganization>,
    /// Enterprises that this person owns.
    pub enterprises: Vec<ViewerEnterprise>,
    /// Whether the person runs the installation.
    pub site_admin: bool,
}

/// An organization in the viewer's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewerOrganization {
    /// The organization's login, as addresses use it.
    pub login: String,
    /// The organization's name, as people use it.
    pub name: String,
    /// Whether the viewer owns it, and so has pages of it to open.
    pub owner: bool,
}

/// An enterprise in the viewer's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewerEnterprise {
    /// The enterprise's slug, as addresses use it.
    pub slug: String,
    /// The enterprise's name, as people use it.
    pub name: String,
}

/// A message that the previous act left for the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// How the message is marked.
    pub kind: FlashKind,
    /// One or two sentences.
    pub text: String,
}

/// How a message is marked: always with a word and a shape, never by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashKind {
    /// The act was done.
    Success,
    /// Something to know.
    Info,
    /// Something to look after.
    Warning,
    /// Something failed or stopped working.
    Danger,
}

impl FlashKind {
    /// The name that the notice component and its style use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

impl std::str::FromStr for FlashKind {
    type Err = crate::domain::UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [Self::Success, Self::Info, Self::Warning, Self::Danger];
        all.into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| crate::domain::UnknownWord::new(word, &all.map(Self::as_str)))
    }
}

impl Chrome {
    /// A frame with a title alone: signed out, no trail, no message.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// Adds a step of the trail that leads somewhere.
    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.trail.push(Crumb::link(label, href));
        self
    }

    /// Adds the last step of the trail, which is this page.
    #[must_use]
    pub fn here(mut self, label: impl Into<String>) -> Self {
        self.trail.push(Crumb::text(label));
        self
    }

    /// Sets the whole trail at once.
    #[must_use]
    pub fn trail(mut self, trail: Vec<Crumb>) -> Self {
        self.trail = trail;
        self
    }

    /// Draws the frame for a signed-in person.
    #[must_use]
    pub fn viewer(mut self, viewer: Option<Viewer>) -> Self {
        self.viewer = viewer;
        self
    }

    /// Sets the masked CSRF token that the page's forms send back.
    #[must_use]
    pub fn csrf(mut self, masked: impl Into<String>) -> Self {
        self.csrf = masked.into();
        self
    }

    /// Shows a message left by the previous act.
    #[must_use]
    pub fn flash(mut self, flash: Option<Flash>) -> Self {
        self.flash = flash;
        self
    }

    /// Marks the page as part of a demonstration.
    #[must_use]
    pub fn demo(mut self, demo: bool) -> Self {
        self.demo = demo;
        self
    }
}

impl Crumb {
    /// A step that leads to a page.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: Some(href.into()),
        }
    }

    /// A step without a page of its own.
    pub fn text(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: None,
        }
    }
}

impl Viewer {
    /// The letter drawn in the person's avatar.
    pub fn initial(&self) -> String {
        initial(&self.login)
    }
}

/// The first letter of a login in upper case, for an avatar.
pub fn initial(login: &str) -> String {
    login
        .chars()
        .next()
        .map_or_else(|| "?".to_owned(), |letter| letter.to_uppercase().collect())
}

/// The navigation at the left of a settings page (above the content on a phone).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nav {
    /// What the navigation is of, such as the organization's name; read out by screen readers.
    pub label: String,
    /// The pages, in order.
    pub items: Vec<NavItem>,
}

/// One page in a [`Nav`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// The page's name.
    pub label: String,
    /// The page's address.
    pub href: String,
    /// Whether it is the page being shown.
    pub current: bool,
    /// How many things wait there; nothing is drawn for `None` and for 0.
    pub count: Option<u32>,
}

impl Nav {
    /// An empty navigation.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            items: Vec::new(),
        }
    }

    /// Adds a page; `current` is the address of the page being shown.
    #[must_use]
    pub fn item(
        mut self,
        label: impl Into<String>,
        href: impl Into<String>,
        current: &str,
    ) -> Self {
        let href = href.into();
        self.items.push(NavItem {
            label: label.into(),
            current: href == current,
            href,
            count: None,
        });
        self
    }

    /// Puts a count beside the page added last.
    #[must_use]
    pub fn count(mut self, count: u32) -> Self {
        if let Some(last) = self.items.last_mut() {
            last.count = Some(count).filter(|count| *count > 0);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_grows_from_the_outside_in() {
        let chrome = Chrome::new("Pending requests")
            .crumb("Acme", "/acme")
            .here("Requests");
        assert_eq!(
            chrome.trail,
            [Crumb::link("Acme", "/acme"), Crumb::text("Requests")]
        );
    }

    #[test]
    fn an_avatar_shows_the_first_letter_in_upper_case() {
        assert_eq!(initial("olga"), "O");
        assert_eq!(initial(""), "?");
    }

    #[test]
    fn a_count_of_nothing_is_not_drawn() {
        let nav = Nav::new("Acme").item("Requests", "/r", "/r").count(0);
        assert_eq!(nav.items[0].count, None);
        assert!(nav.items[0].current);
    }
}
