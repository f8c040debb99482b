//! A policy in words: as questions with their answers, and as one sentence.

pub mod enterprise;
pub mod organization;

use crate::domain::policy::setting::{
    Access, Approval, EnterpriseAccess, EnterpriseApproval, Layer, Limit,
};
use crate::domain::token::TokenKind;
use crate::web::filters::counted;

/// One value of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name of its field.
    pub field: &'static str,
    /// The question.
    pub legend: String,
    /// What is in force, in a word or two.
    pub in_force: String,
    /// Who set that.
    pub source: String,
    /// Who fixes it: the enterprise's name; empty where whoever asks decides.
    pub fixed_by: String,
    /// The answers.
    pub choices: Vec<Choice>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its word in the form.
    pub value: &'static str,
    /// What it says.
    pub label: String,
    /// What follows from it.
    pub consequence: String,
}

impl Choice {
    fn new(value: &'static str, label: impl Into<String>, consequence: impl Into<String>) -> Self {
        Self {
            value,
            label: label.into(),
            consequence: consequence.into(),
        }
    }
}

/// A policy in one sentence without its end.
pub fn sentence(kind: TokenKind, layer: Layer) -> String {
    let is_fine = kind == TokenKind::FineGrained;
    let (access, approval) = match layer {
        Layer::Organization(layer) => (
            match layer.access {
                Access::Allow => "tokens reach it",
                Access::Restrict => "tokens do not reach it",
            },
            match layer.approval {
                Approval::Required => "an owner approves them first",
                Approval::NotRequired => "members' tokens need no approval",
            },
        ),
        Layer::Enterprise(layer) => (
            match layer.access {
                EnterpriseAccess::Delegate => "each organization says whether tokens reach it",
                EnterpriseAccess::Allow => "tokens reach every organization",
                EnterpriseAccess::Restrict => "tokens reach no organization",
            },
            match layer.approval {
                EnterpriseApproval::Delegate if layer.access == EnterpriseAccess::Delegate => {
                    "and whether an owner approves them first"
                }
                EnterpriseApproval::Delegate => {
                    "each organization says whether an owner approves them first"
                }
                EnterpriseApproval::Require => "an owner approves them first everywhere",
                EnterpriseApproval::Disable => "members' tokens need no approval anywhere",
            },
        ),
    };
    let (_, _, lifetime, exempts) = layer.values();
    let life = match lifetime {
        Limit::Days(days) => format!("live at most {}", counted(i64::from(days), "day", "days")),
        Limit::Unlimited => "live as long as their users like".to_owned(),
    };
    let approval = if is_fine {
        format!(", {approval}")
    } else {
        String::new()
    };
    let spared = if exempts {
        ", administrators exempt"
    } else {
        ""
    };
    format!("{access}{approval}, and they {life}{spared}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::{EnterpriseLayer, OrganizationLayer};

    #[test]
    fn a_policy_fits_one_sentence() {
        let (fine, classic) = (TokenKind::FineGrained, TokenKind::Classic);
        let own = |kind| sentence(kind, OrganizationLayer::default_for(kind).into());
        assert_eq!(
            own(fine),
            "tokens reach it, an owner approves them first, and they live at most 366 days"
        );
        assert_eq!(
            own(classic),
            "tokens reach it, and they live as long as their users like"
        );
        let above = EnterpriseLayer {
            access: EnterpriseAccess::Restrict,
            approval: EnterpriseApproval::Require,
            lifetime: Limit::Days(1),
            exempts_administrators: true,
        };
        assert_eq!(
            sentence(fine, above.into()),
            "tokens reach no organization, an owner approves them first everywhere, and they live at most 1 day, \
             administrators exempt"
        );
    }
}
