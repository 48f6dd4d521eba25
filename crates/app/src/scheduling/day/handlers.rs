//! The handlers of whole days.

use clinichub_api::{Access, Params, Read, Result};

use super::api::{Board, BoardQuery, ScheduleDays, ScheduleQuery};
use super::service;
use crate::App;

/// The clinic's day: every appointment with what its card shows, the doctors, and how much waits for somebody.
#[utoipa::path(
    get, path = "/api/board", tag = "Appointments", params(BoardQuery),
    responses((status = 200, description = "The day", body = Board))
)]
pub async fn get_board(access: Access<App>, Params(query): Params<BoardQuery>) -> Result<Read<Board>> {
    Ok(Read(service::board(&access, query).await?))
}

/// Several days of the clinic's doctors: their hours, when they are away or elsewhere, and their appointments.
#[utoipa::path(
    get, path = "/api/schedule", tag = "Appointments", params(ScheduleQuery),
    responses((status = 200, description = "The days", body = ScheduleDays))
)]
pub async fn get_schedule(access: Access<App>, Params(query): Params<ScheduleQuery>) -> Result<Read<ScheduleDays>> {
    Ok(Read(service::schedule(&access, query).await?))
}
