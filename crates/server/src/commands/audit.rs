//! `clinichub audit verify`

use clinichub_app::audit;

use crate::boot;
use crate::config::Config;
use crate::failure::Failure;
use crate::terminal::say;

/// Checks the chain of the audit trail: nothing changed, removed or inserted.
pub async fn verify(config: &Config) -> Result<(), Failure> {
    boot::existing(config).await?;
    let db = boot::open_migrated(config).await?;
    let report = audit::verify_in(&db, &*boot::clock()).await?;
    db.close().await;
    for checked in &report.clinics {
        let whose = checked.clinic_id.map_or_else(|| "no clinic".to_owned(), |clinic| format!("clinic {clinic}"));
        say(format_args!("{whose}: {} events in {} seals, {} too new to be sealed", checked.events, checked.seals, checked.unsealed));
    }
    for finding in &report.findings {
        say(format_args!("✗ {finding}"));
    }
    if report.is_sound() {
        say("✓ nothing was changed, removed or inserted");
        return Ok(());
    }
    Err(Failure::findings(format!("{} places in the audit trail do not fit", report.findings.len())))
}
