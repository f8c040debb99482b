//! The log leaves for collectors and files: at least once, in order, and never to an address of our own.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use grantry::background::anchor::{self, Places};
use grantry::background::stream::{Receiver, step};
use grantry::courier::{Courier, signature};
use grantry::domain::audit::seal::Seal;
use grantry::store::{audit_chain, audit_streams};
use serde_json::Value;
use url::Url;

use crate::world::World;

/// A collector that keeps what it gets, and refuses while it is told to.
#[derive(Debug, Clone, Default)]
struct Collector {
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Collector {
    async fn start() -> (Self, Url) {
        let collector = Self::default();
        let router = Router::new()
            .route(
                "/collect",
                post(
                    async |State(collector): State<Self>, headers: HeaderMap, body: Bytes| {
                        collector.take(headers, body)
                    },
                ),
            )
            .with_state(collector.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let url = format!("http://127.0.0.1:{port}/collect");
        (collector, Url::parse(&url).expect("an address"))
    }

    fn will_answer(&self, statuses: &[u16]) {
        self.answers
            .lock()
            .expect("nobody panicked")
            .extend(statuses);
    }

    fn take(&self, headers: HeaderMap, body: Bytes) -> StatusCode {
        let mut answers = self.answers.lock().expect("nobody panicked");
        let status = if answers.is_empty() {
            204
        } else {
            answers.remove(0)
        };
        if status < 300 {
            let mut got = self.got.lock().expect("nobody panicked");
            got.push((headers, body));
        }
        StatusCode::from_u16(status).expect("a status")
    }

    fn first(&self) -> (HeaderMap, Bytes) {
        let got = self.got.lock().expect("nobody panicked");
        got[0].clone()
    }

    fn ids(&self) -> Vec<String> {
        let got = self.got.lock().expect("nobody panicked");
        let texts = got
            .iter()
            .map(|(_, body)| String::from_utf8_lossy(body).into_owned());
        texts.flat_map(|text| ids(&text)).collect()
    }
}

fn ids(lines: &str) -> Vec<String> {
    let id = |line: &str| {
        let entry: Value = serde_json::from_str(line).expect("a line is an object");
        entry["_document_id"]
            .as_str()
            .expect("it has an id")
            .to_owned()
    };
    lines.lines().map(id).collect()
}

async fn give_on(world: &World, receiver: &Receiver) -> Result<usize, String> {
    let mut all = 0;
    loop {
        let given = step(&world.context.store, world.clock.as_ref(), receiver).await;
        match given.map_err(|error| error.to_string())? {
            0 => return Ok(all),
            some => all += some,
        }
    }
}

async fn history(world: &World) -> String {
    let minted = world.approved("issues", "read").await;
    let secret = minted.secret.reveal().to_owned();
    world.answer(&secret, "GET", "/repos/acme/web/issues").await;
    secret
}

on_every_database! {
    async fn a_file_gets_every_entry_once_and_in_order(world: &World) {
        let secret = history(world).await;
        let path = world.folder().join("stream.jsonl");
        let receiver = Receiver::File(path.clone());
        let first = give_on(world, &receiver).await.expect("it is taken");
        assert!(first >= 4);
        world.answer(&secret, "GET", "/repos/acme/web/issues").await;
        assert_eq!(give_on(world, &receiver).await, Ok(1));
        let text = std::fs::read_to_string(&path).expect("it is there");
        let ids = ids(&text);
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), unique.len()), (first + 1, first + 1));
        assert!(!text.contains(&secret), "no secret leaves");
        let stream = audit_streams::find_or_begin(&mut world.reader(), "file").await.expect("it is read");
        let head = audit_chain::head(&mut world.reader()).await.expect("it is read");
        assert_eq!((stream.waiting(&head), stream.sent_at), (0, world.clock_now()));
    }

    async fn a_collector_that_fails_gets_it_again_and_nothing_is_lost(world: &World) {
        history(world).await;
        let (collector, url) = Collector::start().await;
        let courier = Courier::new(true).expect("a client");
        let receiver = Receiver::Url { url, secret: "hush".to_owned(), courier };
        collector.will_answer(&[500, 302]);
        for status in ["500", "302"] {
            let refused = give_on(world, &receiver).await.expect_err("it was not taken");
            assert!(refused.contains(status), "{refused}");
        }
        let stream = audit_streams::find_or_begin(&mut world.reader(), "url").await.expect("it is read");
        assert_eq!((stream.failures, stream.event_seq), (2, 0));
        assert!(stream.problem.contains("302"), "{}", stream.problem);
        let given = give_on(world, &receiver).await.expect("it is taken");
        assert_eq!(collector.ids().len(), given);
        let (headers, body) = collector.first();
        let signed = headers["x-hub-signature-256"].to_str().expect("ASCII");
        assert_eq!(signed, signature(b"hush", &body));
        let stream = audit_streams::find_or_begin(&mut world.reader(), "url").await.expect("it is read");
        assert_eq!((stream.failures, stream.problem.as_str()), (0, ""));
    }

    async fn an_address_of_this_machine_is_refused_unless_it_is_allowed(world: &World) {
        history(world).await;
        let (collector, url) = Collector::start().await;
        let courier = Courier::new(false).expect("a client");
        let receiver = Receiver::Url { url, secret: String::new(), courier };
        let refused = give_on(world, &receiver).await.expect_err("it is not called");
        assert!(refused.contains("this machine"), "{refused}");
        assert_eq!(collector.ids().len(), 0);
    }

    async fn a_seal_is_put_where_the_database_cannot_reach(world: &World) {
        history(world).await;
        let (collector, url) = Collector::start().await;
        let file = world.folder().join("anchors.jsonl");
        let places = Places { data_dir: world.folder().to_owned(), file: Some(file.clone()), url: Some(url) };
        let courier = Courier::new(true).expect("a client");
        let head = audit_chain::head(&mut world.reader()).await.expect("it is read");
        let seal = world.app.audit_key.seal(head, world.clock_now());
        for _ in 0..2 {
            assert!(anchor::publish(&seal, &places, &courier).await);
        }
        let kept = std::fs::read_to_string(anchor::head_file(world.folder())).expect("it is there");
        assert_eq!(Seal::parse(&kept), Some(seal.clone()));
        let anchors = std::fs::read_to_string(file).expect("it is there");
        assert_eq!(anchors.lines().count(), 2);
        let sent = String::from_utf8_lossy(&collector.first().1).into_owned();
        assert!(Seal::parse(&sent).is_some_and(|sent| world.app.audit_key.made(&sent)));
    }
}
