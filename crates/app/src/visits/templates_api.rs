//! What goes over the wire about templates of notes, and the handlers.

use clinichub_api::{Access, Body, Created, Done, Id, Read, Result, Versioned, Written, written_body};
use clinichub_core::{Patch, VisitTemplateId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::NotesChange;
use super::templates::{self, VisitTemplate};
use crate::App;

/// The beginning of notes, to be kept.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "name": "Check-up", "subjective": "No complaints.", "objective": "Heart: \nLungs: \nAbdomen: " }))]
pub struct NewTemplate {
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    pub name: String,
    /// Whether the whole clinic gets it; for those who may change the clinic's settings.
    #[serde(default)]
    pub shared: bool,
    #[schema(max_length = 20_000)]
    pub subjective: Option<String>,
    #[schema(max_length = 20_000)]
    pub objective: Option<String>,
    #[schema(max_length = 20_000)]
    pub assessment: Option<String>,
    #[schema(max_length = 20_000)]
    pub plan: Option<String>,
}

impl NewTemplate {
    /// Its notes, as a change of empty ones.
    pub fn change(&self) -> NotesChange {
        let set = |part: &Option<String>| part.clone().map_or(Patch::Keep, Patch::Set);
        NotesChange {
            subjective: set(&self.subjective),
            objective: set(&self.objective),
            assessment: set(&self.assessment),
            plan: set(&self.plan),
        }
    }
}

/// What changes of a template: an absent field stays, `null` clears it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "plan": "Come back in a year." }))]
pub struct TemplateUpdate {
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 100, pattern = "\\S")]
    pub name: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub subjective: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub objective: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub assessment: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub plan: Patch<String>,
}

impl TemplateUpdate {
    /// What changes of its notes.
    pub fn change(&self) -> NotesChange {
        NotesChange {
            subjective: self.subjective.clone(),
            objective: self.objective.clone(),
            assessment: self.assessment.clone(),
            plan: self.plan.clone(),
        }
    }
}

/// The clinic's templates and the own ones, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitTemplates {
    pub templates: Vec<VisitTemplate>,
}

written_body!(
    /// What a change of a template answers.
    TemplateWritten, template: VisitTemplate
);

impl Versioned for VisitTemplate {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
impl Versioned for VisitTemplates {}

/// Lists the clinic's templates of notes and the own ones.
#[utoipa::path(get, path = "/api/visit-templates", responses((status = 200, description = "The templates", body = VisitTemplates)))]
pub async fn list_visit_templates(access: Access<App>) -> Result<Read<VisitTemplates>> {
    Ok(Read(VisitTemplates { templates: templates::list(&access).await? }))
}

/// Keeps the beginning of notes, for oneself or for the clinic.
#[utoipa::path(post, path = "/api/visit-templates", request_body = NewTemplate, responses((status = 201, description = "Kept", body = TemplateWritten)))]
pub async fn create_visit_template(access: Access<App>, Body(new): Body<NewTemplate>) -> Result<Created<TemplateWritten>> {
    let template = templates::create(&access, new).await?;
    Ok(Created(TemplateWritten::new("Template created successfully", template)))
}

/// Changes a template.
#[utoipa::path(method(put, patch), path = "/api/visit-templates/{template_id}", params(("template_id" = VisitTemplateId, Path)),
    request_body = TemplateUpdate, responses((status = 200, description = "Changed", body = TemplateWritten)))]
pub async fn update_visit_template(
    access: Access<App>,
    Id(id): Id<VisitTemplateId>,
    Body(update): Body<TemplateUpdate>,
) -> Result<Written<TemplateWritten>> {
    let template = templates::update(&access, id, update).await?;
    Ok(Written(TemplateWritten::new("Template updated successfully", template)))
}

/// Takes a template away.
#[utoipa::path(delete, path = "/api/visit-templates/{template_id}", params(("template_id" = VisitTemplateId, Path)),
    responses((status = 200, description = "Deleted", body = Done)))]
pub async fn delete_visit_template(access: Access<App>, Id(id): Id<VisitTemplateId>) -> Result<Written<Done>> {
    templates::delete(&access, id).await?;
    Ok(Written(Done { message: "Template deleted successfully" }))
}
