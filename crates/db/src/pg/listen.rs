//! Hearing what other nodes announce: a connection of its own that waits for PostgreSQL's notifications.

use std::pin::pin;

use futures_util::future::{Either, pending, select};
use futures_util::stream::poll_fn;
use futures_util::{Stream, StreamExt as _};
use tokio_postgres::{AsyncMessage, Error};

use super::{Pg, explain};
use crate::DbError;
use crate::hooks::{Heard, Hooks};

impl Pg {
    /// Listens until the connection is lost, and tells the listeners that it was.
    pub(crate) async fn hear(&self) -> Result<(), DbError> {
        let ended = self.hear_once().await;
        self.hooks.tell_all(Heard::Deaf);
        ended
    }

    async fn hear_once(&self) -> Result<(), DbError> {
        let (client, mut connection) = self.way.config.connect(self.way.tls.clone()).await.map_err(explain)?;
        let listen = self.hooks.channels().iter().map(|channel| format!("LISTEN {channel};")).collect::<Vec<_>>().concat();
        let mut messages = pin!(poll_fn(move |context| connection.poll_message(context)));
        attend(&self.hooks, &mut messages, client.batch_execute(&listen)).await?;
        self.hooks.tell_all(Heard::Listening);
        attend(&self.hooks, &mut messages, pending()).await
    }
}

/// Passes messages on until `work` on the same connection is done, or the connection is lost.
async fn attend(
    hooks: &Hooks,
    messages: &mut (impl Stream<Item = Result<AsyncMessage, Error>> + Unpin),
    work: impl Future<Output = Result<(), Error>>,
) -> Result<(), DbError> {
    let mut work = pin!(work);
    loop {
        match select(messages.next(), work.as_mut()).await {
            Either::Left((Some(message), _)) => pass_on(hooks, message.map_err(explain)?),
            Either::Left((None, _)) => return Err(DbError::Unavailable("the listening connection was closed".to_owned())),
            Either::Right((done, _)) => return done.map_err(explain),
        }
    }
}

fn pass_on(hooks: &Hooks, message: AsyncMessage) {
    if let AsyncMessage::Notification(notice) = message {
        hooks.notice(notice.channel(), notice.payload());
    }
}
