//! Beginnings of notes: the clinic's own, and those of each who writes. All SQL of them is here, too: there is little.

use clinichub_api::{check_version, rules};
use clinichub_core::{AppError, Patch, Permission, Result, TrailEntry, UserId, UtcTime, VisitTemplateId};
use clinichub_db::{DbError, TenantTx, from_row, params, tenant_sql};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Notes, NotesChange};
use super::templates_api::{NewTemplate, TemplateUpdate};
use crate::App;

type Access = clinichub_api::Access<App>;

/// Characters of a name.
const MOST_NAME: usize = 100;
/// Templates that somebody sees at most.
const MOST_SHOWN: i64 = 500;

/// The beginning of a visit's notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitTemplate {
    pub template_id: VisitTemplateId,
    #[schema(example = "Check-up")]
    pub name: String,
    /// Whether the whole clinic has it.
    pub shared: bool,
    pub owner_user_id: Option<UserId>,
    pub subjective: Option<String>,
    pub objective: Option<String>,
    pub assessment: Option<String>,
    pub plan: Option<String>,
    pub updated_at: UtcTime,
    pub version: i64,
}

from_row!(VisitTemplate { template_id, name, shared, owner_user_id, subjective, objective, assessment, plan, updated_at, version });

impl VisitTemplate {
    fn notes(&self) -> Notes {
        Notes {
            subjective: self.subjective.clone(),
            objective: self.objective.clone(),
            assessment: self.assessment.clone(),
            plan: self.plan.clone(),
        }
    }

    fn with(self, name: String, notes: Notes) -> Self {
        let Notes { subjective, objective, assessment, plan } = notes;
        Self { name, subjective, objective, assessment, plan, ..self }
    }
}

/// The clinic's templates and the own ones, by name.
pub async fn list(access: &Access) -> Result<Vec<VisitTemplate>> {
    access.app.db.read(&access.grant, (), async |mut tx: TenantTx, (): ()| Ok(all(&mut tx).await?)).await
}

/// Makes a template: one's own, or (with the permission for the clinic's settings) the clinic's.
pub async fn create(access: &Access, new: NewTemplate) -> Result<VisitTemplate> {
    check(Some(&new.name), &new.change())?;
    access
        .app
        .db
        .create(&access.grant, new, async |mut tx: TenantTx, new: NewTemplate| {
            require_right(&tx, new.shared)?;
            let owner = tx.grant().user_id().filter(|_| !new.shared);
            let (name, notes) = (new.name.trim().to_owned(), new.change().apply(Notes::default()));
            let id = insert(&mut tx, owner, &name, &notes).await?;
            tx.audit(about(id)).await?;
            find(&mut tx, id).await?.ok_or_else(|| AppError::internal("a template that was just stored is not there"))
        })
        .await
}

/// Changes a template that one may change.
pub async fn update(access: &Access, id: VisitTemplateId, update: TemplateUpdate) -> Result<VisitTemplate> {
    if update.name == Patch::Clear {
        return Err(AppError::missing("name"));
    }
    check(update.name.as_set(), &update.change())?;
    access
        .app
        .db
        .write(&access.grant, (id, update), async |mut tx: TenantTx, (id, update): (VisitTemplateId, TemplateUpdate)| {
            let before = open(&mut tx, id).await?;
            let notes = update.change().apply(before.notes());
            let name = update.name.as_set().map_or_else(|| before.name.clone(), |name| name.trim().to_owned());
            let after = before.with(name, notes);
            if store(&mut tx, &after).await? == 0 {
                return Err(AppError::Stale);
            }
            tx.audit(about(id)).await?;
            find(&mut tx, id).await?.ok_or(AppError::Stale)
        })
        .await
}

/// Takes a template away; notes that began with it stay.
pub async fn delete(access: &Access, id: VisitTemplateId) -> Result<()> {
    access
        .app
        .db
        .write(&access.grant, id, async |mut tx: TenantTx, id: VisitTemplateId| {
            open(&mut tx, id).await?;
            hide(&mut tx, id).await?;
            tx.audit(about(id)).await?;
            Ok(())
        })
        .await
}

fn check(name: Option<&String>, change: &NotesChange) -> Result<()> {
    let mut refused = Vec::new();
    if let Some(name) = name {
        rules::required_text(&mut refused, "name", name, MOST_NAME);
    }
    change.check(&mut refused);
    rules::verdict(refused)
}

/// The clinic's templates are for those who may change its settings, own ones for those who write in charts.
fn require_right(tx: &TenantTx, shared: bool) -> Result<()> {
    let (needs, sentence) = if shared {
        (Permission::ClinicSettings, "Templates of the whole clinic are for those who may change its settings")
    } else {
        (Permission::ChartWrite, "Templates are for those who write in charts")
    };
    if tx.grant().may(needs) { Ok(()) } else { Err(AppError::forbidden(sentence)) }
}

/// The template, if the caller may change it: another person's is not there.
async fn open(tx: &mut TenantTx, id: VisitTemplateId) -> Result<VisitTemplate> {
    let template = find(tx, id).await?.ok_or(AppError::NotFound("Template"))?;
    require_right(tx, template.shared)?;
    check_version(tx.grant(), template.version)?;
    Ok(template)
}

fn about(id: VisitTemplateId) -> TrailEntry {
    TrailEntry { resource: Some(("visit_template", id.0)), ..TrailEntry::default() }
}

async fn all(tx: &mut TenantTx) -> Result<Vec<VisitTemplate>, DbError> {
    let sql = tenant_sql!(
        "SELECT t.template_id, t.name, t.owner_user_id IS NULL AS shared, t.owner_user_id, t.subjective, t.objective, t.assessment, t.plan,
                t.updated_at, t.version
         FROM visit_templates t
         WHERE t.clinic_id = $1 AND (t.owner_user_id IS NULL OR t.owner_user_id = $2) AND t.deleted_at IS NULL
         ORDER BY t.name, t.template_id LIMIT $3"
    );
    let by = tx.grant().user_id();
    tx.all(sql, params![by, MOST_SHOWN]).await
}

async fn find(tx: &mut TenantTx, id: VisitTemplateId) -> Result<Option<VisitTemplate>, DbError> {
    let sql = tenant_sql!(
        "SELECT t.template_id, t.name, t.owner_user_id IS NULL AS shared, t.owner_user_id, t.subjective, t.objective, t.assessment, t.plan,
                t.updated_at, t.version
         FROM visit_templates t
         WHERE t.clinic_id = $1 AND t.template_id = $2 AND (t.owner_user_id IS NULL OR t.owner_user_id = $3) AND t.deleted_at IS NULL"
    );
    let by = tx.grant().user_id();
    tx.opt(sql, params![id, by]).await
}

async fn insert(tx: &mut TenantTx, owner: Option<UserId>, name: &str, notes: &Notes) -> Result<VisitTemplateId, DbError> {
    let sql = tenant_sql!(
        "INSERT INTO visit_templates (clinic_id, owner_user_id, name, subjective, objective, assessment, plan, created_at, updated_at,
             created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) RETURNING template_id"
    );
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.one(sql, params![owner, name, &notes.subjective, &notes.objective, &notes.assessment, &notes.plan, now, by]).await
}

async fn store(tx: &mut TenantTx, after: &VisitTemplate) -> Result<u64, DbError> {
    let sql = tenant_sql!(
        "UPDATE visit_templates SET name = $4, subjective = $5, objective = $6, assessment = $7, plan = $8, updated_at = $9,
             version = version + 1
         WHERE clinic_id = $1 AND template_id = $2 AND version = $3 AND deleted_at IS NULL"
    );
    let now = tx.now();
    let values =
        params![after.template_id, after.version, &after.name, &after.subjective, &after.objective, &after.assessment, &after.plan, now,];
    tx.exec(sql, values).await
}

async fn hide(tx: &mut TenantTx, id: VisitTemplateId) -> Result<u64, DbError> {
    let sql = tenant_sql!(
        "UPDATE visit_templates SET deleted_at = $3, updated_at = $3, version = version + 1
         WHERE clinic_id = $1 AND template_id = $2 AND deleted_at IS NULL"
    );
    let now = tx.now();
    tx.exec(sql, params![id, now]).await
}
