//! *Content*: a file, a folder, a link or a submodule.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Links;
use crate::git::contents::{Contents, Entry, EntryKind, File};

/// Characters in a line of the encoded content, as published answers break it.
const LINE: usize = 60;

/// Where contents stand.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The repository, `owner/name`.
    pub full_name: &'a str,
    /// The path, empty for the root.
    pub path: &'a str,
    /// The branch, tag or commit.
    pub reference: &'a str,
}

/// A file that was just written, without its content: who wrote it knows that.
pub fn written(links: Links<'_>, place: Place<'_>, entry: &Entry) -> Value {
    item(links, place, entry)
}

/// *Content File*, *Content Directory*, *Content Symlink* or *Content Submodule*.
pub fn contents(links: Links<'_>, place: Place<'_>, contents: &Contents) -> Value {
    match contents {
        Contents::Directory(entries) => {
            let children = entries.iter().map(|entry| {
                let path = child(place.path, &entry.name);
                item(
                    links,
                    Place {
                        path: &path,
                        ..place
                    },
                    entry,
                )
            });
            children.collect()
        }
        Contents::File(file) => with_bytes(item(links, place, &file.entry), file),
        Contents::Symlink(link) => {
            let mut whole = item(links, place, &link.entry);
            whole["target"] = String::from_utf8_lossy(&link.bytes).into();
            whole
        }
        Contents::Submodule(entry) => {
            let mut whole = item(links, place, entry);
            whole["type"] = "submodule".into();
            whole["submodule_git_url"] = Value::Null;
            whole
        }
    }
}

fn child(folder: &str, name: &str) -> String {
    let folder = folder.trim_end_matches('/');
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

fn with_bytes(mut item: Value, file: &File) -> Value {
    item["encoding"] = "base64".into();
    item["content"] = wrapped(&STANDARD.encode(&file.bytes)).into();
    item
}

fn wrapped(encoded: &str) -> String {
    let mut text = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    for line in encoded.as_bytes().chunks(LINE) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text
}

/// What every entry has. In a folder's list a submodule counts as a file, as published.
fn item(links: Links<'_>, place: Place<'_>, entry: &Entry) -> Value {
    let (kind, objects) = match entry.kind {
        EntryKind::File | EntryKind::Submodule => ("file", "blobs"),
        EntryKind::Directory => ("dir", "trees"),
        EntryKind::Symlink => ("symlink", "blobs"),
    };
    let Place {
        full_name,
        path,
        reference,
    } = place;
    let address = links.api(&format!(
        "/repos/{full_name}/contents/{}?ref={}",
        Links::encoded(path),
        Links::encoded(reference)
    ));
    let object = (entry.kind != EntryKind::Submodule)
        .then(|| links.api(&format!("/repos/{full_name}/git/{objects}/{}", entry.id)));
    json!({
        "type": kind,
        "size": entry.size,
        "name": entry.name,
        "path": path,
        "sha": entry.id,
        "url": address,
        "git_url": object,
        "html_url": null,
        "download_url": null,
        "_links": { "self": address, "git": object, "html": null },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: EntryKind) -> Entry {
        Entry {
            name: "x".to_owned(),
            kind,
            id: "abc".to_owned(),
            size: 3,
        }
    }

    const PLACE: Place<'_> = Place {
        full_name: "acme/web",
        path: "src/x",
        reference: "main",
    };

    #[test]
    fn each_kind_has_its_published_form() {
        let links = Links::new("https://g.test");
        let file = File {
            entry: entry(EntryKind::File),
            bytes: b"abc".to_vec(),
        };
        let shown = contents(links, PLACE, &Contents::File(file.clone()));
        assert_eq!(
            (&shown["type"], &shown["content"]),
            (&"file".into(), &"YWJj\n".into())
        );
        let shown = contents(
            links,
            PLACE,
            &Contents::Symlink(File {
                entry: entry(EntryKind::Symlink),
                ..file
            }),
        );
        assert_eq!(
            (&shown["type"], &shown["target"]),
            (&"symlink".into(), &"abc".into())
        );
        let shown = contents(
            links,
            PLACE,
            &Contents::Submodule(entry(EntryKind::Submodule)),
        );
        assert_eq!(
            (&shown["type"], &shown["git_url"]),
            (&"submodule".into(), &Value::Null)
        );
        let shown = contents(
            links,
            PLACE,
            &Contents::Directory(vec![entry(EntryKind::Submodule)]),
        );
        assert_eq!(
            (&shown[0]["type"], &shown[0]["path"]),
            (&"file".into(), &"src/x/x".into())
        );
    }

    #[test]
    fn encoded_content_is_broken_into_lines() {
        assert_eq!(wrapped(&"a".repeat(61)), format!("{}\na\n", "a".repeat(60)));
        assert_eq!(wrapped(""), "");
    }
}
