//! The decision about a call that nobody made, step by step, for the holder of a token: the same judgement, watched.

use super::resolve::{self, Resolved};
use super::{Call, Credential, Gate, Ruling, Unavailable, authenticate};
use crate::domain::access::decision::{self, Step, Trace};
use crate::domain::ids::TokenId;

/// A ruling, and what became of each step on the way to it.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The ruling, as the call would get it.
    pub ruling: Ruling,
    /// What became of each step.
    pub trace: Trace,
}

impl Gate {
    /// Explains what would become of a call with this token's current secret. It is no use of the token and is not
    /// recorded. None where the token has no secret any more.
    ///
    /// Like [`Gate::judge`], it judges again when memory drops something meanwhile.
    pub async fn explain(
        &self,
        token: TokenId,
        call: &Call<'_>,
    ) -> Result<Option<Explanation>, Unavailable> {
        loop {
            self.check_hearing()?;
            let epoch = self.memory.epoch();
            let Some(credential) = authenticate::by_token(self, token).await? else {
                return Ok(None);
            };
            let explanation = self.explain_once(credential, call).await?;
            if self.memory.epoch() == epoch {
                return Ok(Some(explanation));
            }
        }
    }

    async fn explain_once(
        &self,
        credential: Credential,
        call: &Call<'_>,
    ) -> Result<Explanation, Unavailable> {
        if let Some(refusal) = credential.refusal() {
            return Ok(Explanation {
                ruling: Ruling::refused(refusal, credential),
                trace: Trace::refused_at(Step::Credential),
            });
        }
        let token = credential.snapshot().map(|snapshot| &snapshot.facts);
        let targets = resolve::targets(self, token.map(|token| token.user), call).await?;
        let borrowed: Vec<_> = targets.iter().map(Resolved::target).collect();
        let question = call.question(&borrowed, self.clock.now());
        let (decision, trace) = decision::trace(self.catalog, &question, token);
        drop(borrowed);
        let ruling = Ruling {
            decision,
            targets,
            credential,
        };
        Ok(Explanation { ruling, trace })
    }
}
