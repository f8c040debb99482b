//! An authenticator in software. It refuses resident keys and names no user, so both are put right on the way: what the
//! server asked for is checked before, and a real browser does the whole in the browser tests.

use serde_json::{Value, json};
use webauthn_authenticator_rs::WebauthnAuthenticator;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;
use webauthn_rs::prelude::Url;

/// One authenticator, with the passkey that it made.
pub struct Authenticator {
    soft: SoftPasskey,
    id: Value,
    handle: Value,
}

impl Authenticator {
    pub fn new() -> Self {
        Self {
            soft: SoftPasskey::new(true),
            id: Value::Null,
            handle: Value::Null,
        }
    }

    /// Makes a passkey: the answer to a registration that has begun.
    pub fn register(&mut self, begun: &Value) -> String {
        let mut options = begun["publicKey"].clone();
        self.handle = options["user"]["id"].clone();
        let selection = &mut options["authenticatorSelection"];
        assert_eq!(selection["residentKey"], "required");
        assert_eq!(selection["requireResidentKey"], true);
        selection["requireResidentKey"] = json!(false);
        let options = serde_json::from_value(json!({ "publicKey": options })).expect("options");
        let made = self
            .soft
            .do_registration(origin(), options)
            .expect("the authenticator makes a passkey");
        let made = serde_json::to_value(made).expect("a credential is JSON");
        self.id = made["rawId"].clone();
        made.to_string()
    }

    /// Uses the passkey: the answer to a sign-in or a confirmation that has begun.
    pub fn answer(&mut self, begun: &Value) -> String {
        let mut options = begun["publicKey"].clone();
        options["allowCredentials"] = json!([{ "type": "public-key", "id": self.id }]);
        let options = serde_json::from_value(json!({ "publicKey": options })).expect("options");
        let proof = self
            .soft
            .do_authentication(origin(), options)
            .expect("the authenticator uses its passkey");
        let mut proof = serde_json::to_value(proof).expect("a credential is JSON");
        proof["response"]["userHandle"] = self.handle.clone();
        proof.to_string()
    }
}

fn origin() -> Url {
    Url::parse("http://localhost:8080").expect("an address")
}
