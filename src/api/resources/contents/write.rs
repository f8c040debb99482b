//! Creating, updating and deleting a file: each is a real commit of the token's user.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use super::LARGEST_FILE;
use crate::actions::write_file::{Wish, WriteFileError, Written, write_file};
use crate::api::body::{self, JsonBody};
use crate::api::call::{self, ApiCall};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::permit::Writing;
use crate::api::shapes::{Place, git_commit, written};
use crate::domain::access::decision::Workflows;
use crate::domain::audit::Origin;
use crate::domain::time::Timestamp;
use crate::domain::token::conditions::Branches;
use crate::git::commit::Ident;
use crate::git::error::GitError;
use crate::git::workflows::is_workflow;
use crate::store::accounts::{self, Account};

/// The largest body that is read: the largest file, encoded, with all that stands around it.
pub const LARGEST_BODY: usize = LARGEST_FILE as usize / 3 * 4 + body::LARGEST;

/// What error messages call it.
const RESOURCE: &str = "Commit";

/// The longest message, in characters.
const LONGEST_MESSAGE: usize = 65_536;

/// The longest name or address of a person, in characters.
const LONGEST_NAME: usize = 255;

/// Creates a file, or puts other bytes in its place.
pub(in crate::api) async fn put(call: ApiCall) -> ApiResult {
    let (admitted, mut body) = admit(&call).await?;
    let bytes = read_content(&mut body);
    body.require("content", bytes.is_some());
    let sha = body.text("sha", 64);
    let wish = read_wish(&call, body, &admitted, bytes, sha).await?;
    let done = write(&call, &admitted, &wish).await?;
    let status = if done.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let shown = shown(&call, &wish, &done.commit).await?;
    Ok(call::json(status, shown))
}

/// Deletes a file.
pub(in crate::api) async fn delete(call: ApiCall) -> ApiResult {
    let (admitted, mut body) = admit(&call).await?;
    let sha = body.text("sha", 64);
    body.require("sha", sha.is_some());
    let wish = read_wish(&call, body, &admitted, None, sha).await?;
    let done = write(&call, &admitted, &wish).await?;
    Ok(call::ok(shown(&call, &wish, &done.commit).await?))
}

/// A call of which the gate knows what it writes.
struct Admitted {
    origin: Origin,
    branch: String,
}

/// Tells the gate which branch and what sort of file the body writes, before anything else of it is looked at: a
/// refusal comes before any other answer, and each call is one decision in the log.
async fn admit(call: &ApiCall) -> ApiResult<(Admitted, JsonBody)> {
    let body = call.json(RESOURCE);
    let stated = body.as_ref().ok().and_then(|body| body.stated("branch"));
    let branch = match stated {
        Some(branch) => branch.to_owned(),
        None => call.git()?.default_branch().await?,
    };
    let writing = Writing {
        branches: Branches::Known(std::slice::from_ref(&branch)),
        ..unread(call.permit.parameter("path"))
    };
    let origin = call.permit.settle(&call.app, writing).await?;
    Ok((Admitted { origin, branch }, body?))
}

/// What is known of a write whose body was not read: the file, and no branch.
pub(in crate::api) fn unread(path: &str) -> Writing<'static> {
    let workflows = if is_workflow(path) {
        Workflows::Touched
    } else {
        Workflows::Untouched
    };
    Writing {
        branches: Branches::Unknown,
        workflows,
    }
}

/// The bytes under `content`: base64, in one line or in many.
fn read_content(body: &mut JsonBody) -> Option<Vec<u8>> {
    let mut text = body.text("content", usize::MAX)?;
    text.retain(|c| !c.is_ascii_whitespace());
    let Ok(bytes) = STANDARD.decode(text) else {
        let message = "`content` is not base64; encode the file's bytes with it";
        body.refuse("content", "invalid", message);
        return None;
    };
    if bytes.len() > LARGEST_FILE as usize {
        let message = format!(
            "`content` has {} bytes and {LARGEST_FILE} fit; push larger files with git",
            bytes.len()
        );
        body.refuse("content", "invalid", message);
        return None;
    }
    Some(bytes)
}

/// Reads what creating, updating and deleting have in common.
async fn read_wish(
    call: &ApiCall,
    mut body: JsonBody,
    admitted: &Admitted,
    bytes: Option<Vec<u8>>,
    sha: Option<String>,
) -> ApiResult<Wish> {
    let message = read_message(&mut body);
    // Its value was read when the call was admitted; here only a value that is no string is refused.
    body.text("branch", LONGEST_NAME);
    let now = call.app.context.clock.now().to_utc();
    let committer = read_person(&mut body, "committer", now);
    let author = read_person(&mut body, "author", now);
    body.finish()?;
    let user = accounts::find(&mut call.db(), call.permit.user()?).await?;
    let user = user.ok_or_else(ApiError::not_found)?;
    let committer = committer.unwrap_or_else(|| ident(&user, &call.app.config.base_url, now));
    Ok(Wish {
        branch: admitted.branch.clone(),
        path: call.permit.parameter("path").to_owned(),
        bytes,
        sha,
        message,
        author: author.unwrap_or_else(|| committer.clone()),
        committer,
    })
}

fn read_message(body: &mut JsonBody) -> String {
    let message = body.text("message", LONGEST_MESSAGE);
    let message = message.filter(|text| !text.trim().is_empty());
    body.require("message", message.is_some());
    message.unwrap_or_default()
}

/// The person under `author` or `committer`, if the body states one.
fn read_person(body: &mut JsonBody, field: &str, now: DateTime<Utc>) -> Option<Ident> {
    let mut person = body.object(field)?;
    let name = person.text("name", LONGEST_NAME);
    person.require("name", name.is_some());
    if name.as_ref().is_some_and(|name| !Ident::is_name(name)) {
        person.refuse(
            "name",
            "invalid",
            "git takes no such name; write a name on one line",
        );
    }
    let email = person.text("email", LONGEST_NAME);
    person.require("email", email.is_some());
    if email.as_ref().is_some_and(|email| !Ident::is_email(email)) {
        person.refuse(
            "email",
            "invalid",
            "this is no mail address; write it like `ana@example.com`",
        );
    }
    let date = person.text("date", LONGEST_NAME);
    let at = match date.as_deref().map(Timestamp::parse_rfc3339) {
        None => now,
        Some(Some(at)) if at.as_micros() >= 0 => at.to_utc(),
        Some(_) => {
            person.refuse(
                "date",
                "invalid",
                "this is no moment since 1970; write it like `2026-12-20T10:00:00Z`",
            );
            now
        }
    };
    body.absorb(person);
    Some(Ident {
        name: name?,
        email: email?,
        at,
    })
}

/// The token's user as a commit names them. Mail addresses are nobody's business, so the commit carries one that leads
/// to the account and to no mailbox; who wants their own in it states it.
fn ident(user: &Account, base_url: &str, at: DateTime<Utc>) -> Ident {
    let host = Url::parse(base_url).ok();
    let host = host.as_ref().and_then(Url::host_str).unwrap_or("localhost");
    let name = Some(&user.name).filter(|name| Ident::is_name(name));
    Ident {
        name: name.unwrap_or(&user.login).clone(),
        email: format!("{}+{}@users.noreply.{host}", user.id, user.login),
        at,
    }
}

async fn write(call: &ApiCall, admitted: &Admitted, wish: &Wish) -> ApiResult<Written> {
    let (context, repository, git) = (&call.app.context, call.repository()?, call.git()?);
    let written = write_file(context, &admitted.origin, &repository, &git, wish).await;
    written.map_err(|error| refusal(call, error))
}

fn refusal(call: &ApiCall, error: WriteFileError) -> ApiError {
    let at_path = |message: String| ApiError::invalid(RESOURCE, "path", message);
    match error {
        WriteFileError::NoBranch(branch) => ApiError::Missing(format!("Branch {branch} not found")),
        WriteFileError::NoFile(_) => ApiError::not_found(),
        WriteFileError::Changed(text) => ApiError::Conflict(text),
        WriteFileError::NotAFile(text) | WriteFileError::Git(GitError::Unwritable(text)) => {
            at_path(text)
        }
        WriteFileError::Busy => ApiError::Conflict(format!(
            "{} is written to so fast that this commit found no place; nothing was changed. Try again.",
            call.permit.parameter("repo")
        )),
        WriteFileError::Git(error) => error.into(),
        WriteFileError::Store(error) => error.into(),
    }
}

/// *File Commit*: the file as it stands now, and the commit.
async fn shown(call: &ApiCall, wish: &Wish, commit: &str) -> ApiResult<Value> {
    let git = call.git()?;
    let full_name = call.repository()?.full_name();
    let entry = git.find_entry(commit, &wish.path).await?;
    let made = git.find_commit(commit).await?;
    let place = Place {
        full_name: &full_name,
        path: &wish.path,
        reference: &wish.branch,
    };
    Ok(json!({
        "content": entry.map(|entry| written(call.links(), place, &entry)),
        "commit": git_commit(call.links(), &full_name, &made),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(value: &Value) -> JsonBody {
        JsonBody::read(RESOURCE, value.to_string().as_bytes()).expect("an object")
    }

    #[test]
    fn content_comes_in_one_line_or_in_many() {
        for (text, bytes) in [("YWJj", &b"abc"[..]), ("YW\nJj\r\n", b"abc"), ("", b"")] {
            let mut body = body(&json!({ "content": text }));
            assert_eq!(read_content(&mut body).as_deref(), Some(bytes), "{text:?}");
        }
        for text in [json!("YWJ"), json!("a b!"), json!(3), json!(["YWJj"])] {
            let mut body = body(&json!({ "content": text }));
            assert_eq!(read_content(&mut body), None, "{text:?}");
            assert!(body.finish().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_person_has_a_name_an_address_and_perhaps_a_date() {
        let now = DateTime::UNIX_EPOCH;
        let mut stated = body(
            &json!({"author": {"name": "Ana", "email": "a@b.test", "date": "2026-01-02T03:04:05Z"}}),
        );
        let ana = read_person(&mut stated, "author", now).expect("it is stated");
        assert_eq!(
            (ana.name.as_str(), ana.at.timestamp()),
            ("Ana", 1_767_323_045)
        );
        assert!(read_person(&mut stated, "committer", now).is_none());
        assert!(stated.finish().is_ok());
        for person in [
            json!({}),
            json!({"name": "Ana"}),
            json!({"name": "<>", "email": "a@b"}),
            json!({"name": "Ana", "email": "a"}),
            json!({"name": "Ana", "email": "a@b", "date": "yesterday"}),
            json!({"name": "Ana", "email": "a@b", "date": "1960-01-02T03:04:05Z"}),
            json!("Ana"),
        ] {
            let mut body = body(&json!({ "author": person }));
            read_person(&mut body, "author", now);
            assert!(body.finish().is_err(), "{person}");
        }
    }
}
