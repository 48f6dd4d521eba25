//! The handlers of appointments and calendars: extract, one service call, body.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use clinichub_api::{
    Access, Body, Created, Done, Id, List, OptionalBody, PagingQuery, Params, Public, Read, Result, Written, check_unversioned,
};
use clinichub_core::{AppointmentId, Order, UserId};

use super::api::{
    AppointmentBody, AppointmentCancelled, AppointmentWritten, Appointments, CalendarToken, CreateAppointment, Reject, Schedule, Scheduled,
    SetStatus, UpdateAppointment, tidy,
};
use super::model::{Appointment, AppointmentSort, Change};
use super::queries::{AppointmentFilter, AppointmentSortQuery, BulkQuery, CancelQuery, FeedQuery, OpenEndFilter};
use super::status::Status;
use super::{bulk, feed, service};
use crate::App;

/// Lists appointments: a clinic's day, a provider's week, a patient's history. A patient sees the own ones.
#[utoipa::path(
    get, path = "/api/appointments", tag = "Appointments",
    params(PagingQuery, AppointmentSortQuery, AppointmentFilter),
    responses((status = 200, description = "A page of the appointments that match", body = Appointments))
)]
pub async fn list_appointments(access: Access<App>, list: List<AppointmentFilter>) -> Result<Read<Appointments>> {
    let page = list.paging.request(AppointmentSort::ScheduledStart, Order::Asc)?;
    let (filter, days) = list.filter.resolve(list.paging.search)?;
    Ok(Read(service::list(&access, filter, days, page).await?.into()))
}

/// Lists open ends: appointments that are over and were never closed, the oldest first where nothing else is asked. Somebody must
/// complete or cancel them, or note that the patient did not come.
#[utoipa::path(
    get, path = "/api/appointments/open-ends", tag = "Appointments",
    params(PagingQuery, AppointmentSortQuery, OpenEndFilter),
    responses((status = 200, description = "A page of the open ends", body = Appointments))
)]
pub async fn list_open_ends(access: Access<App>, list: List<OpenEndFilter>) -> Result<Read<Appointments>> {
    let page = list.paging.request(AppointmentSort::ScheduledStart, Order::Asc)?;
    let filter = AppointmentFilter { provider_user_id: list.filter.provider_user_id, ..AppointmentFilter::default() };
    let (filter, _) = filter.resolve(list.paging.search)?;
    Ok(Read(service::list_open_ends(&access, filter, page).await?.into()))
}

/// Books an appointment. The provider must be active and free, in every clinic they work in. What a patient books is a request inside the
/// provider's hours, which the clinic accepts or rejects.
#[utoipa::path(
    post, path = "/api/appointments", tag = "Appointments",
    request_body = CreateAppointment,
    responses(
        (status = 201, description = "It is booked", body = AppointmentWritten),
        (status = 404, description = "The patient or the provider is not of this clinic"),
        (status = 409, description = "The provider already has an appointment at this time")
    )
)]
pub async fn create_appointment(access: Access<App>, Body(body): Body<CreateAppointment>) -> Result<Created<AppointmentWritten>> {
    let appointment = service::book(&access, body.into()).await?;
    Ok(Created(AppointmentWritten::new("Appointment created successfully", appointment)))
}

/// Books many appointments, at most 500: all of them or none (`mode` `all`), or as many as fit with a result for each (`partial`).
#[utoipa::path(
    post, path = "/api/appointments/schedule", tag = "Appointments",
    params(BulkQuery),
    request_body = Schedule,
    responses(
        (status = 201, description = "They are booked, or some of them", body = Scheduled),
        (status = 200, description = "None of them could be booked (`partial`)", body = Scheduled),
        (status = 409, description = "The time of at least one is taken (`all`)")
    )
)]
pub async fn schedule_appointments(access: Access<App>, Params(query): Params<BulkQuery>, Body(body): Body<Schedule>) -> Result<Response> {
    let bookings = body.appointments.into_iter().map(Into::into).collect();
    let scheduled = Scheduled::from(bulk::schedule(&access, bookings, query.mode.unwrap_or(body.mode)).await?);
    Ok(if scheduled.created > 0 { Created(scheduled).into_response() } else { Written(scheduled).into_response() })
}

/// Reads one appointment with the states it went through.
#[utoipa::path(
    get, path = "/api/appointments/{appointment_id}", tag = "Appointments",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment")),
    responses(
        (status = 200, description = "The appointment", body = AppointmentBody),
        (status = 404, description = "There is no such appointment, or not for you")
    )
)]
pub async fn get_appointment(access: Access<App>, Id(id): Id<AppointmentId>) -> Result<Read<AppointmentBody>> {
    let (appointment, history) = service::get(&access, id).await?;
    Ok(Read(AppointmentBody { history: Some(history), ..appointment.into() }))
}

/// Changes an appointment: moves it, sets its state (each state needs its own permission), or both. What is not named stays. Completing
/// it records what was performed and answers with `cpt_id`.
#[utoipa::path(
    method(put, patch), path = "/api/appointments/{appointment_id}", tag = "Appointments",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment")),
    request_body = UpdateAppointment,
    responses(
        (status = 200, description = "It is changed", body = AppointmentWritten),
        (status = 404, description = "There is no such appointment, or not for you"),
        (status = 409, description = "It is over, the state can't follow, or the time is taken")
    )
)]
pub async fn update_appointment(
    access: Access<App>,
    Id(id): Id<AppointmentId>,
    Body(body): Body<UpdateAppointment>,
) -> Result<Written<AppointmentWritten>> {
    Ok(written(service::update(&access, id, body.into()).await?))
}

/// Cancels an appointment. It stays in the records and the provider's time is free again.
#[utoipa::path(
    delete, path = "/api/appointments/{appointment_id}", tag = "Appointments",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment"), CancelQuery),
    responses(
        (status = 200, description = "It is cancelled", body = AppointmentCancelled),
        (status = 404, description = "There is no such appointment, or not for you"),
        (status = 409, description = "It is over already")
    )
)]
pub async fn cancel_appointment(
    access: Access<App>,
    Id(id): Id<AppointmentId>,
    Params(query): Params<CancelQuery>,
) -> Result<Written<AppointmentCancelled>> {
    service::cancel(&access, id, tidy(query.checked()?)).await?;
    Ok(Written(AppointmentCancelled { message: "Appointment cancelled successfully", appointment_id: id }))
}

/// Sets the state of an appointment.
#[utoipa::path(
    put, path = "/api/appointments/{appointment_id}/status", tag = "Appointments",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment")),
    request_body = SetStatus,
    responses(
        (status = 200, description = "It is in this state", body = AppointmentWritten),
        (status = 404, description = "There is no such appointment, or not for you"),
        (status = 409, description = "The state can't follow")
    )
)]
pub async fn set_appointment_status(
    access: Access<App>,
    Id(id): Id<AppointmentId>,
    Body(body): Body<SetStatus>,
) -> Result<Written<AppointmentWritten>> {
    Ok(written(service::update(&access, id, Change::to(body.status, tidy(body.reason))).await?))
}

/// Accepts a request: it is scheduled. A doctor accepts the own ones.
#[utoipa::path(
    put, path = "/api/appointments/{appointment_id}/accept", tag = "Appointments",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment")),
    responses(
        (status = 200, description = "It is scheduled", body = AppointmentWritten),
        (status = 404, description = "There is no such appointment, or not for you"),
        (status = 409, description = "It is no request")
    )
)]
pub async fn accept_appointment(access: Access<App>, Id(id): Id<AppointmentId>) -> Result<Written<AppointmentWritten>> {
    Ok(written(service::decide(&access, id, Status::Scheduled, None).await?))
}

/// Rejects a request. A doctor rejects the own ones.
#[utoipa::path(
    put, path = "/api/appointments/{appointment_id}/reject", tag = "Appointments",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment")),
    request_body = Option<Reject>,
    responses(
        (status = 200, description = "It is rejected", body = AppointmentWritten),
        (status = 404, description = "There is no such appointment, or not for you"),
        (status = 409, description = "It is no request")
    )
)]
pub async fn reject_appointment(
    access: Access<App>,
    Id(id): Id<AppointmentId>,
    OptionalBody(body): OptionalBody<Reject>,
) -> Result<Written<AppointmentWritten>> {
    Ok(written(service::decide(&access, id, Status::Rejected, tidy(body.reason)).await?))
}

/// One appointment as an iCalendar file, for the patient's or the provider's own calendar. It says when and where, not who or why.
#[utoipa::path(
    get, path = "/api/appointments/{appointment_id}/calendar.ics", tag = "Appointments",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "text/calendar"),
        (status = 404, description = "There is no such appointment, or not for you")
    )
)]
pub async fn get_appointment_calendar(access: Access<App>, Id(id): Id<AppointmentId>) -> Result<Response> {
    Ok(calendar(feed::of_appointment(&access, id).await?))
}

/// A provider's appointments of the next 90 days in all their clinics, as a feed that calendar programs subscribe to. The token stands in
/// the place of a sign-in; it opens nothing else.
#[utoipa::path(
    get, path = "/api/doctors/{doctor_id}/calendar.ics", tag = "Doctors",
    params(("doctor_id" = UserId, Path, description = "The provider"), FeedQuery),
    responses(
        (status = 200, description = "The feed", body = String, content_type = "text/calendar"),
        (status = 404, description = "The token does not open this provider's feed")
    )
)]
pub async fn get_doctor_calendar(public: Public<App>, Id(id): Id<UserId>, Params(query): Params<FeedQuery>) -> Result<Response> {
    Ok(calendar(feed::of_provider(&public.app, &public.grant, id, &query.token).await?))
}

/// Makes a token for a provider's feed. The one before opens it no more. A doctor makes the own one.
#[utoipa::path(
    post, path = "/api/doctors/{doctor_id}/calendar-token", tag = "Doctors",
    params(("doctor_id" = UserId, Path, description = "The provider")),
    responses(
        (status = 201, description = "The token, shown once; to the same request with its `Idempotency-Key` again", body = CalendarToken),
        (status = 404, description = "There is no such provider in this clinic")
    )
)]
pub async fn create_calendar_token(access: Access<App>, Id(id): Id<UserId>) -> Result<Created<CalendarToken>> {
    let token = feed::make_token(&access, id).await?;
    let url = format!("{}/api/doctors/{id}/calendar.ics?token={token}", access.app.settings.public_url);
    Ok(Created(CalendarToken { message: "Calendar token created successfully", token, url }))
}

/// Closes a provider's feed. A doctor closes the own one.
#[utoipa::path(
    delete, path = "/api/doctors/{doctor_id}/calendar-token", tag = "Doctors",
    params(("doctor_id" = UserId, Path, description = "The provider")),
    responses(
        (status = 200, description = "The feed is closed", body = Done),
        (status = 404, description = "There is no such provider in this clinic")
    )
)]
pub async fn delete_calendar_token(access: Access<App>, Id(id): Id<UserId>) -> Result<Written<Done>> {
    check_unversioned(&access.grant)?;
    feed::drop_token(&access, id).await?;
    Ok(Written(Done { message: "Calendar token deleted successfully" }))
}

fn written(changed: Appointment) -> Written<AppointmentWritten> {
    Written(AppointmentWritten::new("Appointment updated successfully", changed))
}

fn calendar(text: String) -> Response {
    let headers = [(CONTENT_TYPE, "text/calendar; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"clinichub.ics\"")];
    (headers, text).into_response()
}
