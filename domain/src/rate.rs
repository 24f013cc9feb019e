//! How often may somebody try? Token buckets, and the table of limits.
//!
//! A bucket holds up to `burst` tokens and gets one back every `refill`; a try takes one. Tries are counted by what
//! they are about (an invitation, an account, a session) before where they come from: a school of 900 people sits
//! behind one address, and must get in on the first morning of term.
use chrono::TimeDelta;

crate::text_enum! {
    /// Something that is counted.
    pub enum Limit as "Limit" {
        /// Failed sign-ins to one account from one network.
        SignInAccountNetwork = "SIGN_IN_ACCOUNT_NETWORK",
        /// Failed sign-ins to one account from anywhere.
        SignInAccount = "SIGN_IN_ACCOUNT",
        /// Failed sign-ins from one network.
        SignInNetwork = "SIGN_IN_NETWORK",
        /// Sign-ups with one address of mail.
        SignUpEmail = "SIGN_UP_EMAIL",
        /// Sign-ups without an invitation from one network.
        SignUpNetwork = "SIGN_UP_NETWORK",
        /// Tries to accept one invitation.
        Invitation = "INVITATION",
        /// Invitation tokens that are none, from one network.
        InvitationNetwork = "INVITATION_NETWORK",
        /// Requests for mail to reset the password of one account.
        ResetEmail = "RESET_EMAIL",
        /// Requests for mail to reset passwords from one network.
        ResetNetwork = "RESET_NETWORK",
        /// Links of mails that are none, from one network.
        LinkNetwork = "LINK_NETWORK",
        /// Refreshes of one session.
        RefreshSession = "REFRESH_SESSION",
        /// Refresh tokens that are none, from one network.
        RefreshNetwork = "REFRESH_NETWORK",
    }
}

/// How much a bucket holds, and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub burst: u16,
    /// The time in which one token comes back.
    pub refill: TimeDelta,
}

impl Limit {
    pub const fn rule(self) -> Rule {
        let (burst, seconds) = match self {
            Self::SignInAccountNetwork => (10, 90),
            Self::SignInAccount => (50, 60),
            Self::SignInNetwork => (600, 6),
            Self::SignUpEmail | Self::ResetEmail => (3, 1200),
            Self::SignUpNetwork => (60, 60),
            Self::Invitation => (10, 60),
            Self::InvitationNetwork | Self::LinkNetwork => (100, 20),
            Self::ResetNetwork => (100, 36),
            Self::RefreshSession => (30, 2),
            Self::RefreshNetwork => (300, 1),
        };
        Rule { burst, refill: TimeDelta::seconds(seconds) }
    }
}

impl Rule {
    /// Tokens that come back in a second.
    pub fn per_second(self) -> f64 {
        1.0 / self.refill.as_seconds_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_school_of_900_behind_one_address_gets_in() {
        // Half of the people mistype once, all in the same hour; right passwords are given back.
        let rule = Limit::SignInNetwork.rule();
        assert!(f64::from(rule.burst) + 3600.0 * rule.per_second() >= 900.0);
        assert!(rule.burst >= 450);
    }

    #[test]
    fn guessing_one_password_is_slow_from_one_network_and_from_a_thousand() {
        let per_day = |limit: Limit| f64::from(limit.rule().burst) + 86_400.0 * limit.rule().per_second();
        assert!(per_day(Limit::SignInAccountNetwork) < 1000.0);
        assert!(per_day(Limit::SignInAccount) < 1500.0);
    }
}
