//! Where in the desk somebody is: the part of the address behind `#`.

use linli_model::TopicId;
use linli_model::desk::RollKind;

/// A screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Today's work.
    Home,
    /// The list of polls.
    Polls,
    /// One poll.
    Poll(TopicId),
    /// Writing a new one.
    NewPoll,
    /// Writing a draft anew.
    EditPoll(TopicId),
    /// 代填: filling in a ballot for a household.
    Fill(TopicId),
    /// Requests for a second person.
    Approvals,
    /// Who may vote.
    Rolls,
    /// Voting codes.
    Codes,
    /// Staff, invitations, sessions.
    People,
    /// The audit log.
    Audit,
    /// What residents asked for about their own data.
    Requests,
    /// The tree of places.
    Places,
    /// The lines of a roll.
    Roll(RollKind),
    /// What does not fit into a phone's bar: other screens, looks, signing out.
    More,
}

impl Route {
    /// From what stands behind `#`; today's work where it is nothing that we know.
    pub fn parse(hash: &str) -> Self {
        let path = hash.trim_start_matches(['#', '/']);
        let mut steps = path.split('/');
        let topic = |step: Option<&str>| step.and_then(|step| TopicId::parse(step).ok());
        let found = match steps.next() {
            Some("polls") => Some(Self::Polls),
            Some("poll") => {
                let topic = topic(steps.next());
                let part = steps.next();
                topic.map(|topic| match part {
                    Some("edit") => Self::EditPoll(topic),
                    Some("fill") => Self::Fill(topic),
                    _ => Self::Poll(topic),
                })
            }
            Some("new") => Some(Self::NewPoll),
            Some("approvals") => Some(Self::Approvals),
            Some("rolls") => Some(Self::Rolls),
            Some("roll") => steps.next().and_then(RollKind::parse).map(Self::Roll),
            Some("codes") => Some(Self::Codes),
            Some("people") => Some(Self::People),
            Some("audit") => Some(Self::Audit),
            Some("requests") => Some(Self::Requests),
            Some("places") => Some(Self::Places),
            Some("more") => Some(Self::More),
            _ => None,
        };
        found.unwrap_or(Self::Home)
    }

    /// The address of the screen, for links: `#/polls`.
    pub fn hash(&self) -> String {
        match self {
            Self::Home => "#/".to_owned(),
            Self::Polls => "#/polls".to_owned(),
            Self::Poll(topic) => format!("#/poll/{topic}"),
            Self::NewPoll => "#/new".to_owned(),
            Self::EditPoll(topic) => format!("#/poll/{topic}/edit"),
            Self::Fill(topic) => format!("#/poll/{topic}/fill"),
            Self::Approvals => "#/approvals".to_owned(),
            Self::Rolls => "#/rolls".to_owned(),
            Self::Roll(kind) => format!("#/roll/{}", kind.as_str()),
            Self::Codes => "#/codes".to_owned(),
            Self::People => "#/people".to_owned(),
            Self::Audit => "#/audit".to_owned(),
            Self::Requests => "#/requests".to_owned(),
            Self::Places => "#/places".to_owned(),
            Self::More => "#/more".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_is_found_by_its_address() {
        let topic = TopicId::parse("empty-lot").unwrap();
        for route in [
            Route::Home,
            Route::Polls,
            Route::Poll(topic.clone()),
            Route::NewPoll,
            Route::EditPoll(topic.clone()),
            Route::Fill(topic),
            Route::Approvals,
            Route::Rolls,
            Route::Roll(RollKind::Owners),
            Route::Codes,
            Route::People,
            Route::Audit,
            Route::Requests,
            Route::Places,
            Route::More,
        ] {
            assert_eq!(Route::parse(&route.hash()), route);
        }
        for other in ["", "#", "#/moon", "#/poll", "#/poll/A b"] {
            assert_eq!(Route::parse(other), Route::Home, "{other}");
        }
    }
}
