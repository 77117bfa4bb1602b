//! Surveys in the import file, and topics that are rounds of them.

use super::{ImportError, ImportFile, Surveys, fail};
use crate::store::surveys::{NewSurvey, PreparedSurvey};
use crate::survey;
use linli_model::desk::survey::RATED_CHARS_MAX;
use linli_model::scoring::Scoring;
use linli_model::{CommunityId, PlaceId, Poll, PollKind, SurveyId, Topic, limits};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

/// A survey.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportSurvey {
    /// Its identifier, unique in its community.
    pub id: SurveyId,
    /// Its community.
    pub community: CommunityId,
    /// The place that it concerns.
    pub place: PlaceId,
    /// One line.
    pub title: String,
    /// Who is rated; empty where nobody is.
    #[serde(default)]
    pub rated: String,
    /// SurveyJS JSON: as an object, or as its text.
    pub definition: Value,
    /// How it is scored; absent: by what the definition shows.
    #[serde(default)]
    pub scoring: Option<Scoring>,
}

/// Checks the surveys of a file and makes them ready.
pub(super) fn check(file: &ImportFile) -> Result<Surveys, ImportError> {
    let mut seen = HashSet::new();
    let mut surveys = Vec::with_capacity(file.surveys.len());
    for survey in &file.surveys {
        let about = |what: &str| ImportError(format!("survey {}: {what}", survey.id));
        let community = file
            .communities
            .iter()
            .find(|one| one.id == survey.community);
        let community = community.ok_or_else(|| about("its community is not in this file"))?;
        if !community.places.iter().any(|one| one.id == survey.place) {
            return Err(about(&format!("place {} is unknown", survey.place)));
        }
        if !seen.insert((&survey.community, &survey.id)) {
            return Err(about("is there twice"));
        }
        let texts = [
            ("title", &survey.title, 1, limits::TITLE_CHARS_MAX),
            ("rated", &survey.rated, 0, RATED_CHARS_MAX),
        ];
        for (name, text, min, max) in texts {
            let chars = text.trim().chars().count();
            if !(min..=max).contains(&chars) || text.contains('\0') {
                return Err(about(&format!(
                    "{name} must have {min} to {max} characters"
                )));
            }
        }
        surveys.push((survey.community.clone(), prepared(survey)?));
    }
    Ok(surveys)
}

fn prepared(survey: &ImportSurvey) -> Result<NewSurvey, ImportError> {
    let about = |what: String| ImportError(format!("survey {}: {what}", survey.id));
    let definition = match &survey.definition {
        Value::String(text) => text.clone(),
        // The same object always has the same version.
        object => survey::normal_form(object),
    };
    let read = survey::prepare(&definition).map_err(|faults| {
        let faults = faults.iter();
        let told: Vec<String> = faults
            .map(|fault| format!("{}: {} {}", fault.path, fault.fault, fault.found))
            .collect();
        about(format!("the definition does not run: {}", told.join("; ")))
    })?;
    let scoring = survey.scoring.as_ref();
    if let Some((path, fault)) = scoring.and_then(|one| survey::scoring_fault(&read, one)) {
        return Err(about(format!("{path}: {fault}")));
    }
    Ok(NewSurvey {
        id: survey.id.clone(),
        place: survey.place.clone(),
        title: survey.title.trim().to_owned(),
        rated: survey.rated.trim().to_owned(),
        definition,
        scoring: survey.scoring.clone(),
        prepared: PreparedSurvey {
            version: read.version,
            items: read.items,
            questions: read.questions,
        },
        by: String::new(),
    })
}

/// Puts in the version of a survey of the same file where a round names none.
pub(super) fn name_version(poll: &mut Poll, community: &CommunityId, surveys: &Surveys) {
    let PollKind::Survey { wave } = &mut poll.kind else {
        return;
    };
    let found = surveys
        .iter()
        .find(|(at, survey)| at == community && survey.id == wave.survey);
    if let Some((_, survey)) = found.filter(|_| wave.version.is_empty()) {
        wave.version.clone_from(&survey.prepared.version);
    }
}

/// No two topics of a file may be the same round.
pub(super) fn check_rounds(topics: &[Topic]) -> Result<(), ImportError> {
    let mut seen = HashSet::new();
    for topic in topics {
        if let PollKind::Survey { wave } = &topic.poll.kind
            && !seen.insert((&topic.community.id, &wave.survey, wave.number))
        {
            return fail(format!(
                "topic {}: round {} of survey {} is there twice",
                topic.id, wave.number, wave.survey
            ));
        }
    }
    Ok(())
}
