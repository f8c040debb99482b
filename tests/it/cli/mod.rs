//! The command line, as a person or a script meets it: the real program on a folder of its own.

mod audit;
mod commands;
mod doctor;
mod serving;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const DIRECTORY: &str = "\
[[users]]
login = \"olga\"
[[users]]
login = \"ana\"
name = \"Ana Lima\"
[[organizations]]
login = \"acme\"
owners = [\"olga\"]
members = [\"ana\"]
[[repositories]]
owner = \"acme\"
name = \"web\"
[[repositories]]
owner = \"ana\"
name = \"lab\"
";

/// A folder with data of its own.
struct Place(TempDir);

/// What a command answered.
struct Answered {
    code: i32,
    out: String,
    err: String,
}

impl Place {
    fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    /// With olga, ana, acme/web and ana/lab in it.
    fn with_directory() -> Self {
        let place = Self::empty();
        place.write("directory.toml", DIRECTORY);
        let imported = place.run(&["import", "directory.toml"]);
        assert_eq!(imported.code, 0, "{}", imported.err);
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("the folder is writable");
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grantry"));
        command.current_dir(self.path()).args(words);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GRANTRY_") {
                command.env_remove(name);
            }
        }
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Answered {
        let output = self.command(words).output().expect("the program runs");
        Answered::of(&output)
    }

    /// A token of ana's for her own repository.
    fn token(&self) -> String {
        let words =
            "token create --user ana --name own --owner ana --repo lab --permission issues=read";
        let made = self.run(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(made.code, 0, "{}", made.err);
        made.out.trim().to_owned()
    }
}

impl Answered {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("answers are UTF-8");
        Self {
            code: output.status.code().expect("it ended by itself"),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// Was refused as bad input, with this in its sentence and nothing on stdout.
    #[track_caller]
    fn is_refused(&self, sentence: &str) {
        assert_eq!(self.code, 2, "{}{}", self.out, self.err);
        assert!(
            self.err.contains(sentence),
            "{sentence} is not in {}",
            self.err
        );
        assert_eq!(self.out, "");
    }
}
