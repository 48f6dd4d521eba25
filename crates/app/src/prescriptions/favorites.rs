//! What a doctor prescribes often: each has the own ones, in each clinic.

use clinichub_api::{Access, Body, Created, Done, Id, Read, Result, Versioned, Written, rules, written_body};
use clinichub_core::{AppError, Currency, FavoriteId, TrailEntry, UserId};
use clinichub_db::TenantTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ItemBody;
use super::store;
use crate::{App, clinics};

/// Favourites of one doctor at most.
const MOST: i64 = 200;

/// A favourite to add.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "name": "Amoxicillin, a week", "item": { "drug": "Amoxicillin", "frequency_code": "TID", "duration_days": 7 } }))]
pub struct NewFavorite {
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    pub name: String,
    pub item: ItemBody,
}

/// An item that a doctor prescribes often.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Favorite {
    pub favorite_id: FavoriteId,
    #[schema(example = "Amoxicillin, a week")]
    pub name: String,
    /// As it goes into a prescription's `items`.
    pub item: ItemBody,
}

/// A doctor's favourites, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Favorites {
    pub favorites: Vec<Favorite>,
}

impl Versioned for Favorites {}
impl Versioned for Favorite {}

written_body!(
    /// What adding a favourite answers.
    FavoriteWritten, favorite: Favorite
);

impl NewFavorite {
    /// The same with a tidy name; what no prescription would take is refused.
    fn checked(self, currency: Currency) -> clinichub_core::Result<Self> {
        let mut refused = Vec::new();
        rules::required_text(&mut refused, "name", &self.name, 100);
        self.item.clone().into_item(&mut refused, "item.", currency);
        rules::verdict(refused)?;
        Ok(Self { name: self.name.trim().to_owned(), ..self })
    }
}

/// Lists what the doctor who asks prescribes often.
#[utoipa::path(get, path = "/api/prescription-favorites", tag = "Prescriptions", responses((status = 200, description = "The own favourites, by name", body = Favorites)))]
pub async fn list_prescription_favorites(access: Access<App>) -> Result<Read<Favorites>> {
    let list = async |mut tx: TenantTx, user: UserId| {
        let rows = store::list_favorites(&mut tx, user).await?;
        let favorite = |(favorite_id, name, item): (FavoriteId, String, String)| {
            let item = serde_json::from_str(&item).map_err(AppError::internal)?;
            Ok(Favorite { favorite_id, name, item })
        };
        rows.into_iter().map(favorite).collect::<clinichub_core::Result<Vec<_>>>()
    };
    Ok(Read(Favorites { favorites: access.app.db.read(&access.grant, whose(&access)?, list).await? }))
}

/// Adds a favourite.
#[utoipa::path(post, path = "/api/prescription-favorites", tag = "Prescriptions", request_body = NewFavorite,
    responses((status = 201, description = "Added", body = FavoriteWritten), (status = 409, description = "There is one of this name")))]
pub async fn create_prescription_favorite(access: Access<App>, Body(new): Body<NewFavorite>) -> Result<Created<FavoriteWritten>> {
    let favorite = access.app.db.create(&access.grant, (whose(&access)?, new), create).await?;
    Ok(Created(FavoriteWritten::new("Favorite created successfully", favorite)))
}

async fn create(mut tx: TenantTx, (user, new): (UserId, NewFavorite)) -> clinichub_core::Result<Favorite> {
    let new = new.checked(clinics::get_in(&mut tx).await?.currency)?;
    if store::count_favorites(&mut tx, user).await? >= MOST {
        return Err(AppError::conflict(format!("There are {MOST} favorites already; delete one first")));
    }
    let item = serde_json::to_string(&new.item).map_err(AppError::internal)?;
    let favorite_id = store::insert_favorite(&mut tx, user, &new.name, &item).await?;
    tx.audit(about(favorite_id)).await?;
    Ok(Favorite { favorite_id, name: new.name, item: new.item })
}

/// Forgets a favourite.
#[utoipa::path(delete, path = "/api/prescription-favorites/{favorite_id}", tag = "Prescriptions", params(("favorite_id" = FavoriteId, Path)),
    responses((status = 200, description = "Forgotten", body = Done)))]
pub async fn delete_prescription_favorite(access: Access<App>, Id(id): Id<FavoriteId>) -> Result<Written<Done>> {
    let delete = async |mut tx: TenantTx, (user, id): (UserId, FavoriteId)| {
        if store::delete_favorite(&mut tx, user, id).await? == 0 {
            return Err(AppError::NotFound("Favorite"));
        }
        Ok(tx.audit(about(id)).await?)
    };
    access.app.db.write(&access.grant, (whose(&access)?, id), delete).await?;
    Ok(Written(Done { message: "Favorite deleted successfully" }))
}

fn whose(access: &Access<App>) -> clinichub_core::Result<UserId> {
    access.grant.user_id().ok_or_else(|| AppError::forbidden("Favorites belong to a doctor"))
}

fn about(id: FavoriteId) -> TrailEntry {
    TrailEntry { resource: Some(("prescription_favorite", id.0)), ..TrailEntry::default() }
}
