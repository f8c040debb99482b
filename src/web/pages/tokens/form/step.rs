//! What a button of the form asks for.

use std::str::FromStr;

use super::preset::Preset;

/// What a button of the form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Show the sections of the chosen owners.
    Owners,
    /// Search repositories or permissions.
    Find,
    /// The live summary alone.
    Summary,
    /// Choose what a preset names.
    Preset(Preset),
    /// Check your answers.
    Check,
    /// Back from there.
    Edit,
    /// Make the token.
    Mint,
    /// Save the changes of an edit.
    Save,
}

impl FromStr for Step {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "owners" => Ok(Self::Owners),
            "find" => Ok(Self::Find),
            "summary" => Ok(Self::Summary),
            "check" => Ok(Self::Check),
            "edit" => Ok(Self::Edit),
            "mint" => Ok(Self::Mint),
            "save" => Ok(Self::Save),
            other => Preset::ALL
                .into_iter()
                .find(|preset| preset.step() == other)
                .map(Self::Preset)
                .ok_or(()),
        }
    }
}
