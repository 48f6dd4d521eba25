//! `clinichub openapi` and `clinichub access`: what the program says about itself, made from the routes that are really mounted.

use clinichub_api::RouteRow;
use clinichub_core::{Permission, Role};

use crate::boot::Opened;
use crate::failure::{Context, Failure};
use crate::serve::mounted;
use crate::terminal::say;

/// Prints the OpenAPI document.
pub async fn openapi() -> Result<(), Failure> {
    let opened = Opened::scratch().await?;
    let document = serde_json::to_string_pretty(&mounted(&opened.app).openapi).could_not(|| "write the document".to_owned())?;
    opened.close().await;
    say(document);
    Ok(())
}

/// Prints who may do what.
pub async fn access() -> Result<(), Failure> {
    let opened = Opened::scratch().await?;
    let rows = mounted(&opened.app).rows;
    opened.close().await;
    say(table(&rows).trim_end());
    Ok(())
}

/// The roles, in the order of the columns.
const ROLES: [Role; 7] = [Role::Admin, Role::Doctor, Role::Nurse, Role::Technician, Role::Receptionist, Role::Patient, Role::PlatformAdmin];

/// The page as Markdown.
pub fn table(rows: &[RouteRow]) -> String {
    let mut text = String::from(HEAD);
    for row in rows.iter().filter(|row| !row.is_alias) {
        if let Ok(permission) = row.needs {
            let roles: String = ROLES.iter().map(|role| if permission.default_for(*role) { " ✓ |" } else { " – |" }).collect();
            text.extend(["| ", &cells(row), " | ", permission.as_str(), " |", &roles, "\n"]);
        }
    }
    text.push_str(OPEN);
    for row in rows.iter().filter(|row| !row.is_alias) {
        if let Err(because) = row.needs {
            text.extend(["| ", &cells(row), " | ", because, " |\n"]);
        }
    }
    text.push_str(PERMISSIONS);
    for permission in Permission::ALL {
        let of_clinic = if permission.is_clinics_to_grant() { "yes" } else { "no" };
        text.extend(["| ", permission.as_str(), " | ", of_clinic, " |\n"]);
    }
    text
}

fn cells(row: &RouteRow) -> String {
    format!("{} | `{} {}`", row.operation_id, row.method, row.path)
}

const HEAD: &str = "# Who may do what

This page is printed by `clinichub access` from the routes that are mounted; don't edit it by hand.

Each operation needs one permission. A clinic's admin may change the table for the clinic, within the limits at the end. ✓ means that the
role has the permission; some operations then look at more: a patient reaches the own charts only, a status needs the permission of that
status, and another clinic's data is never found. An admin who can be booked as a doctor has the permissions of both columns.

## Operations

| operation | request | permission | admin | doctor | nurse | technician | receptionist | patient | platform admin |
|---|---|---|---|---|---|---|---|---|---|
";

const OPEN: &str = "
## Open to everyone

| operation | request | why |
|---|---|---|
";

const PERMISSIONS: &str = "
## Permissions

| permission | a clinic may change who has it |
|---|---|
";
