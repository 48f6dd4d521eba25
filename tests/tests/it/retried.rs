//! What signs in, goes on in another clinic or signs out may come again with its `Idempotency-Key`: nobody is locked out by an answer that
//! was lost, and no token is kept for it.

use clinichub_core::Role;
use clinichub_db::platform_sql;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::door::{Door, PASSWORD, Reply};
use crate::house::{House, on_both};

on_both!(
    a_registration_that_comes_again_goes_on_in_the_same_session,
    a_visitors_key_is_their_address_alone,
    a_registration_comes_again_only_with_the_password_that_holds,
    logging_out_again_is_answered_as_the_first_time,
    a_switch_that_comes_again_goes_on_in_the_same_clinic,
    a_token_of_the_clinic_before_does_nothing_else,
);

fn newcomer(first_name: &str, email: &str) -> Value {
    json!({
        "clinic": "ABC01", "first_name": first_name, "last_name": "Doe", "dob": "1990-05-10", "sex": "male", "email": email,
        "password": PASSWORD,
    })
}

async fn register(door: &Door, key: &str, body: Value) -> Reply {
    door.ask("POST", "/api/auth/register").header("Idempotency-Key", key).json(body).await
}

async fn refresh(door: &Door, of: &Reply) -> u16 {
    let body = json!({ "refresh_token": of.text("refresh_token") });
    door.ask("POST", "/api/auth/refresh").json(body).await.status.as_u16()
}

async fn switch(door: &Door, token: &str, key: &str, body: Value) -> Reply {
    door.ask("POST", "/api/auth/clinic").token(token).header("Idempotency-Key", key).json(body).await
}

async fn a_registration_that_comes_again_goes_on_in_the_same_session(house: &House) {
    let door = Door::of(house);
    door.clinic("ABC01").await;
    let first = register(&door, "k", newcomer("John", "john@email.com")).await;
    let again = register(&door, "k", newcomer("John", "john@email.com")).await;
    assert_eq!((again.status.as_u16(), first.status.as_u16()), (201, 201), "{again:?}");
    assert_eq!((&again.body["user"], &again.body["message"]), (&first.body["user"], &first.body["message"]));
    for made in [
        platform_sql!("SELECT COUNT(*) FROM users"),
        platform_sql!("SELECT COUNT(*) FROM patients"),
        platform_sql!("SELECT COUNT(*) FROM sessions"),
        platform_sql!("SELECT COUNT(*) FROM idempotency_keys"),
    ] {
        assert_eq!(door.count(made).await, 1);
    }
    assert!(door.is_in(&first.text("access_token")).await && door.is_in(&again.text("access_token")).await);
    assert_eq!((refresh(&door, &first).await, refresh(&door, &again).await), (401, 200), "the first tokens were lost");
    let shown = platform_sql!(
        "SELECT COUNT(*) FROM idempotency_keys WHERE idempotency_key = 'k' OR length(request_hash) = 64 OR answer LIKE '%token%'"
    );
    assert_eq!(door.count(shown).await, 0, "neither the key nor a plain hash of the password's request, nor a token");
}

async fn a_visitors_key_is_their_address_alone(house: &House) {
    let door = Door::of(house);
    door.clinic("ABC01").await;
    assert_eq!(register(&door, "k", newcomer("John", "john@email.com")).await.status, 201);
    let other = register(&door, "k", newcomer("Jack", "john@email.com")).await;
    assert_eq!(other.error(), (422, "This Idempotency-Key was used with a different request"));
    assert_eq!(register(&door, "k", newcomer("Jane", "jane@email.com")).await.status, 201, "strangers who choose the same key don't meet");
    assert_eq!(register(&door, "k2", newcomer("John", "john@email.com")).await.error(), (409, "Email already exists"));
    // A refusal is not kept: what was wrong may be right the next time.
    door.exec(platform_sql!("UPDATE users SET email = 'gone@email.com' WHERE email = 'john@email.com'")).await;
    assert_eq!(register(&door, "k2", newcomer("John", "john@email.com")).await.status, 201);
}

async fn a_registration_comes_again_only_with_the_password_that_holds(house: &House) {
    let door = Door::of(house);
    door.clinic("ABC01").await;
    assert_eq!(register(&door, "k", newcomer("John", "john@email.com")).await.status, 201);
    let session = register(&door, "k", newcomer("John", "john@email.com")).await.text("access_token");
    door.exec(platform_sql!("UPDATE users SET password_hash = NULL")).await;
    assert_eq!(register(&door, "k", newcomer("John", "john@email.com")).await.error(), (401, "Invalid credentials"));
    assert!(door.is_in(&session).await);
}

async fn logging_out_again_is_answered_as_the_first_time(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    let (token, other) =
        (door.sign_in("anne@example.org").await.text("access_token"), door.sign_in("anne@example.org").await.text("access_token"));
    let keyed = || door.ask("POST", "/api/auth/logout").token(&token).header("Idempotency-Key", "k").go();
    let first = keyed().await;
    assert_eq!((first.status.as_u16(), &first.body), (200, &json!({ "message": "Logged out successfully" })));
    let again = keyed().await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(door.ask("POST", "/api/logout").token(&token).go().await.status, 200, "with or without a key");
    assert!(!door.is_in(&token).await && door.is_in(&other).await);
    // A session that ended otherwise was not logged out, and an old token is an old token.
    let sessions = door.ask("GET", "/api/auth/sessions").token(&other).go().await;
    let last = door.sign_in("anne@example.org").await.text("access_token");
    let id = sessions.body["sessions"][0]["session_id"].as_i64().expect("an id");
    assert_eq!(door.ask("DELETE", &format!("/api/auth/sessions/{id}")).token(&last).go().await.status, 200);
    assert_eq!(door.ask("POST", "/api/auth/logout").token(&other).go().await.error(), (401, "Invalid or expired token"));
    house.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(keyed().await.error(), (401, "Invalid or expired token"));
}

async fn a_switch_that_comes_again_goes_on_in_the_same_clinic(house: &House) {
    let door = Door::of(house);
    let (one, two) = (door.clinic("ABC01").await, door.clinic("XYZ02").await);
    door.person("anne", &[(one, Role::Doctor), (two, Role::Admin)]).await;
    let before = door.sign_in("anne@example.org").await.text("access_token");
    let first = switch(&door, &before, "k", json!({ "clinic_id": two.0 })).await;
    let again = switch(&door, &before, "k", json!({ "clinic_id": two.0 })).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200), "{again:?}");
    assert_eq!((&again.body["user"], &again.body["user"]["clinic_id"]), (&first.body["user"], &json!(two.0)));
    assert!(door.is_in(&again.text("access_token")).await && !door.is_in(&before).await);
    assert_eq!((refresh(&door, &first).await, refresh(&door, &again).await), (401, 200), "the first tokens were lost");
    assert_eq!(door.count(platform_sql!("SELECT COUNT(*) FROM idempotency_keys WHERE answer LIKE '%token%'")).await, 0);
}

async fn a_token_of_the_clinic_before_does_nothing_else(house: &House) {
    let door = Door::of(house);
    let (one, two, three) = (door.clinic("ABC01").await, door.clinic("XYZ02").await, door.clinic("XYZ03").await);
    door.person("anne", &[(one, Role::Doctor), (two, Role::Admin), (three, Role::Nurse)]).await;
    let before = door.sign_in("anne@example.org").await.text("access_token");
    let there = switch(&door, &before, "k", json!({ "clinic_id": two.0 })).await.text("access_token");
    assert_eq!(switch(&door, &before, "k", json!({ "clinic_id": three.0 })).await.status, 422);
    let gone = (401, "Invalid or expired token");
    assert_eq!(switch(&door, &before, "k-2", json!({ "clinic_id": two.0 })).await.error(), gone);
    let keyless = door.ask("POST", "/api/auth/clinic").token(&before).json(json!({ "clinic_id": three.0 })).await;
    assert_eq!(keyless.error(), gone);
    assert_eq!(door.ask("POST", "/api/auth/logout").token(&before).go().await.error(), gone);
    assert!(door.is_in(&there).await);
    // Where the session has gone on elsewhere, an old request doesn't take it back.
    let further = switch(&door, &there, "k", json!({ "clinic_id": three.0 })).await;
    assert_eq!(further.body["user"]["role"], "nurse", "{further:?}");
    assert_eq!(switch(&door, &before, "k", json!({ "clinic_id": two.0 })).await.error(), gone);
    assert!(door.is_in(&further.text("access_token")).await);
}
