//! What was asked and answered: one slot for each question. An answer stays on screen
//! while a newer one is on its way, so that nothing jumps.

use linli_model::desk::request::RequestsView;
use linli_model::desk::roll::RollPage;
use linli_model::desk::survey::{InstrumentCard, Poster, SurveyCard, SurveyDetail};
use linli_model::desk::{
    Approval, Attachment, AuditPage, HomeView, LiveEvent, PeopleView, PlaceNode, PollCard,
    PollView, RollVersion, Subject, VotersFound,
};
use linli_model::wave::Wave;
use linli_model::{PollKind, SurveyId, TopicId};
use linli_port::desk::{Answer, DeskError, Question, RoundReport};

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
                Question::Home | Question::Polls | Question::Surveys => true,
                Question::Survey(_) | Question::SurveyReport(_) => event.subject == Subject::Poll,
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
            Subject::Survey => matches!(
                question,
                Question::Surveys
                    | Question::Survey(_)
                    | Question::SurveyReport(_)
                    | Question::Poll(_)
            ),
        }
    }

    /// Reads what the part that is loaded later shows; what makes no sense is as if no
    /// answer had come.
    pub(super) fn read_later(&mut self) {
        for slot in &mut self.0 {
            let is_sensible = match &slot.answer {
                Some(Answer::Survey(told)) => told.read().is_some(),
                Some(Answer::Instruments(told)) => told.read().is_some(),
                Some(Answer::SurveyReport(told)) => told.read().is_some(),
                Some(Answer::Posters(told)) => told.read().is_some(),
                _ => true,
            };
            if !is_sensible {
                (slot.answer, slot.problem) = (None, Some(DeskError::Unreachable));
            }
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

    /// The round of a survey that a poll is.
    pub fn wave(&self, topic: &TopicId) -> Option<&Wave> {
        match &self.poll(topic)?.topic.poll.kind {
            PollKind::Survey { wave } => Some(wave),
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

    /// Surveys.
    pub fn surveys(&self) -> Option<&[SurveyCard]> {
        match self.answer(&Question::Surveys)? {
            Answer::Surveys(surveys) => Some(surveys),
            _ => None,
        }
    }

    /// One survey.
    pub fn survey(&self, survey: &SurveyId) -> Option<&SurveyDetail> {
        match self.answer(&Question::Survey(survey.clone()))? {
            Answer::Survey(survey) => survey.known(),
            _ => None,
        }
    }

    /// A version of a survey's definition.
    pub fn definition(&self, survey: &SurveyId, version: &str) -> Option<&str> {
        let question = Question::Definition(survey.clone(), version.to_owned());
        match self.answer(&question)? {
            Answer::Definition(text) => Some(text),
            _ => None,
        }
    }

    /// Shipped instruments.
    pub fn instruments(&self, lang: &str) -> Option<&[InstrumentCard]> {
        match self.answer(&Question::Instruments(lang.to_owned()))? {
            Answer::Instruments(cards) => cards.known().map(Vec::as_slice),
            _ => None,
        }
    }

    /// What a round's report says.
    pub fn report(&self, topic: &TopicId) -> Option<&RoundReport> {
        match self.answer(&Question::SurveyReport(topic.clone()))? {
            Answer::SurveyReport(report) => report.known(),
            _ => None,
        }
    }

    /// A round's posters.
    pub fn posters(&self, topic: &TopicId) -> Option<&[Poster]> {
        match self.answer(&Question::Posters(topic.clone()))? {
            Answer::Posters(posters) => posters.known().map(Vec::as_slice),
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
