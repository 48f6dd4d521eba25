//! Access tokens: JWT, HS256 and nothing else, 15 minutes. The header names the key (`kid`), so that keys can be rotated.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use clinichub_core::{AppError, ClinicId, Role, SessionId, UserId, UtcTime};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// How long an access token is good for.
pub const ACCESS_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The person.
    pub user_id: UserId,
    /// Their role in the active clinic.
    pub role: Role,
    /// The active clinic.
    pub clinic_id: Option<ClinicId>,
    /// The session.
    pub sid: SessionId,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// No longer good from this second on.
    pub exp: i64,
}

impl Claims {
    /// The claims of a token issued at `now`.
    pub fn new(user_id: UserId, role: Role, clinic_id: Option<ClinicId>, sid: SessionId, now: UtcTime) -> Self {
        Self { user_id, role, clinic_id, sid, iat: seconds(now), exp: seconds(now.plus(ACCESS_LIFETIME)) }
    }
}

/// Signs with the first key, accepts all of them.
struct Ring {
    header: Header,
    signing: EncodingKey,
    accepted: HashMap<String, DecodingKey>,
}

impl Ring {
    fn new(keys: &[(String, SecretString)]) -> Result<Self, AppError> {
        let (kid, first) = keys.first().ok_or_else(|| AppError::internal("no key to sign access tokens with"))?;
        let accepted = keys.iter().map(|(kid, key)| (kid.clone(), DecodingKey::from_secret(key.expose_secret().as_bytes())));
        Ok(Self {
            header: Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) },
            signing: EncodingKey::from_secret(first.expose_secret().as_bytes()),
            accepted: accepted.collect(),
        })
    }
}

/// Signs and checks access tokens, with keys that may be replaced while the program runs.
pub struct Tokens {
    ring: RwLock<Arc<Ring>>,
    validation: Validation,
}

impl Tokens {
    /// With these keys, by key id; the first one signs.
    pub fn new(keys: &[(String, SecretString)]) -> Result<Self, AppError> {
        Ok(Self { ring: RwLock::new(Arc::new(Ring::new(keys)?)), validation: validation() })
    }

    /// Uses these keys from now on, and none that was there before.
    pub fn replace(&self, keys: &[(String, SecretString)]) -> Result<(), AppError> {
        let ring = Arc::new(Ring::new(keys)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The signed token.
    pub fn sign(&self, claims: &Claims) -> Result<String, AppError> {
        let ring = self.ring();
        jsonwebtoken::encode(&ring.header, claims, &ring.signing).map_err(AppError::internal)
    }

    /// What the token says, if one of our keys signed it and it has not expired at `now`.
    pub fn verify(&self, token: &str, now: UtcTime) -> Result<Claims, AppError> {
        self.checked(token).filter(|claims| seconds(now) < claims.exp).ok_or_else(invalid_token)
    }

    fn checked(&self, token: &str) -> Option<Claims> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let data = jsonwebtoken::decode::<Claims>(token, self.ring().accepted.get(&kid)?, &self.validation).ok()?;
        Some(data.claims)
    }
}

/// The answer to a token that doesn't hold, in the words of seed 000.
pub fn invalid_token() -> AppError {
    AppError::Unauthenticated("Invalid or expired token".to_owned())
}

/// The signature and the algorithm; the time is checked against the program's clock, not the machine's.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.leeway = 0;
    validation
}

fn seconds(time: UtcTime) -> i64 {
    time.timestamp().as_second()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;

    fn tokens(keys: &[(&str, &str)]) -> Tokens {
        let keys: Vec<_> = keys.iter().map(|(kid, key)| ((*kid).to_owned(), SecretString::from(*key))).collect();
        Tokens::new(&keys).expect("tokens")
    }

    const ONE: (&str, &str) = ("one", "a-key-of-thirty-two-bytes-for-1!");
    const TWO: (&str, &str) = ("two", "a-key-of-thirty-two-bytes-for-2!");

    fn now() -> UtcTime {
        UtcTime::parse("2026-04-15T10:00:00Z").expect("a time")
    }

    fn claims() -> Claims {
        Claims::new(UserId(1), Role::Doctor, Some(ClinicId(2)), SessionId(3), now())
    }

    fn token_with(header: &str, claims: &Claims, signature: &str) -> String {
        let claims = serde_json::to_vec(claims).expect("json");
        format!("{}.{}.{signature}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn says_what_it_was_told_until_it_expires() {
        let tokens = tokens(&[ONE]);
        let token = tokens.sign(&claims()).expect("a token");
        assert_eq!(tokens.verify(&token, now()).expect("good"), claims());
        let last = now().plus(ACCESS_LIFETIME).plus(SignedDuration::from_micros(-1));
        assert!(tokens.verify(&token, last).is_ok());
        assert!(tokens.verify(&token, now().plus(ACCESS_LIFETIME)).is_err());
    }

    #[test]
    fn accepts_the_old_key_after_a_rotation_and_not_before_it_is_known() {
        let old = tokens(&[ONE]).sign(&claims()).expect("a token");
        assert!(tokens(&[TWO, ONE]).verify(&old, now()).is_ok());
        assert!(tokens(&[TWO]).verify(&old, now()).is_err());
        let same_name = ("one", TWO.1);
        assert!(tokens(&[same_name]).verify(&old, now()).is_err(), "the right name with another key");
    }

    #[test]
    fn other_keys_hold_from_the_next_token_on() {
        let tokens = tokens(&[ONE]);
        let old = tokens.sign(&claims()).expect("a token");
        let both = [TWO, ONE].map(|(kid, key)| (kid.to_owned(), SecretString::from(key)));
        tokens.replace(&both).expect("keys");
        let new = tokens.sign(&claims()).expect("a token");
        assert!(tokens.verify(&old, now()).is_ok() && tokens.verify(&new, now()).is_ok());
        tokens.replace(&both[..1]).expect("keys");
        assert!(tokens.verify(&old, now()).is_err() && tokens.verify(&new, now()).is_ok());
        assert!(tokens.replace(&[]).is_err());
        assert!(tokens.verify(&new, now()).is_ok(), "no keys change nothing");
    }

    #[test]
    fn no_algorithm_and_other_algorithms_are_refused() {
        let tokens = tokens(&[ONE]);
        for header in [r#"{"alg":"none","kid":"one"}"#, r#"{"alg":"None","kid":"one"}"#, r#"{"typ":"JWT","kid":"one"}"#] {
            assert!(tokens.verify(&token_with(header, &claims(), ""), now()).is_err(), "{header}");
        }
        let key = EncodingKey::from_secret(ONE.1.as_bytes());
        let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS512) };
        let other = jsonwebtoken::encode(&header, &claims(), &key).expect("a token");
        assert!(tokens.verify(&other, now()).is_err());
    }

    #[test]
    fn a_changed_claim_a_missing_key_id_and_garbage_are_refused() {
        let tokens = tokens(&[ONE]);
        let token = tokens.sign(&claims()).expect("a token");
        let signature = token.rsplit('.').next().expect("a signature");
        let header = r#"{"typ":"JWT","alg":"HS256","kid":"one"}"#;
        let admin = Claims { role: Role::Admin, ..claims() };
        assert!(tokens.verify(&token_with(header, &admin, signature), now()).is_err());
        let nameless = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims(), &EncodingKey::from_secret(ONE.1.as_bytes()));
        assert!(tokens.verify(&nameless.expect("a token"), now()).is_err());
        for garbage in ["", ".", "..", "a.b.c", "Bearer x", &"x".repeat(10_000)] {
            assert!(tokens.verify(garbage, now()).is_err());
        }
    }
}
