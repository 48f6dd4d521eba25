//! What leaves the house to reach a person: mail. It is sent by a job, never by a request, so that a slow mail server slows
//! nobody. Nothing about anybody's health is in a mail, and no address is in a log.

mod mail;

use clinichub_jobs::{JobContext, JobError, RunnerBuilder};

pub use mail::{Mail, Mailer};

use crate::App;

/// The kind of job that sends a [`Mail`]; its payload is the mail.
pub const SEND_MAIL: &str = "mail.send";

/// Adds this slice's jobs.
pub fn with_jobs(app: &App, builder: RunnerBuilder) -> RunnerBuilder {
    let app = app.clone();
    builder.job(SEND_MAIL, move |job| {
        let app = app.clone();
        async move { send_mail(&app, &job).await }
    })
}

/// Does a [`SEND_MAIL`] job. Run twice it sends the same mail, with the same id.
pub async fn send_mail(app: &App, job: &JobContext) -> Result<(), JobError> {
    let mail: Mail = job.payload()?;
    app.mailer.send(&mail, &format!("job-{}", job.job_id), app.clock.now()).await
}
