//! The chain of the audit trail: whatever is changed after it was sealed is found, and nothing else.

use std::sync::Arc;

use clinichub_app::audit::{AuditWriter, Problem, Report, Sealer, verify_in};
use clinichub_core::{AppError, ClinicId, Clock, OsEntropy, PatientId, TrailEntry};
use clinichub_db::{AuditOutcome, PlatformSql, audit_row, params, platform_sql};
use clinichub_jobs::system_grant;
use jiff::SignedDuration;

use crate::house::{House, on_both};

impl House {
    fn writer(&self) -> AuditWriter {
        let clock: Arc<dyn Clock> = self.clock.clone();
        AuditWriter::start(&self.db, &clock)
    }

    fn sealer(&self) -> Sealer {
        Sealer::new(self.db.clone(), self.clock.clone(), &OsEntropy)
    }

    /// Looks at some charts of a clinic, one row each.
    async fn look(&self, writer: &AuditWriter, clinic: i64, charts: std::ops::Range<i64>) {
        let grant = system_grant(Some(ClinicId(clinic)), "get_patient", self.clock.as_ref());
        for chart in charts {
            let look = TrailEntry { patient_id: Some(PatientId(chart)), ..TrailEntry::default() };
            writer.write(vec![audit_row(&grant, AuditOutcome::Allowed, &look)]).await.expect("the trail is written");
        }
    }

    /// Does to the tables what somebody with the database's password can do.
    async fn tamper(&self, statement: PlatformSql) -> u64 {
        let grant = system_grant(None, "test", self.clock.as_ref());
        let done = self.db.platform_write(&grant, (), move |mut tx, ()| async move {
            tx.unaudited("that is the point");
            Ok(tx.exec(statement, params![]).await?)
        });
        done.await.expect("the statement runs")
    }

    async fn verify(&self) -> Report {
        verify_in(&self.db, self.clock.as_ref()).await.expect("the trail is read")
    }

    /// What does not fit: clinic, seal, problem.
    async fn findings(&self) -> Vec<(Option<i64>, i64, Problem)> {
        let findings = self.verify().await.findings;
        findings.into_iter().map(|finding| (finding.clinic_id.map(|clinic| clinic.0), finding.seal_no, finding.problem)).collect()
    }

    /// Two clinics with three seals each: events 1–12, two of each clinic in turn.
    async fn sealed_trail(&self) -> Sealer {
        let (writer, sealer) = (self.writer(), self.sealer());
        for round in 0..3 {
            self.look(&writer, 1, round * 2..round * 2 + 2).await;
            self.look(&writer, 2, round * 2..round * 2 + 2).await;
            assert_eq!(sealer.seal_now().await.expect("the trail is sealed"), 4);
        }
        assert_eq!(self.findings().await, []);
        sealer
    }
}

on_both!(
    a_trail_that_nobody_touched_is_sound,
    a_changed_event_is_found,
    a_moved_event_is_found_in_both_clinics,
    a_removed_event_is_found,
    an_inserted_event_is_found,
    an_altered_seal_is_found,
    a_removed_seal_is_found,
    the_removed_end_of_a_chain_is_found,
    a_removed_end_is_found_after_the_sealer_went_on,
    an_event_that_is_committed_late_is_sealed_late,
    an_event_that_comes_too_late_is_found,
    sealers_on_two_nodes_make_one_chain,
    many_requests_share_the_writer,
    without_the_database_nothing_is_written_and_the_caller_knows,
);

async fn a_trail_that_nobody_touched_is_sound(house: &House) {
    house.sealed_trail().await;
    house.look(&house.writer(), 2, 0..3).await;

    let report = house.verify().await;

    assert!(report.is_sound());
    let clinics: Vec<_> = report.clinics.iter().map(|clinic| (clinic.clinic_id, clinic.seals, clinic.events, clinic.unsealed)).collect();
    assert_eq!(clinics, [(Some(ClinicId(1)), 3, 6, 0), (Some(ClinicId(2)), 3, 6, 3)]);
}

async fn a_changed_event_is_found(house: &House) {
    house.sealed_trail().await;
    house.tamper(platform_sql!("UPDATE audit_events SET patient_id = 99 WHERE event_id = 6")).await;
    assert_eq!(house.findings().await, [(Some(1), 2, Problem::Changed)]);
}

async fn a_moved_event_is_found_in_both_clinics(house: &House) {
    house.sealed_trail().await;
    house.tamper(platform_sql!("UPDATE audit_events SET clinic_id = 2 WHERE event_id = 6")).await;
    let mut found = house.findings().await;
    found.sort_by_key(|(clinic, ..)| *clinic);
    assert_eq!(found, [(Some(1), 2, Problem::Missing(1)), (Some(2), 2, Problem::Inserted(1))]);
}

async fn a_removed_event_is_found(house: &House) {
    house.sealed_trail().await;
    house.tamper(platform_sql!("DELETE FROM audit_events WHERE event_id IN (7, 8)")).await;
    assert_eq!(house.findings().await, [(Some(2), 2, Problem::Missing(2))]);
}

async fn an_inserted_event_is_found(house: &House) {
    house.sealed_trail().await;
    let insert = platform_sql!(
        "INSERT INTO audit_events (event_id, clinic_id, at, action, outcome, request_id)
         SELECT -1, clinic_id, at, action, outcome, request_id FROM audit_events WHERE event_id = 1"
    );
    house.tamper(insert).await;
    assert_eq!(house.findings().await, [(Some(1), 4, Problem::NotSealed(1))]);
}

async fn an_altered_seal_is_found(house: &House) {
    house.sealed_trail().await;
    house.tamper(platform_sql!("UPDATE audit_seals SET hash = 'ff' WHERE clinic_id = 1 AND seal_no = 2")).await;
    assert_eq!(house.findings().await, [(Some(1), 2, Problem::Changed), (Some(1), 3, Problem::Broken)]);
}

async fn a_removed_seal_is_found(house: &House) {
    house.sealed_trail().await;
    house.tamper(platform_sql!("DELETE FROM audit_seals WHERE clinic_id = 1 AND seal_no = 2")).await;
    let found = house.findings().await;
    assert_eq!(found, [(Some(1), 3, Problem::SealsRemoved), (Some(1), 4, Problem::NotSealed(2))]);
}

async fn the_removed_end_of_a_chain_is_found(house: &House) {
    house.sealed_trail().await;
    house.tamper(platform_sql!("DELETE FROM audit_seals WHERE clinic_id = 1 AND seal_no >= 2")).await;
    assert_eq!(house.findings().await, [(Some(1), 2, Problem::NotSealed(4))]);
}

async fn a_removed_end_is_found_after_the_sealer_went_on(house: &House) {
    let sealer = house.sealed_trail().await;
    house.tamper(platform_sql!("DELETE FROM audit_seals WHERE seal_no >= 3")).await;
    house.tamper(platform_sql!("DELETE FROM audit_events WHERE event_id > 8")).await;
    // SQLite gives ids that are free again: two events bring it past where the sealer was.
    house.look(&house.writer(), 1, 0..6).await;

    sealer.seal_now().await.expect("the trail is sealed");

    assert!(house.findings().await.contains(&(Some(1), 4, Problem::SealsRemoved)), "{:?}", house.findings().await);
}

const LATE: PlatformSql = platform_sql!(
    "INSERT INTO audit_events (event_id, clinic_id, at, action, outcome, request_id)
     SELECT 15, 1, at, action, outcome, request_id FROM audit_events WHERE event_id = 1"
);

/// A trail in which the ids 14 and 15 are missing.
async fn trail_with_a_gap(house: &House) -> Sealer {
    let sealer = house.sealed_trail().await;
    let beyond = platform_sql!(
        "INSERT INTO audit_events (event_id, clinic_id, at, action, outcome, request_id)
         SELECT event_id + 12, clinic_id, at, action, outcome, request_id FROM audit_events WHERE event_id IN (1, 4)"
    );
    assert_eq!(house.tamper(beyond).await, 2);
    assert_eq!(sealer.seal_now().await.expect("the trail is sealed"), 2);
    sealer
}

async fn an_event_that_is_committed_late_is_sealed_late(house: &House) {
    let sealer = trail_with_a_gap(house).await;
    house.clock.advance(SignedDuration::from_secs(30));
    house.tamper(LATE).await;
    assert_eq!(house.findings().await, [], "it is waited for");

    assert_eq!(sealer.seal_now().await.expect("the trail is sealed"), 1);

    let report = house.verify().await;
    assert!(report.is_sound());
    assert_eq!((report.clinics[0].seals, report.clinics[0].events, report.clinics[0].unsealed), (5, 8, 0));
    house.tamper(platform_sql!("UPDATE audit_events SET outcome = 'refused' WHERE event_id = 15")).await;
    assert_eq!(house.findings().await, [(Some(1), 5, Problem::Changed)]);
}

async fn an_event_that_comes_too_late_is_found(house: &House) {
    let sealer = trail_with_a_gap(house).await;
    house.clock.advance(SignedDuration::from_mins(11));
    sealer.seal_now().await.expect("the trail is sealed");

    house.tamper(LATE).await;
    sealer.seal_now().await.expect("the trail is sealed");

    assert_eq!(house.findings().await, [(Some(1), 4, Problem::Inserted(1))]);
}

async fn sealers_on_two_nodes_make_one_chain(house: &House) {
    let (writer, one, other) = (house.writer(), house.sealer(), house.sealer());
    for round in 0..10 {
        house.look(&writer, 1 + round % 3, 0..3).await;
        let (first, second) = tokio::join!(one.seal_now(), other.seal_now());
        // Where both began at once, one of them is refused and finds it done next time.
        assert!(first.is_ok() || second.is_ok());
        house.clock.advance(SignedDuration::from_secs(if round % 4 == 3 { 11 } else { 1 }));
    }
    house.clock.advance(SignedDuration::from_secs(11));
    other.seal_now().await.expect("the trail is sealed");

    let report = house.verify().await;
    assert!(report.is_sound(), "{:?}", report.findings);
    assert_eq!(report.clinics.iter().map(|clinic| (clinic.events, clinic.unsealed)).collect::<Vec<_>>(), [(12, 0), (9, 0), (9, 0)]);
}

async fn many_requests_share_the_writer(house: &House) {
    let writer = house.writer();
    let looks = (0..8).map(|clinic| {
        let (writer, grant) = (writer.clone(), system_grant(Some(ClinicId(clinic)), "get_patient", house.clock.as_ref()));
        house.tasks.spawn(async move {
            for chart in 0..100 {
                let rows = (0..=chart % 3).map(|_| audit_row(&grant, AuditOutcome::Allowed, &TrailEntry::default()));
                writer.write(rows.collect()).await.expect("the trail is written");
            }
        })
    });
    for look in looks.collect::<Vec<_>>() {
        look.await.expect("the looks are written");
    }

    let unsealed: i64 = house.verify().await.clinics.iter().map(|clinic| clinic.unsealed).sum();

    assert_eq!(unsealed, 8 * (34 + 66 + 99));
}

async fn without_the_database_nothing_is_written_and_the_caller_knows(house: &House) {
    let writer = house.writer();
    house.look(&writer, 1, 0..1).await;
    house.db.close().await;

    let grant = system_grant(Some(ClinicId(1)), "get_patient", house.clock.as_ref());
    let written = writer.write(vec![audit_row(&grant, AuditOutcome::Allowed, &TrailEntry::default())]).await;

    assert!(matches!(written, Err(AppError::Unavailable(_))), "{written:?}");
}
