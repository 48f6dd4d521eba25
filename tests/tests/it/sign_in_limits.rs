//! How often somebody may try: an account, an address, the public pages.

use clinichub_core::Role;
use jiff::SignedDuration;
use serde_json::json;

use crate::door::{Door, PASSWORD};
use crate::house::{House, on_both};
use crate::sign_in::login;

on_both!(
    five_failures_a_minute_and_then_one_waits,
    a_hundred_attempts_a_minute_from_an_address,
    public_pages_are_looked_at_so_often_a_minute,
);

async fn five_failures_a_minute_and_then_one_waits(house: &House) {
    let door = Door::of(house);
    let clinic = door.clinic("ABC01").await;
    door.person("anne", &[(clinic, Role::Doctor)]).await;
    door.person("bertram", &[(clinic, Role::Doctor)]).await;
    let names = [("email", "anne@example.org"), ("username", "anne"), ("phone", "17875550004")];
    for (field, name) in names.into_iter().cycle().take(5) {
        assert_eq!(login(&door, json!({ field: name, "password": "wrong one" })).await.status, 401, "each name counts for the account");
    }
    house.clock.advance(SignedDuration::from_secs(20));
    let refused = login(&door, json!({ "email": "anne@example.org", "password": PASSWORD })).await;
    assert_eq!((refused.status.as_u16(), refused.headers["retry-after"].as_bytes()), (429, "40".as_bytes()));
    door.sign_in("bertram@example.org").await;
    let elsewhere = door.ask("POST", "/api/auth/login").from([192, 0, 2, 2]);
    assert_eq!(elsewhere.json(json!({ "email": "anne@example.org", "password": PASSWORD })).await.status, 200);
    house.clock.advance(SignedDuration::from_secs(40));
    door.sign_in("anne@example.org").await;
}

async fn a_hundred_attempts_a_minute_from_an_address(house: &House) {
    let door = Door::of(house);
    for number in 0..100 {
        let body = json!({ "email": format!("{number}@example.org"), "password": PASSWORD });
        assert_eq!(login(&door, body).await.status, 401);
    }
    assert_eq!(login(&door, json!({ "email": "new@example.org", "password": PASSWORD })).await.status, 429);
    let elsewhere = door.ask("POST", "/api/auth/login").from([192, 0, 2, 2]);
    assert_eq!(elsewhere.json(json!({ "email": "new@example.org", "password": PASSWORD })).await.status, 401);
}

async fn public_pages_are_looked_at_so_often_a_minute(house: &House) {
    let door = Door::of(house);
    let ask = async |path: &str| door.ask("GET", path).go().await.status.as_u16();
    for _ in 0..300 {
        assert_eq!((ask("/api/public/clinics").await, ask("/api/doctors").await), (200, 200));
    }
    assert_eq!((ask("/api/public/clinics").await, ask("/api/doctors").await), (429, 429));
    house.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(ask("/api/public/clinics").await, 200);
}
