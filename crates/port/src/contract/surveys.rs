//! What every backend for surveys promises: a round is served with the definition that it
//! asks, and its responses are ballots that the engine has checked.

use super::receipts::holds_together;
use super::setting::{Scene, id, topic};
use super::{Fixture, Stop, Verdict, ensure, same};
use crate::{LocalFuture, PortError, Surveys};
use linli_model::wave::{Quota, Wave};
use linli_model::{Choice, PollKind, Refusal, SurveyId, Topic, TopicId, UtcMs};
use sha2::{Digest, Sha256};

/// What every round here asks: a rating that must be given, and its reason when it is low.
pub const DEFINITION: &str = r#"{"pages":[{"name":"one","elements":[{"type":"rating","name":"satisfaction","isRequired":true,"rateMax":5},{"type":"comment","name":"reason","visibleIf":"{satisfaction} <= 2","isRequired":true}]}]}"#;

/// The topic of another kind of poll, of [`super::topics`].
const MOTION: &str = "served";

/// A backend with the contract's topics and rounds.
pub trait SurveyFixture: Fixture {
    /// The backend.
    fn surveys(&self) -> &dyn Surveys;
}

/// One promise of backends for surveys.
pub struct SurveyCheck {
    /// What is promised, as a name.
    pub name: &'static str,
    /// Finds out.
    pub run: for<'a> fn(&'a dyn SurveyFixture) -> LocalFuture<'a, Verdict>,
}

macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        /// Every promise.
        pub const SURVEY_CHECKS: &[SurveyCheck] = &[$(SurveyCheck {
            name: stringify!($name),
            run: |fixture| Box::pin(async move { $name(fixture).await.into() }),
        }),*];
    };
}

promises!(
    a_round_is_served_with_its_definition,
    other_topics_are_no_rounds,
    answers_give_a_receipt,
    the_same_answers_give_the_same_receipt,
    answers_to_another_definition_are_refused,
    answers_that_do_not_fit_are_refused,
    a_quota_is_held,
);

/// Every round that the checks use, for a fixture to install together with
/// [`DEFINITION`].
pub fn rounds(now_ms: UtcMs) -> Vec<Topic> {
    let names = [
        "round",
        "round-receipt",
        "round-replay",
        "round-version",
        "round-fit",
        "round-quota",
    ];
    let round = |name: &str| {
        let quota = Quota {
            place: None,
            max: 1,
        };
        let wave = Wave {
            survey: id(SurveyId::parse(&format!("contract-{name}"))),
            number: 1,
            version: version(),
            quotas: (name == "round-quota")
                .then_some(quota)
                .into_iter()
                .collect(),
        };
        topic(name, PollKind::Survey { wave }, now_ms)
    };
    names.map(round).to_vec()
}

fn version() -> String {
    let digest = Sha256::digest(DEFINITION.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn answers(json: &str) -> Choice {
    Choice::Answers {
        version: version(),
        at: None,
        answers: json.to_owned(),
    }
}

const GOOD: &str = r#"{"satisfaction":4}"#;

async fn a_round_is_served_with_its_definition(fixture: &dyn SurveyFixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "round");
    let asked = fixture.surveys().survey(&scene.topic).await;
    let survey = match asked {
        Ok(answer) => answer.survey,
        Err(error) => return Err(Stop::Broken(format!("survey failed: {error:?}"))),
    };
    same("topic", &survey.view.topic.id, &scene.topic)?;
    same("definition", survey.definition.as_str(), DEFINITION)?;
    let PollKind::Survey { wave } = &survey.view.topic.poll.kind else {
        return Err(Stop::Broken("the poll asks no survey".to_owned()));
    };
    same("version", wave.version.clone(), version())?;
    // It is a topic like any other.
    same("as a topic", scene.view().await?, survey.view)
}

async fn other_topics_are_no_rounds(fixture: &dyn SurveyFixture) -> Result<(), Stop> {
    for name in [MOTION, "none"] {
        let topic = id(TopicId::parse(&format!("contract-{name}")));
        let seen = fixture.surveys().survey(&topic).await;
        same(
            name,
            seen.map(|answer| answer.survey),
            Err(PortError::Refused(Refusal::TopicUnknown)),
        )?;
    }
    Ok(())
}

async fn answers_give_a_receipt(fixture: &dyn SurveyFixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "round-receipt");
    let low = answers(r#"{"satisfaction":1,"reason":"路灯坏了"}"#);
    let command = scene.command(&scene.grant(0).await?, 1, low.clone());
    let reply = scene.cast(&command).await?;
    holds_together(fixture, &command, &reply, &low)?;
    scene.counts(1).await
}

async fn the_same_answers_give_the_same_receipt(fixture: &dyn SurveyFixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "round-replay");
    let grant = scene.grant(0).await?;
    let command = scene.command(&grant, 1, answers(GOOD));
    let reply = scene.cast(&command).await?;
    for _ in 0..3 {
        same("reply", scene.cast(&command).await?, reply.clone())?;
    }
    let other = scene.command(&grant, 1, answers(r#"{"satisfaction":5}"#));
    scene
        .refused("other answers under the key", &other, Refusal::KeyReused)
        .await?;
    scene.counts(1).await
}

async fn answers_to_another_definition_are_refused(
    fixture: &dyn SurveyFixture,
) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "round-version");
    let other = Choice::Answers {
        version: "0".repeat(64),
        at: None,
        answers: GOOD.to_owned(),
    };
    let command = scene.command(&scene.grant(0).await?, 1, other);
    scene
        .refused("another version", &command, Refusal::VersionUnknown)
        .await?;
    scene.counts(0).await
}

async fn answers_that_do_not_fit_are_refused(fixture: &dyn SurveyFixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "round-fit");
    let grant = scene.grant(0).await?;
    let cases: [(&str, &[&str]); 5] = [
        ("{}", &["satisfaction"]),
        (r#"{"satisfaction":2}"#, &["reason"]),
        (r#"{"satisfaction":2,"reason":"  "}"#, &["reason"]),
        ("[]", &[]),
        ("{", &[]),
    ];
    for (tag, (json, faulty)) in (1..).zip(cases) {
        let questions = faulty.iter().map(|&name| name.to_owned()).collect();
        let command = scene.command(&grant, tag, answers(json));
        scene
            .refused(json, &command, Refusal::AnswersInvalid { questions })
            .await?;
    }
    scene.counts(0).await?;
    // A refusal leaves nothing behind: the same key may be used for what fits.
    scene.cast(&scene.command(&grant, 1, answers(GOOD))).await?;
    scene.counts(1).await
}

async fn a_quota_is_held(fixture: &dyn SurveyFixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "round-quota");
    let grant = scene.grant(0).await?;
    let first = scene.command(&grant, 1, answers(GOOD));
    let reply = scene.cast(&first).await?;
    let second = scene.command(&scene.grant(1).await?, 2, answers(GOOD));
    scene
        .refused("one too many", &second, Refusal::QuotaFull)
        .await?;
    // Who is in stays in: sent again, and changed.
    same("reply", scene.cast(&first).await?, reply)?;
    let changed = answers(r#"{"satisfaction":3}"#);
    scene.cast(&scene.command(&grant, 3, changed)).await?;
    ensure("one response", scene.counts(1).await.is_ok())
}
