//! Owns providers: profile, weekly hours, time off and the slots that follow.
