//! Lists that a visitor takes away as a file: CSV or JSON, written a batch at a time, so that a list of any length needs
//! the memory of one batch.

mod sheet;

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};

use super::error::PageResult;
use crate::domain::time::Timestamp;
use crate::store;

pub use sheet::{Cell, Format, Sheet};

/// What a file is called and what its columns are.
#[derive(Debug, Clone)]
pub struct Download {
    /// The beginning of its name; the day and the ending follow.
    pub name: String,
    /// In which form.
    pub format: Format,
    /// The column heads, which are also the names in JSON.
    pub heads: &'static [&'static str],
}

impl Download {
    /// Answers with the file. The first batch is waited for, so that a database that is away answers as on any page; when
    /// it goes away later, the answer breaks off, so that nobody takes a part for the whole.
    ///
    /// Batches come from [`stream::try_unfold`], or from [`stream::once`] for a list that is short by nature.
    pub async fn send<S>(self, now: Timestamp, batches: S) -> PageResult
    where
        S: Stream<Item = store::Result<Vec<Vec<Cell>>>> + Send + 'static,
    {
        let mut batches = Box::pin(batches);
        let first = batches.next().await.transpose()?;
        let headers = [
            (CONTENT_TYPE, self.format.content_type().to_owned()),
            (CONTENT_DISPOSITION, self.disposition(now)),
        ];
        let sheet = Sheet::new(self.format, self.heads);
        let rest = stream::iter(first.map(Ok)).chain(batches);
        Ok((headers, Body::from_stream(written(sheet, rest))).into_response())
    }

    fn disposition(&self, now: Timestamp) -> String {
        let (name, day) = (&self.name, now.date());
        format!(
            "attachment; filename=\"{name}-{day}.{}\"",
            self.format.extension()
        )
    }
}

/// The sheet as pieces of a body: its begin, its batches, its end.
fn written<S>(sheet: Sheet, batches: S) -> impl Stream<Item = store::Result<Bytes>> + Send
where
    S: Stream<Item = store::Result<Vec<Vec<Cell>>>> + Send + Unpin,
{
    let begin = Bytes::from(sheet.begin());
    let body = stream::try_unfold(Some((sheet, batches)), async |state| {
        let Some((mut sheet, mut batches)) = state else {
            return Ok(None);
        };
        match batches.next().await {
            Some(Ok(rows)) => Ok(Some((sheet.batch(&rows).into(), Some((sheet, batches))))),
            Some(Err(cause)) => {
                tracing::error!(%cause, "a download broke off");
                Err(cause)
            }
            None => Ok(Some((sheet.end().into(), None))),
        }
    });
    stream::once(async { Ok(begin) }).chain(body)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::store::StoreError;

    fn download(format: Format) -> Download {
        Download {
            name: "globex-tokens".to_owned(),
            format,
            heads: &["n"],
        }
    }

    /// 21 Nov 2026.
    fn now() -> Timestamp {
        Timestamp::parse_rfc3339("2026-11-21T23:59:00Z").expect("a moment")
    }

    /// Two batches of two, then the end.
    fn counting() -> impl Stream<Item = store::Result<Vec<Vec<Cell>>>> + Send {
        stream::try_unfold(0, async |from: i64| {
            let rows = vec![vec![from.into()], vec![(from + 1).into()]];
            Ok((from < 4).then_some((rows, from + 2)))
        })
    }

    #[tokio::test]
    async fn a_file_holds_every_batch_under_a_dated_name() {
        let answer = download(Format::Csv).send(now(), counting()).await;
        let answer = answer.expect("the first batch came");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            answer.headers()[CONTENT_DISPOSITION],
            "attachment; filename=\"globex-tokens-2026-11-21.csv\""
        );
        let body = answer.into_body().collect().await.expect("all of it");
        assert_eq!(body.to_bytes(), "n\r\n0\r\n1\r\n2\r\n3\r\n");
    }

    #[tokio::test]
    async fn an_empty_list_is_a_whole_file() {
        let answer = download(Format::Json).send(now(), stream::empty()).await;
        let body = answer.expect("nothing can fail").into_body();
        let body = body.collect().await.expect("all of it");
        assert_eq!(body.to_bytes(), "[]\n");
    }

    #[tokio::test]
    async fn a_failure_at_the_start_is_told_as_on_any_page() {
        let failing = stream::once(async { Err(StoreError::PoolClosed) });
        assert!(download(Format::Csv).send(now(), failing).await.is_err());
    }

    #[tokio::test]
    async fn a_failure_later_breaks_the_file_off() {
        let failing = counting().chain(stream::once(async { Err(StoreError::PoolClosed) }));
        let answer = download(Format::Csv).send(now(), failing).await;
        let body = answer.expect("the first batch came").into_body();
        assert!(body.collect().await.is_err());
    }
}
