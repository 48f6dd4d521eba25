//! Events over the WebSocket: they reach who may see them, at once, and nobody else.

use std::time::Duration;

use axum::http::StatusCode;
use clinichub_db::platform_sql;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::house::{House, on_both};
use crate::served::Served;

on_both!(
    an_event_reaches_the_clinic_and_the_patient_it_is_about,
    an_event_reaches_the_sockets_of_another_node,
    the_socket_is_closed_on_logout,
    the_socket_is_closed_when_the_token_expires,
    who_comes_back_gets_what_was_missed,
    who_was_away_too_long_is_told_to_load_again,
    without_a_token_that_holds_there_is_no_socket,
    only_a_ping_is_understood,
    the_sockets_are_closed_when_the_server_stops,
);

const SOON: Duration = Duration::from_secs(1);

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn open(served: &Served, protocols: &str, query: &str) -> Result<Self, Error> {
        let mut request = format!("ws://{}/api/ws{query}", served.address).into_client_request()?;
        if !protocols.is_empty() {
            request.headers_mut().insert("Sec-WebSocket-Protocol", protocols.parse()?);
        }
        connect_async(request).await.map(|(socket, _)| Self(socket))
    }

    /// Opens a socket as a browser does, and waits until it is ready.
    async fn ready(served: &Served, token: &str, query: &str) -> Self {
        let mut client = Self::open(served, &format!("clinichub, bearer.{token}"), query).await.expect("a socket");
        assert_eq!(client.frame().await["event"], "ready");
        client
    }

    async fn message(&mut self, within: Duration) -> Option<Message> {
        loop {
            match tokio::time::timeout(within, self.0.next()).await.ok()?? {
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(message) => return Some(message),
                Err(_) => return None,
            }
        }
    }

    /// The next frame, which must come within a second.
    async fn frame(&mut self) -> Value {
        let message = self.message(SOON).await.expect("a frame within a second");
        serde_json::from_str(message.to_text().expect("a text")).expect("JSON")
    }

    async fn hears_nothing(&mut self) {
        let message = self.message(Duration::from_millis(700)).await;
        assert!(message.is_none(), "{message:?}");
    }

    /// The code that the socket is closed with, within a few seconds.
    async fn close_code(&mut self) -> Option<u16> {
        match self.message(SOON * 4).await {
            Some(Message::Close(Some(frame))) => Some(frame.code.into()),
            other => panic!("no close but {other:?}"),
        }
    }
}

async fn an_event_reaches_the_clinic_and_the_patient_it_is_about(house: &House) {
    let served = Served::fill(house).await;
    let mut clients = Vec::new();
    for name in ["nurse1", "patient1", "nurse2", "patient2"] {
        clients.push(Client::ready(&served, &served.sign_in(name).await, "").await);
    }
    let [nurse, patient, other_nurse, other_patient] = &mut clients[..] else { panic!("four clients") };

    served.happen(1, 1, 7).await;

    let frame = nurse.frame().await;
    assert_eq!(
        (&frame["event"], &frame["clinic_id"], &frame["appointment_id"], &frame["status"], &frame["patient_id"]),
        (&json!("appointment.status_changed"), &json!(1), &json!(7), &json!("waiting"), &json!(1))
    );
    assert!(frame["id"].is_number() && frame["at"].is_string());
    assert_eq!(patient.frame().await, frame);
    tokio::join!(other_nurse.hears_nothing(), other_patient.hears_nothing());
}

async fn an_event_reaches_the_sockets_of_another_node(house: &House) {
    let (one, other) = (Served::fill(house).await, Served::start(house).await);
    let mut nurse = Client::ready(&other, &one.sign_in("nurse1").await, "").await;
    for appointment in 1..=50 {
        one.happen(1, 1, appointment).await;
    }
    for appointment in 1..=50 {
        assert_eq!(nurse.frame().await["appointment_id"], appointment);
    }
}

async fn the_socket_is_closed_on_logout(house: &House) {
    let served = Served::fill(house).await;
    let token = served.sign_in("nurse1").await;
    let mut nurse = Client::ready(&served, &token, "").await;

    let (status, _) = served.ask("POST", "/api/auth/logout", Some(&token), None).await;
    served.happen(1, 1, 7).await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(nurse.close_code().await, Some(4401));
}

async fn the_socket_is_closed_when_the_token_expires(house: &House) {
    let served = Served::fill(house).await;
    let mut nurse = Client::ready(&served, &served.sign_in("nurse1").await, "").await;
    house.clock.advance(jiff::SignedDuration::from_mins(16));
    assert_eq!(nurse.close_code().await, Some(4401));
}

async fn who_comes_back_gets_what_was_missed(house: &House) {
    let served = Served::fill(house).await;
    let token = served.sign_in("nurse1").await;
    let mut nurse = Client::ready(&served, &token, "").await;
    served.happen(1, 1, 1).await;
    let since = nurse.frame().await["id"].clone();
    drop(nurse);
    served.happen(1, 1, 2).await;
    served.happen(2, 1, 3).await;
    served.happen(1, 2, 4).await;

    let mut nurse = Client::ready(&served, &token, &format!("?since={since}")).await;

    assert_eq!([nurse.frame().await["appointment_id"].clone(), nurse.frame().await["appointment_id"].clone()], [2, 4]);
    served.happen(1, 1, 5).await;
    assert_eq!(nurse.frame().await["appointment_id"], 5);
    nurse.hears_nothing().await;
}

async fn who_was_away_too_long_is_told_to_load_again(house: &House) {
    let served = Served::fill(house).await;
    for appointment in 1..=3 {
        served.happen(1, 1, appointment).await;
    }
    served.tamper(platform_sql!("DELETE FROM outbox WHERE event_id <= 2")).await;

    let mut nurse = Client::ready(&served, &served.sign_in("nurse1").await, "?since=1").await;

    assert_eq!(nurse.frame().await["event"], "resync");
}

async fn without_a_token_that_holds_there_is_no_socket(house: &House) {
    let served = Served::fill(house).await;
    let token = served.sign_in("nurse1").await;
    for (protocols, query, expected) in [
        ("", "", 401),
        ("clinichub", "", 401),
        ("clinichub, bearer.eyJhbGciOiJub25lIn0.e30.", "", 401),
        ("", &*format!("?token={token}"), 400),
        (&*format!("clinichub, bearer.{token}"), "?since=-1", 400),
    ] {
        match Client::open(&served, protocols, query).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), expected, "{protocols}{query}"),
            other => panic!("{protocols}{query}: {:?}", other.map(|_| "a socket")),
        }
    }
    let (status, body) = served.ask("GET", "/api/ws", Some(&token), None).await;
    assert_eq!((status.as_u16(), &body["code"]), (426, &json!(426)));
    assert_eq!(served.ask("GET", "/api/ws", None, None).await.0, StatusCode::UNAUTHORIZED);
}

async fn only_a_ping_is_understood(house: &House) {
    let served = Served::fill(house).await;
    let token = served.sign_in("nurse1").await;
    let mut nurse = Client::ready(&served, &token, "").await;
    nurse.0.send(Message::text(r#"{"type":"ping"}"#)).await.expect("it is sent");
    assert_eq!(nurse.frame().await["event"], "pong");
    nurse.0.send(Message::text(r#"{"type":"subscribe"}"#)).await.expect("it is sent");
    assert_eq!(nurse.close_code().await, Some(1008));

    let mut flood = Client::ready(&served, &token, "").await;
    flood.0.send(Message::text("x".repeat(100_000))).await.expect("it is sent");
    assert!(!matches!(flood.message(SOON * 4).await, Some(Message::Text(_))));
}

async fn the_sockets_are_closed_when_the_server_stops(house: &House) {
    let served = Served::fill(house).await;
    let mut nurse = Client::ready(&served, &served.sign_in("nurse1").await, "").await;
    drop(served);
    assert_eq!(nurse.close_code().await, Some(1001));
    house.tasks.close();
    tokio::time::timeout(SOON * 5, house.tasks.wait()).await.expect("nothing goes on");
}
