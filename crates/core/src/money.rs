//! Money: integer minor units and an ISO 4217 currency, never a float. JSON shows a decimal string (`"125.00"`).

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency code, three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// US dollar.
    pub const USD: Self = Self(*b"USD");

    /// The currency of this code; an error where it is not three capital letters of a known currency.
    pub fn parse(code: &str) -> Result<Self, String> {
        match code.as_bytes() {
            [a, b, c] if CODES.split(' ').any(|known| known == code) => Ok(Self([*a, *b, *c])),
            _ => Err(format!("{code:?} is not an ISO 4217 currency code")),
        }
    }

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many digits stand behind the point (ISO 4217 column "minor unit").
    pub fn digits(self) -> u32 {
        match self.code() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF" | "XOF"
            | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }
}

const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY \
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR \
    ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR \
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
    SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("ISO 4217 currency code"))
            .enum_values(Some(CODES.split_whitespace()))
            .examples(["USD"])
            .build()
            .into()
    }
}

impl utoipa::ToSchema for Currency {}

/// An amount in minor units (cents) of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// The amount in the currency's minor unit.
    pub minor: i64,
    /// Its currency.
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads a decimal (`"125"`, `"125.5"`, `"125.00"`) in `currency`; no sign but `-`, no exponent, no more digits than the
    /// currency has, at most 12 digits before the point.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, String> {
        let wrong = || {
            let shown: String = text.chars().take(40).collect();
            format!("{shown:?} is not an amount in {currency}; write it as \"125.00\"")
        };
        let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = currency.digits() as usize;
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > 12
            || fraction.len() > digits
            || !all_digits(whole)
            || !all_digits(fraction)
            || unsigned.ends_with('.')
        {
            return Err(wrong());
        }
        let minor: i64 = format!("{whole}{fraction:0<digits$}").parse().map_err(|_| wrong())?;
        Ok(Self::new(sign * minor, currency))
    }

    /// `self × units`; `None` on overflow.
    pub fn times(self, units: i64) -> Option<Self> {
        Some(Self::new(self.minor.checked_mul(units)?, self.currency))
    }

    /// `self + other`; `None` on overflow or where the currencies differ.
    pub fn plus(self, other: Self) -> Option<Self> {
        (self.currency == other.currency).then_some(())?;
        Some(Self::new(self.minor.checked_add(other.minor)?, self.currency))
    }
}

impl std::fmt::Display for Money {
    /// The decimal without the currency: `125.00`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.currency.digits();
        if digits == 0 {
            return write!(f, "{}", self.minor);
        }
        let unit = 10_u64.pow(digits);
        let (sign, minor) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        write!(f, "{sign}{}.{:0width$}", minor / unit, minor % unit, width = digits as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_survive_the_round_trip() {
        for (text, minor) in [("125.00", 12_500), ("0.05", 5), ("-3.10", -310), ("999999999999.99", 99_999_999_999_999)] {
            let money = Money::parse(text, Currency::USD).expect("a decimal");
            assert_eq!((money.minor, money.to_string().as_str()), (minor, text));
        }
        assert_eq!(Money::parse("12.5", Currency::USD).map(|money| money.minor), Ok(1250));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "1.234", "1e3", "+1", "1,00", " 1", "1234567890123", "NaN", "--1"] {
            assert!(Money::parse(text, Currency::USD).is_err(), "{text}");
        }
    }

    #[test]
    fn the_yen_has_no_minor_unit() {
        let yen = Currency::parse("JPY").expect("a currency");
        assert_eq!(Money::new(1500, yen).to_string(), "1500");
        assert!(Money::parse("1500.0", yen).is_err());
    }
}
