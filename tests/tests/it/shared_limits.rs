//! Several nodes count sign-ins together, in a Redis; and each by itself while that is away.

use clinichub_core::Role;
use clinichub_testkit::redis_server::RedisServer;
use jiff::SignedDuration;
use serde_json::json;

use crate::door::{Door, PASSWORD};
use crate::house::{House, on_both};

on_both!(the_failures_of_all_nodes_count, without_redis_each_node_counts_and_goes_on);

/// Keys of a test's own, removed when it ends.
struct Keys {
    url: String,
    prefix: String,
}

impl Keys {
    fn new(redis: &RedisServer, door: &Door) -> Self {
        Self { url: redis.url.clone(), prefix: format!("clinichub-test-{}:", door.app.random_hex()) }
    }

    async fn all(&self) -> (redis::aio::MultiplexedConnection, Vec<String>) {
        let client = redis::Client::open(self.url.as_str()).expect("a client");
        let mut connection = client.get_multiplexed_async_connection().await.expect("a connection");
        let keys = redis::cmd("KEYS").arg(format!("{}*", self.prefix)).query_async(&mut connection).await.expect("a list");
        (connection, keys)
    }

    async fn remove(&self) {
        let (mut connection, keys) = self.all().await;
        redis::cmd("DEL").arg(keys).exec_async(&mut connection).await.expect("removed");
    }
}

async fn login(door: &Door, password: &str) -> u16 {
    let body = json!({ "email": "anne@example.org", "password": password });
    door.ask("POST", "/api/auth/login").json(body).await.status.as_u16()
}

async fn nodes(house: &House) -> [Door; 2] {
    let nodes = [Door::of(house), Door::of(house)];
    let clinic = nodes[0].clinic("ABC01").await;
    nodes[0].person("anne", &[(clinic, Role::Nurse)]).await;
    nodes
}

async fn the_failures_of_all_nodes_count(house: &House) {
    let redis = RedisServer::find();
    let [here, there] = nodes(house).await;
    let keys = Keys::new(&redis, &here);
    for node in [&here, &there] {
        node.app.sign_in_limits.share(&redis.url, &keys.prefix).expect("shared");
    }
    for node in [&here, &there, &here, &there, &here] {
        assert_eq!(login(node, "wrong kettle").await, 401);
    }
    assert_eq!((login(&here, PASSWORD).await, login(&there, PASSWORD).await), (429, 429));
    let (mut connection, names) = keys.all().await;
    assert_eq!(names.len(), 2, "one for the account, one for the address: {names:?}");
    for name in &names {
        assert!(!name.contains("anne") && !name.contains("192.0.2"), "{name}");
        let life: i64 = redis::cmd("PTTL").arg(name).query_async(&mut connection).await.expect("a time");
        assert!((1..=60_000).contains(&life), "{name} goes by itself");
    }
    house.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(login(&there, PASSWORD).await, 200);
    for _ in 0..4 {
        assert_eq!(login(&here, "wrong kettle").await, 401);
    }
    assert_eq!(login(&there, PASSWORD).await, 200, "the right password takes the failures back, on every node");
    for _ in 0..5 {
        assert_eq!(login(&here, "wrong kettle").await, 401);
    }
    assert_eq!(login(&there, PASSWORD).await, 429);
    keys.remove().await;
}

async fn without_redis_each_node_counts_and_goes_on(house: &House) {
    let redis = RedisServer::start();
    let port = redis.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let [here, there] = nodes(house).await;
    let keys = Keys::new(&redis, &here);
    for node in [&here, &there] {
        node.app.sign_in_limits.share(&redis.url, &keys.prefix).expect("shared");
    }
    for node in [&here, &there, &here] {
        assert_eq!(login(node, "wrong kettle").await, 401);
    }
    redis.stop();
    for _ in 0..3 {
        assert_eq!(login(&here, "wrong kettle").await, 401, "what was counted here before counts");
    }
    assert_eq!(login(&here, PASSWORD).await, 429);
    assert_eq!(login(&there, PASSWORD).await, 200);
    let again = RedisServer::start_on(port);
    house.clock.advance(SignedDuration::from_mins(1));
    for node in [&here, &there, &here, &there, &here] {
        assert_eq!(login(node, "wrong kettle").await, 401);
    }
    assert_eq!((login(&here, PASSWORD).await, login(&there, PASSWORD).await), (429, 429), "together again");
    drop(again);
}
