//! Who may vote, and what a grant is good for.

use super::setting::{Scene, YES};
use super::{Fixture, Stop, ensure, promises, same};
use crate::PortError;
use linli_model::{Credential, GrantToken, Proof, Refusal};

promises!(
    a_device_is_identified,
    a_code_is_identified_however_typed,
    a_wrong_code_is_refused,
    a_weak_credential_is_refused,
    a_grant_is_good_for_its_poll_only,
    a_closed_poll_identifies_nobody,
);

async fn a_device_is_identified(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "device");
    let identify = |tag| scene.identify(scene.device(tag));
    let (Ok(one), Ok(same_one), Ok(other)) =
        (identify(1).await, identify(1).await, identify(2).await)
    else {
        return Err(Stop::Broken("a device was refused".to_owned()));
    };
    same("label", one.voter.as_str(), "")?;
    scene.cast(&scene.command(&one, 1, YES)).await?;
    ensure(
        "the same device again has voted",
        scene.standing(&same_one, None).await?.voted,
    )?;
    ensure(
        "another device has not",
        !scene.standing(&other, None).await?.voted,
    )?;
    scene.counts(1).await
}

async fn a_code_is_identified_however_typed(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "identity");
    let printed = fixture.code(0);
    let plain: String = printed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let spaced: String = plain.chars().flat_map(|letter| [letter, ' ']).collect();
    let first = scene.grant(0).await?;
    ensure("a household has a label", !first.voter.is_empty())?;
    ensure(
        "nobody has voted",
        !first.standing.voted && first.standing.reply.is_none(),
    )?;
    let closes_at_ms = scene.view().await?.topic.poll.closes_at_ms;
    ensure(
        "a grant ends in the future, at closing at the latest",
        (fixture.now_ms() + 1..=closes_at_ms).contains(&first.expires_at_ms),
    )?;
    for code in [plain.to_lowercase(), plain, spaced] {
        let seen = scene
            .identify(Proof::HouseholdCode { code: code.clone() })
            .await;
        let label = seen.as_ref().map(|grant| grant.voter.clone());
        same(
            &format!("voter of {code:?}"),
            label,
            Ok(first.voter.clone()),
        )?;
    }
    let neighbour = scene.grant(1).await?;
    ensure(
        "two households are two voters",
        neighbour.voter != first.voter,
    )
}

async fn a_wrong_code_is_refused(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "wrong-code");
    // A code of the right form that is not on the roll: another last letter.
    let mut wrong = fixture.code(0);
    let last = if wrong.pop() == Some('7') { '8' } else { '7' };
    wrong.push(last);
    let left = |seen: Result<_, PortError>| match seen {
        Err(PortError::Refused(Refusal::CodeUnknown { attempts_left })) => Ok(attempts_left),
        seen => Err(Stop::Broken(format!("a wrong code gave {seen:?}"))),
    };
    let proof = || Proof::HouseholdCode {
        code: wrong.clone(),
    };
    let first = left(scene.identify(proof()).await.map(|_| ()))?;
    let second = left(scene.identify(proof()).await.map(|_| ()))?;
    ensure("every try leaves fewer", second < first)?;
    for senseless in ["", "1", "<script>", &"7".repeat(64), &"七".repeat(300)] {
        let code = senseless.to_owned();
        let seen = scene.identify(Proof::HouseholdCode { code }).await;
        let refused = matches!(
            seen,
            Err(PortError::Refused(
                Refusal::Malformed | Refusal::CodeUnknown { .. } | Refusal::TooManyAttempts { .. }
            ))
        );
        ensure(
            &format!("{senseless:?} gave {:?}", seen.map(|_| "a grant")),
            refused,
        )?;
    }
    scene.counts(0).await
}

async fn a_weak_credential_is_refused(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "identity");
    let seen = scene.identify(scene.device(1)).await;
    let needs = Credential::HouseholdCode;
    same(
        "device",
        seen,
        Err(PortError::Refused(Refusal::CredentialTooWeak { needs })),
    )
}

async fn a_grant_is_good_for_its_poll_only(fixture: &dyn Fixture) -> Result<(), Stop> {
    let (scene, elsewhere) = (
        Scene::new(fixture, "grants"),
        Scene::new(fixture, "identity"),
    );
    let mut grant = elsewhere.grant(0).await?;
    let foreign = scene.command(&grant, 1, YES);
    scene
        .refused("a grant of another poll", &foreign, Refusal::GrantInvalid)
        .await?;
    let Ok(made_up) = GrantToken::parse("contract-made-up") else {
        return Err(Stop::Broken("not a token".to_owned()));
    };
    grant.token = made_up;
    let made_up = scene.command(&grant, 2, YES);
    scene
        .refused("a made-up grant", &made_up, Refusal::GrantInvalid)
        .await?;
    let deliberations = fixture.deliberations();
    let seen = deliberations
        .standing(&scene.topic, &grant.token, None)
        .await;
    let invalid = Err(PortError::Refused(Refusal::GrantInvalid));
    same("standing of a made-up grant", seen, invalid)?;
    scene.counts(0).await
}

async fn a_closed_poll_identifies_nobody(fixture: &dyn Fixture) -> Result<(), Stop> {
    let scene = Scene::new(fixture, "closed");
    let closed_at_ms = scene.view().await?.topic.poll.closes_at_ms;
    let code = fixture.code(0);
    let seen = scene.identify(Proof::HouseholdCode { code }).await;
    same(
        "identify",
        seen,
        Err(PortError::Refused(Refusal::Closed { closed_at_ms })),
    )
}
