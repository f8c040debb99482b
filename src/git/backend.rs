//! The bridge to `git http-backend`: one process per request, streamed both ways.
//!
//! Who may do what is decided before a request comes here, and for a push once more in its hook. The process
//! sees a cleared environment, no configuration but ours, and a query and path that we write ourselves.

use std::ffi::{OsStr, OsString};
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio_util::io::ReaderStream;
use tokio_util::task::AbortOnDropHandle;

use super::cgi::{CgiHead, read_head};
use super::command::{base_environment, configuration, read_complaint};
use super::hook::PROGRAM_VARIABLE;
use super::operation::GitOperation;
use super::receive::PushTicket;
use super::refusal::refusal_response;

/// How long git may take to begin its answer.
const HEAD_TIME: Duration = Duration::from_mins(1);

/// How this installation runs git's backend.
#[derive(Debug, Clone)]
pub struct GitBackend {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// `git-http-backend` itself: started through `git` it would be a grandchild that nobody ends.
    program: PathBuf,
    hooks: PathBuf,
    hook_program: PathBuf,
}

/// One request that may run.
#[derive(Debug)]
pub struct GitRequest {
    /// The bare repository.
    pub repository: PathBuf,
    /// What is asked.
    pub operation: GitOperation,
    /// The request's headers; only those that git reads are passed on.
    pub headers: HeaderMap,
    /// The login under which git writes its log of ref moves.
    pub remote_user: Option<String>,
    /// The client's address.
    pub remote_addr: Option<IpAddr>,
    /// What decides the push; a push without one is refused by its hook.
    pub push: Option<PushTicket>,
    /// The request's body.
    pub body: Body,
}

impl GitBackend {
    /// Finds git's backend; `hooks` holds the hook script, which runs `hook_program hook pre-receive`.
    pub fn find(hooks: impl Into<PathBuf>, hook_program: impl Into<PathBuf>) -> io::Result<Self> {
        let found = std::process::Command::new("git")
            .arg("--exec-path")
            .output()?;
        let folder = PathBuf::from(String::from_utf8_lossy(&found.stdout).trim());
        let program = folder.join("git-http-backend");
        if !program.is_file() {
            let message = format!(
                "`{}` is missing; install git with its HTTP backend",
                program.display()
            );
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        let shared = Shared {
            program,
            hooks: hooks.into(),
            hook_program: hook_program.into(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Runs one request; the answer streams while git works, and git ends when the answer is dropped.
    pub async fn serve(&self, request: GitRequest) -> Response {
        match self.try_serve(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(%error, "git could not serve a request");
                refusal_response(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the server could not run git; try again later",
                )
            }
        }
    }

    async fn try_serve(&self, request: GitRequest) -> io::Result<Response> {
        let mut child = self.command(&request)?.spawn()?;
        let stdin = child.stdin.take().expect("stdin is piped");
        let mut stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        tokio::spawn(log_complaint(stderr, request.repository.clone()));
        let feeding = AbortOnDropHandle::new(tokio::spawn(feed(request.body, stdin)));
        let head = tokio::time::timeout(HEAD_TIME, read_head(&mut stdout)).await??;
        if head.status.is_client_error() || head.status.is_server_error() {
            return Ok(backend_refusal(head.status));
        }
        let running = Running {
            _child: child,
            _feeding: feeding,
            _push: request.push,
        };
        Ok(stream_response(head, stdout, running))
    }

    fn command(&self, request: &GitRequest) -> io::Result<Command> {
        let mut command = Command::new(&self.shared.program);
        command
            .env_clear()
            .envs(base_environment())
            .envs(self.configuration(&request.repository));
        command
            .envs(request_variables(request)?)
            .env(PROGRAM_VARIABLE, &self.shared.hook_program);
        if let Some(push) = &request.push {
            command.envs(push.variables());
        }
        command.current_dir(&request.repository).kill_on_drop(true);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
    }

    fn configuration(&self, repository: &Path) -> Vec<(OsString, OsString)> {
        let text = OsStr::new;
        configuration(&[
            ("safe.directory", repository.as_os_str()),
            ("core.hooksPath", self.shared.hooks.as_os_str()),
            ("http.receivepack", text("true")),
            ("http.uploadpack", text("true")),
            ("http.getanyfile", text("false")),
            // Objects that would trick a checkout (`.git` as a file name, and the like) are not taken in.
            ("receive.fsckObjects", text("true")),
            ("receive.autogc", text("false")),
            ("uploadpack.allowFilter", text("true")),
        ])
    }
}

/// The CGI variables of a request.
fn request_variables(request: &GitRequest) -> io::Result<Vec<(&'static str, OsString)>> {
    let name = request
        .repository
        .file_name()
        .ok_or_else(|| io::Error::other("a repository needs a folder name"))?;
    let root = request.repository.parent().unwrap_or(Path::new("/"));
    let mut path_info = OsString::from("/");
    path_info.push(name);
    path_info.push(format!("/{}", request.operation.tail()));
    let mut variables = vec![
        ("GIT_HTTP_EXPORT_ALL", "1".into()),
        ("GIT_PROJECT_ROOT", root.into()),
        ("PATH_INFO", path_info),
        ("QUERY_STRING", request.operation.query().into()),
        ("REQUEST_METHOD", request.operation.method().into()),
        (
            "REMOTE_USER",
            request.remote_user.clone().unwrap_or_default().into(),
        ),
        (
            "REMOTE_ADDR",
            request
                .remote_addr
                .map(|address| address.to_string())
                .unwrap_or_default()
                .into(),
        ),
    ];
    variables.extend(passed_headers(&request.headers));
    Ok(variables)
}

/// The request headers that git's backend reads, under their CGI names.
fn passed_headers(headers: &HeaderMap) -> impl Iterator<Item = (&'static str, OsString)> {
    let names = [
        (CONTENT_TYPE.as_str(), "CONTENT_TYPE"),
        (CONTENT_LENGTH.as_str(), "CONTENT_LENGTH"),
        (CONTENT_ENCODING.as_str(), "HTTP_CONTENT_ENCODING"),
        ("git-protocol", "GIT_PROTOCOL"),
    ];
    names.into_iter().filter_map(|(header, variable)| {
        Some((variable, headers.get(header)?.to_str().ok()?.into()))
    })
}

/// What git's backend refuses by itself; its own words are for the log.
fn backend_refusal(status: StatusCode) -> Response {
    let sentence = match status {
        StatusCode::NOT_FOUND => "this repository has no data on the server; ask its administrator",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "this is no request of git's smart protocol",
        _ => "git could not serve this request",
    };
    refusal_response(status, sentence)
}

/// Copies the request's body to git; a client that goes away closes git's input, which ends it.
async fn feed(body: Body, stdin: ChildStdin) {
    let mut chunks = body.into_data_stream();
    let mut stdin = BufWriter::new(stdin);
    while let Some(Ok(chunk)) = chunks.next().await {
        if stdin.write_all(&chunk).await.is_err() {
            return;
        }
    }
    // Git closes its input early when it has read enough; its answer tells what happened.
    let _ = stdin.shutdown().await;
}

async fn log_complaint(stderr: ChildStderr, repository: PathBuf) {
    match read_complaint(stderr).await {
        Ok(complaint) if complaint.is_empty() => {}
        Ok(complaint) => {
            tracing::warn!(repository = %repository.display(), complaint, "git complained");
        }
        Err(error) => tracing::warn!(%error, "git's complaint could not be read"),
    }
}

/// What must live as long as the answer streams. Dropping it ends git, whose own children then find their
/// pipes closed.
struct Running {
    _child: Child,
    _feeding: AbortOnDropHandle<()>,
    _push: Option<PushTicket>,
}

/// The rest of git's answer, with the process that gives it.
struct Answer {
    begun: Option<Bytes>,
    rest: ReaderStream<ChildStdout>,
    _running: Running,
}

impl Stream for Answer {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.begun.take() {
            Some(begun) => Poll::Ready(Some(Ok(begun))),
            None => self.rest.poll_next_unpin(context),
        }
    }
}

fn stream_response(head: CgiHead, stdout: ChildStdout, running: Running) -> Response {
    let begun = Some(head.begun_body).filter(|bytes| !bytes.is_empty());
    let rest = ReaderStream::with_capacity(stdout, 32 * 1024);
    let mut response = Response::new(Body::from_stream(Answer {
        begun,
        rest,
        _running: running,
    }));
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    response
}
