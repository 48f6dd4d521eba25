//! Roles, permissions and the default table between them (API.md, "Who may do what").

use crate::text_enum;

text_enum! {
    /// What somebody is. One per clinic, but for `platform_admin`, who belongs to none.
    Role {
        /// Runs the installation; sees no patient data.
        PlatformAdmin => "platform_admin",
        /// Runs a clinic.
        Admin => "admin",
        /// Treats patients.
        Doctor => "doctor",
        /// Cares for patients.
        Nurse => "nurse",
        /// Operates imaging devices.
        Technician => "technician",
        /// Works at the front desk (STAFF in seed 004).
        Receptionist => "receptionist",
        /// A person with charts in one or more clinics.
        Patient => "patient",
    }
}

impl Role {
    /// The roles that a member of a clinic's staff can have.
    pub const STAFF: &'static [Self] = &[Self::Admin, Self::Doctor, Self::Nurse, Self::Technician, Self::Receptionist];

    /// Whether this is a role in a clinic's staff.
    pub fn is_staff(self) -> bool {
        Self::STAFF.contains(&self)
    }
}

text_enum! {
    /// What a route needs. One table maps roles to permissions; a clinic's admin may change it for the clinic.
    Permission {
        /// Anyone who is signed in, for what is one's own (profile, sessions, password).
        SignedIn => "signed_in",
        /// See, list and search patients; a patient sees the own charts.
        PatientRead => "patient_read",
        /// Register patients.
        PatientCreate => "patient_create",
        /// Bring patients in from a file.
        PatientImport => "patient_import",
        /// Change patients; a patient changes the own contact details.
        PatientUpdate => "patient_update",
        /// Delete patients (softly).
        PatientDelete => "patient_delete",
        /// Read the chart: records, visits, prescriptions, labs.
        ChartRead => "chart_read",
        /// Write the chart.
        ChartWrite => "chart_write",
        /// Take entries out of the chart (softly).
        ChartDelete => "chart_delete",
        /// Write prescriptions and sign them in the own name.
        PrescriptionWrite => "prescription_write",
        /// Bring documents into charts; a patient into the own ones.
        DocumentUpload => "document_upload",
        /// Bring lab reports and results into charts.
        LabUpload => "lab_upload",
        /// See appointments; a patient sees the own ones.
        AppointmentRead => "appointment_read",
        /// Book and reschedule; a patient books inside offered slots.
        AppointmentCreate => "appointment_create",
        /// Book many at once.
        AppointmentBulk => "appointment_bulk",
        /// Any step of the flow (waiting, in room, in scan, review, completed).
        AppointmentFlow => "appointment_flow",
        /// The front desk's steps of the flow: confirmed, arrived (waiting), no-show.
        AppointmentArrive => "appointment_arrive",
        /// Accept or reject a request; a doctor the own ones.
        AppointmentDecide => "appointment_decide",
        /// Cancel; a patient the own ones.
        AppointmentCancel => "appointment_cancel",
        /// See invoices, CPT records and the fee schedule; a patient the own invoices.
        InvoiceRead => "invoice_read",
        /// Make invoices, mark them paid or unpaid.
        InvoiceWrite => "invoice_write",
        /// Change the fee schedule.
        FeeScheduleWrite => "fee_schedule_write",
        /// See the staff and the doctors of the clinic.
        StaffRead => "staff_read",
        /// Add, change, deactivate staff and doctors.
        StaffManage => "staff_manage",
        /// Change hours and time off; a doctor the own ones.
        AvailabilityWrite => "availability_write",
        /// Change the clinic's settings and its table of permissions.
        ClinicSettings => "clinic_settings",
        /// Read the audit log; a patient the entries about the own charts.
        AuditRead => "audit_read",
        /// Create and suspend clinics, see the usage of all.
        ClinicsManage => "clinics_manage",
    }
}

impl Permission {
    /// Whether `role` has this permission where the clinic has not said otherwise.
    pub fn default_for(self, role: Role) -> bool {
        use Role::{Admin, Doctor, Nurse, Patient, PlatformAdmin, Receptionist, Technician};
        match self {
            Self::SignedIn => true,
            Self::PatientRead | Self::AppointmentRead | Self::AppointmentCreate | Self::DocumentUpload => role != PlatformAdmin,
            Self::PatientCreate | Self::AppointmentArrive | Self::StaffRead => role.is_staff(),
            Self::PatientUpdate => matches!(role, Admin | Doctor | Nurse | Receptionist | Patient),
            Self::AppointmentFlow => matches!(role, Admin | Doctor | Nurse | Technician),
            Self::ChartRead => matches!(role, Admin | Doctor | Nurse | Patient),
            Self::ChartWrite => matches!(role, Doctor | Nurse),
            Self::PrescriptionWrite => role == Doctor,
            Self::LabUpload => matches!(role, Admin | Doctor | Nurse | Technician),
            Self::PatientImport | Self::AppointmentBulk | Self::InvoiceWrite => matches!(role, Admin | Receptionist),
            Self::AppointmentDecide => matches!(role, Admin | Doctor | Receptionist),
            Self::AppointmentCancel | Self::InvoiceRead => matches!(role, Admin | Doctor | Receptionist | Patient),
            Self::AvailabilityWrite | Self::ChartDelete => matches!(role, Admin | Doctor),
            Self::AuditRead => matches!(role, Admin | Patient),
            Self::PatientDelete | Self::FeeScheduleWrite | Self::StaffManage | Self::ClinicSettings => role == Admin,
            Self::ClinicsManage => role == PlatformAdmin,
        }
    }

    /// Whether a clinic's admin may give or take this permission. Who runs the installation and who is signed in is not
    /// for a clinic to say, and an admin can't lock the clinic out of its own settings.
    pub fn is_clinics_to_grant(self) -> bool {
        !matches!(self, Self::SignedIn | Self::ClinicsManage | Self::ClinicSettings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_serde_writes() {
        for permission in Permission::ALL {
            assert_eq!(serde_json::to_value(permission).ok(), Some(permission.as_str().into()));
        }
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).ok(), Some(role.as_str().into()));
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
    }

    #[test]
    fn the_operator_sees_no_patient() {
        let seen: Vec<_> = Permission::ALL.iter().filter(|permission| permission.default_for(Role::PlatformAdmin)).collect();
        assert_eq!(seen, [&Permission::SignedIn, &Permission::ClinicsManage]);
    }
}
