//! The contract's negative control: a backend that breaks one promise is caught.

use linli_conformance::memory::Memory;
use linli_model::*;
use linli_port::contract::{self, Fixture, Verdict};
use linli_port::{
    Ambient, Capabilities, CastCommand, CastOutcome, Deliberations, LocalFuture, PortError,
    TopicAnswer,
};

/// Which promise is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sabotage {
    /// Nothing: the wrapper itself breaks none.
    Nothing,
    /// Every send is a command of its own.
    ForgetsKeys,
    /// A key counts, what it was used for does not.
    IgnoresBodies,
    /// The commitment does not fit its opening.
    ForgesCommitments,
    /// Secret ballots have a time.
    TellsTimes,
    /// Counts are shown before closing.
    ShowsResults,
    /// Any code is somebody's.
    BelievesCodes,
    /// Grants never end.
    KeepsGrants,
    /// Whoever asks has voted.
    CountsEveryone,
}

const ALL: [Sabotage; 8] = [
    Sabotage::ForgetsKeys,
    Sabotage::IgnoresBodies,
    Sabotage::ForgesCommitments,
    Sabotage::TellsTimes,
    Sabotage::ShowsResults,
    Sabotage::BelievesCodes,
    Sabotage::KeepsGrants,
    Sabotage::CountsEveryone,
];

#[test]
fn every_sabotage_is_caught() {
    assert_eq!(broken(Sabotage::Nothing), [""; 0]);
    for sabotage in ALL {
        let caught = broken(sabotage);
        println!("{sabotage:?}: {caught:?}");
        assert!(!caught.is_empty(), "{sabotage:?} goes unseen");
    }
}

fn broken(sabotage: Sabotage) -> Vec<&'static str> {
    let is_broken = |check: &&contract::Check| {
        let fixture = Sabotaged {
            memory: Memory::new(),
            sabotage,
        };
        let verdict = futures::executor::block_on((check.run)(&fixture));
        matches!(verdict, Verdict::Broken(_))
    };
    contract::checks()
        .filter(is_broken)
        .map(|check| check.name)
        .collect()
}

struct Sabotaged {
    memory: Memory,
    sabotage: Sabotage,
}

impl Sabotaged {
    fn is(&self, sabotage: Sabotage) -> bool {
        self.sabotage == sabotage
    }

    fn backend(&self) -> &dyn Deliberations {
        self.memory.deliberations()
    }

    /// The command as a careless backend understands it.
    async fn understood(&self, command: &CastCommand) -> CastCommand {
        let mut command = command.clone();
        if self.is(Sabotage::ForgetsKeys) {
            command.key = IdempotencyKey::from_bytes(self.memory.ambient.chance());
        }
        if self.is(Sabotage::IgnoresBodies) {
            let secret = command.ballot.secret.as_ref();
            let standing = self
                .backend()
                .standing(&command.topic, &command.grant, secret);
            if let Ok(Standing {
                reply: Some(reply), ..
            }) = standing.await
                && command.key.as_bytes()[0] == 1
            {
                command.ballot.choice = reply.opening.choice;
            }
        }
        command
    }
}

impl Deliberations for Sabotaged {
    fn capabilities(&self) -> Capabilities {
        self.backend().capabilities()
    }

    fn topic<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Result<TopicAnswer, PortError>> {
        Box::pin(async move {
            let mut answer = self.backend().topic(topic).await?;
            if self.is(Sabotage::ShowsResults) {
                let view = &mut answer.view;
                let kind = &view.topic.poll.kind;
                let result = linli_rules::tally::count(kind, [], None, false);
                view.result.get_or_insert(result);
            }
            Ok(answer)
        })
    }

    fn identify<'a>(
        &'a self,
        topic: &'a TopicId,
        proof: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>> {
        Box::pin(async move {
            match (self.backend().identify(topic, proof).await, proof) {
                (Err(_), Proof::HouseholdCode { .. }) if self.is(Sabotage::BelievesCodes) => {
                    let code = self.memory.code(0);
                    let proof = Proof::HouseholdCode { code };
                    self.backend().identify(topic, &proof).await
                }
                (answer, _) => answer,
            }
        })
    }

    fn cast<'a>(
        &'a self,
        command: &'a CastCommand,
    ) -> LocalFuture<'a, Result<CastOutcome, PortError>> {
        Box::pin(async move {
            let mut command = self.understood(command).await;
            let mut cast = self.backend().cast(&command).await;
            if self.is(Sabotage::KeepsGrants)
                && cast == Err(PortError::Refused(Refusal::GrantExpired))
            {
                let proof = Proof::HouseholdCode {
                    code: self.memory.code(1),
                };
                command.grant = self.backend().identify(&command.topic, &proof).await?.token;
                cast = self.backend().cast(&command).await;
            }
            if let Ok(CastOutcome::Recorded(reply)) = &mut cast {
                let receipt = &mut reply.receipt;
                if self.is(Sabotage::ForgesCommitments) {
                    receipt.commitment = "0".repeat(64);
                }
                if self.is(Sabotage::TellsTimes) {
                    receipt.cast_at_ms = Some(self.memory.now_ms());
                }
            }
            cast
        })
    }

    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        grant: &'a GrantToken,
        secret: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>> {
        Box::pin(async move {
            let mut standing = self.backend().standing(topic, grant, secret).await?;
            standing.voted |= self.is(Sabotage::CountsEveryone);
            Ok(standing)
        })
    }
}

impl Fixture for Sabotaged {
    fn deliberations(&self) -> &dyn Deliberations {
        self
    }
    fn code(&self, nth: usize) -> String {
        self.memory.code(nth)
    }
    fn now_ms(&self) -> UtcMs {
        self.memory.now_ms()
    }
    fn advance(&self, ms: i64) -> bool {
        self.memory.advance(ms)
    }
    fn signature_holds(&self, _: &Receipt) -> Option<bool> {
        None
    }
}
