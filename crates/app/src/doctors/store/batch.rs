//! What is needed to tell the free time of many providers, each row with its clinic and provider. Four statements, however many
//! they are.

use clinichub_core::{ClinicId, UserId, UtcTime};
use clinichub_db::{DbError, PlatformTx, Query, from_row, params, platform_sql};
use jiff::civil::Date;

use super::{Filter, LONGEST};
use crate::doctors::hours::{DayHours, Interval, WeeklyHours};

/// A provider in a clinic.
pub type Key = (ClinicId, UserId);

struct WeeklyRow {
    clinic_id: ClinicId,
    user_id: UserId,
    weekday: i64,
    starts_minute: i64,
    ends_minute: i64,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
}

from_row!(WeeklyRow { clinic_id, user_id, weekday, starts_minute, ends_minute, valid_from, valid_to });

impl WeeklyRow {
    fn keyed(self) -> (Key, WeeklyHours) {
        let Self { weekday, starts_minute, ends_minute, valid_from, valid_to, .. } = self;
        ((self.clinic_id, self.user_id), WeeklyHours { weekday, starts_minute, ends_minute, valid_from, valid_to })
    }
}

struct DayRow {
    clinic_id: ClinicId,
    user_id: UserId,
    day: Date,
    starts_minute: Option<i64>,
    ends_minute: Option<i64>,
}

from_row!(DayRow { clinic_id, user_id, day, starts_minute, ends_minute });

impl DayRow {
    fn keyed(self) -> (Key, DayHours) {
        ((self.clinic_id, self.user_id), DayHours { day: self.day, minutes: self.starts_minute.zip(self.ends_minute) })
    }
}

/// Weekly hours.
pub async fn weekly(tx: &mut PlatformTx, filter: &Filter) -> Result<Vec<(Key, WeeklyHours)>, DbError> {
    let mut query = Query::platform(platform_sql!(
        "SELECT h.clinic_id, h.user_id, h.weekday, h.starts_minute, h.ends_minute, h.valid_from, h.valid_to
         FROM doctors d JOIN users u ON u.user_id = d.user_id JOIN memberships m ON m.user_id = d.user_id
              JOIN clinics c ON c.clinic_id = m.clinic_id
              JOIN doctor_hours h ON h.clinic_id = m.clinic_id AND h.user_id = m.user_id WHERE 1 = 1"
    ));
    filter.apply(&mut query);
    let rows: Vec<WeeklyRow> = tx.all_q(&query).await?;
    Ok(rows.into_iter().map(WeeklyRow::keyed).collect())
}

/// Exceptions from `from` to `to`, both days included.
pub async fn exceptions(tx: &mut PlatformTx, filter: &Filter, from: Date, to: Date) -> Result<Vec<(Key, DayHours)>, DbError> {
    let mut query = Query::platform(platform_sql!(
        "SELECT e.clinic_id, e.user_id, e.day, e.starts_minute, e.ends_minute
         FROM doctors d JOIN users u ON u.user_id = d.user_id JOIN memberships m ON m.user_id = d.user_id
              JOIN clinics c ON c.clinic_id = m.clinic_id
              JOIN doctor_exceptions e ON e.clinic_id = m.clinic_id AND e.user_id = m.user_id
         WHERE e.day >= $1 AND e.day <= $2"
    ));
    query.bind(params![from, to]);
    filter.apply(&mut query);
    let rows: Vec<DayRow> = tx.all_q(&query).await?;
    Ok(rows.into_iter().map(DayRow::keyed).collect())
}

/// Time off that touches the window.
pub async fn time_off(tx: &mut PlatformTx, filter: &Filter, window: Interval) -> Result<Vec<(Key, Interval)>, DbError> {
    let mut query = Query::platform(platform_sql!(
        "SELECT o.clinic_id, o.user_id, o.starts_at, o.ends_at
         FROM doctors d JOIN users u ON u.user_id = d.user_id JOIN memberships m ON m.user_id = d.user_id
              JOIN clinics c ON c.clinic_id = m.clinic_id
              JOIN time_off o ON o.clinic_id = m.clinic_id AND o.user_id = m.user_id
         WHERE o.starts_at < $2 AND o.ends_at > $1"
    ));
    query.bind(params![window.start, window.end]);
    filter.apply(&mut query);
    let rows: Vec<(ClinicId, UserId, UtcTime, UtcTime)> = tx.all_q(&query).await?;
    Ok(rows.into_iter().map(|(clinic, user, start, end)| ((clinic, user), Interval { start, end })).collect())
}

/// Appointments, in any clinic, of the providers that match: the clinic is the one where the provider was looked for.
pub async fn busy(tx: &mut PlatformTx, filter: &Filter, window: Interval) -> Result<Vec<(UserId, Interval)>, DbError> {
    let mut query = Query::platform(platform_sql!(
        "SELECT DISTINCT a.provider_user_id, a.scheduled_start, a.scheduled_end
         FROM doctors d JOIN users u ON u.user_id = d.user_id JOIN memberships m ON m.user_id = d.user_id
              JOIN clinics c ON c.clinic_id = m.clinic_id
              JOIN appointments a ON a.provider_user_id = d.user_id
         WHERE a.scheduled_start < $2 AND a.scheduled_start >= $3 AND a.scheduled_end > $1
               AND a.status NOT IN ('cancelled', 'no_show', 'rejected')"
    ));
    let earliest = window.start.plus(-LONGEST);
    query.bind(params![window.start, window.end, earliest]);
    filter.apply(&mut query);
    let rows: Vec<(UserId, UtcTime, UtcTime)> = tx.all_q(&query).await?;
    Ok(rows.into_iter().map(|(user, start, end)| (user, Interval { start, end })).collect())
}
