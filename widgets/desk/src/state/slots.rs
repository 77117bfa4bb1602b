//! What was asked and answered: one slot for each question. An answer stays on screen
//! while a newer one is on its way, so that nothing jumps.

use linli_model::TopicId;
use linli_model::desk::request::RequestsView;
use linli_model::desk::roll::RollPage;
use linli_model::desk::{
    Approval, Attachment, AuditPage, HomeView, LiveEvent, PeopleView, PlaceNode, PollCard,
    PollView, RollVersion, Subject, VotersFound,
};
use linli_port::desk::{Answer, DeskError, Question};

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// What is asked.
    pub question: Question,
    /// The newest answer.
    pub answer: Option<Answer>,
    /// Why the newest asking gave none.
    pub problem: Option<DeskError>,
    /// An answer is awaited.
    pub asking: bool,
    /// It changed while an answer was awaited: ask again.
    pub again: bool,
}

/// Every question asked so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slots(Vec<Slot>);

impl Slots {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The slot of a question.
    pub fn get(&self, question: &Question) -> Option<&Slot> {
        self.0.iter().find(|slot| slot.question == *question)
    }

    /// Notes that `question` is asked; false where an answer is awaited already.
    pub fn begin(&mut self, question: &Question) -> bool {
        if let Some(slot) = self.0.iter_mut().find(|slot| slot.question == *question) {
            slot.again = slot.asking;
            return !std::mem::replace(&mut slot.asking, true);
        }
        self.0.push(Slot {
            question: question.clone(),
            answer: None,
            problem: None,
            asking: true,
            again: false,
        });
        true
    }

    /// Takes an answer; true where the question is to be asked again.
    pub fn end(&mut self, question: &Question, answer: Result<Answer, DeskError>) -> bool {
        let Some(slot) = self.0.iter_mut().find(|slot| slot.question == *question) else {
            return false;
        };
        slot.asking = false;
        match answer {
            Ok(answer) => {
                slot.answer = Some(answer);
                slot.problem = None;
            }
            Err(DeskError::Refused(refusal)) => {
                // What may not be seen any more is not shown any more.
                slot.answer = None;
                slot.problem = Some(DeskError::Refused(refusal));
            }
            Err(error) => slot.problem = Some(error),
        }
        std::mem::take(&mut slot.again)
    }

    /// Whether an event is about a question.
    pub fn concerns(event: &LiveEvent, question: &Question) -> bool {
        match event.subject {
            Subject::All => true,
            Subject::Poll | Subject::Turnout => match question {
                Question::Home | Question::Polls => true,
                Question::Poll(topic) => event.id.is_empty() || topic.as_str() == event.id,
                Question::Attachments(topic) => {
                    let is_this = event.id.is_empty() || topic.as_str() == event.id;
                    is_this && event.subject == Subject::Poll
                }
                Question::Voters { topic, .. } => topic.as_str() == event.id,
                _ => false,
            },
            Subject::Approval => matches!(
                question,
                Question::Home | Question::Approvals | Question::Poll(_) | Question::Polls
            ),
            Subject::Roll => matches!(
                question,
                Question::Home | Question::Places | Question::Rolls | Question::Poll(_)
            ),
            Subject::People => *question == Question::People,
        }
    }

    fn answer(&self, question: &Question) -> Option<&Answer> {
        self.get(question)?.answer.as_ref()
    }

    /// Today's work.
    pub fn home(&self) -> Option<&HomeView> {
        match self.answer(&Question::Home)? {
            Answer::Home(home) => Some(home),
            _ => None,
        }
    }

    /// Every poll.
    pub fn polls(&self) -> Option<&[PollCard]> {
        match self.answer(&Question::Polls)? {
            Answer::Polls(polls) => Some(polls),
            _ => None,
        }
    }

    /// One poll.
    pub fn poll(&self, topic: &TopicId) -> Option<&PollView> {
        match self.answer(&Question::Poll(topic.clone()))? {
            Answer::Poll(poll) => Some(poll),
            _ => None,
        }
    }

    /// What a topic is shown with.
    pub fn attachments(&self, topic: &TopicId) -> Option<&[Attachment]> {
        match self.answer(&Question::Attachments(topic.clone()))? {
            Answer::Attachments(held) => Some(held),
            _ => None,
        }
    }

    /// Requests.
    pub fn approvals(&self) -> Option<&[Approval]> {
        match self.answer(&Question::Approvals)? {
            Answer::Approvals(approvals) => Some(approvals),
            _ => None,
        }
    }

    /// Staff.
    pub fn people(&self) -> Option<&PeopleView> {
        match self.answer(&Question::People)? {
            Answer::People(people) => Some(people),
            _ => None,
        }
    }

    /// Places.
    pub fn places(&self) -> &[PlaceNode] {
        match self.answer(&Question::Places) {
            Some(Answer::Places(places)) => places,
            _ => &[],
        }
    }

    /// Rolls in force.
    pub fn rolls(&self) -> Option<&[RollVersion]> {
        match self.answer(&Question::Rolls)? {
            Answer::Rolls(rolls) => Some(rolls),
            _ => None,
        }
    }

    /// Residents' requests.
    pub fn requests(&self) -> Option<&RequestsView> {
        match self.answer(&Question::Requests)? {
            Answer::Requests(view) => Some(view),
            _ => None,
        }
    }

    /// Voters whom a search found.
    pub fn voters(&self, question: &Question) -> Option<&VotersFound> {
        match self.answer(question)? {
            Answer::Voters(found) => Some(found),
            _ => None,
        }
    }

    /// A page of a roll.
    pub fn entries(&self, question: &Question) -> Option<&RollPage> {
        match self.answer(question)? {
            Answer::RollEntries(page) => Some(page),
            _ => None,
        }
    }

    /// A page of the audit log.
    pub fn audit(&self, question: &Question) -> Option<&AuditPage> {
        match self.answer(question)? {
            Answer::Audit(page) => Some(page),
            _ => None,
        }
    }
}
