//! Completing a visit: the visit, its appointment, the charges and the usage in one transaction, once (API.md, rule 5).

use clinichub_core::{AppError, CptId, Result, VisitId};
use clinichub_db::TenantTx;

use super::model::{Visit, VisitStatus};
use super::service::{noted, require, require_locked, whole};
use super::store;
use crate::usage::{self, Use};
use crate::{App, scheduling};

type Access = clinichub_api::Access<App>;

/// A completed visit and what its appointment is charged with.
#[derive(Debug, Clone, PartialEq)]
pub struct Completed {
    pub visit: Visit,
    /// The first is the one the appointment is billed under.
    pub cpt_ids: Vec<CptId>,
}

/// Completes a visit. Of many who try at once one succeeds; the others are told that it is completed.
pub async fn complete(access: &Access, id: VisitId) -> Result<Completed> {
    access
        .app
        .db
        .write(&access.grant, id, async |mut tx: TenantTx, id: VisitId| {
            let appointment = require(&mut tx, id).await?.appointment_id;
            // Changes of the appointment lock its provider first; whoever comes second reads what the first one made of the visit.
            scheduling::lock_for_visit(&mut tx, appointment).await?;
            let row = require_locked(&mut tx, id).await?;
            if row.status == VisitStatus::Completed {
                return Err(completed_already());
            }
            row.require_read_by(tx.grant())?;
            if store::complete(&mut tx, id, row.version).await? == 0 {
                return Err(AppError::Stale);
            }
            let performed = store::list_performed(&mut tx, id).await?;
            let cpt_ids = scheduling::complete_visited(&mut tx, appointment, &performed).await?;
            usage::record(&mut tx, Use::Visit(id)).await?;
            let row = require(&mut tx, id).await?;
            noted(&mut tx, &row, "visit.completed").await?;
            Ok(Completed { visit: whole(&mut tx, row).await?, cpt_ids })
        })
        .await
}

fn completed_already() -> AppError {
    AppError::conflict("The visit is completed already")
}
