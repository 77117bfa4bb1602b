//! Making voting codes for a community's households.

use super::{Service, told_to_staff};
use crate::identity::codes::Code;
use crate::identity::secrets;
use crate::import::ImportError;
use crate::seal;
use crate::store::{Failure, HouseholdCodes, HouseholdRow, PreparedCodes};
use linli_model::{CommunityId, PlaceId};
use std::collections::HashSet;

/// One household's new codes. Exists nowhere else: the store keeps hashes.
#[derive(Clone)]
pub struct CodeSheetRow {
    /// The place's name.
    pub place_name: String,
    /// The household's label.
    pub label: String,
    /// `XXXX-XXXX-XXXX`
    pub typed: String,
    /// 26 characters.
    pub scanned: String,
}

impl Service {
    /// Makes codes for households without any, and for every household of `renew`.
    pub async fn make_codes(
        &self,
        community: &CommunityId,
        renew: Option<&PlaceId>,
    ) -> Result<Vec<CodeSheetRow>, ImportError> {
        let name = community.as_str();
        let households = self.store.households(name).await.map_err(told_to_staff)?;
        if households.is_empty() {
            return Err(ImportError(format!(
                "community {community} has no households"
            )));
        }
        let wanted = households
            .into_iter()
            .filter(|h| !h.has_code || renew.is_some_and(|place| place.as_str() == h.place));
        let made = self.codes_for(community, wanted.collect()).await;
        let (sheet, hashed) = made.map_err(told_to_staff)?;
        self.store
            .set_codes(name, hashed)
            .await
            .map_err(told_to_staff)?;
        Ok(sheet)
    }

    /// New codes of both kinds for each household: as printed, and as stored. The slow
    /// hashes run on every core.
    pub(super) async fn codes_for(
        &self,
        community: &CommunityId,
        households: Vec<HouseholdRow>,
    ) -> Result<(Vec<CodeSheetRow>, Vec<HouseholdCodes>), Failure> {
        let known = self.store.typed_codes(community.as_str()).await?;
        let mut selectors: HashSet<String> = known.into_iter().map(|row| row.selector).collect();
        let mut sheet = Vec::with_capacity(households.len());
        let mut fresh = Vec::with_capacity(households.len());
        for household in households {
            let (typed, selector, secret) = unused(&mut selectors);
            let scanned = Code::new_scanned();
            let Code::Scanned(bytes) = &scanned else {
                continue;
            };
            sheet.push(CodeSheetRow {
                place_name: household.place_name,
                label: household.label.clone(),
                typed: typed.written(),
                scanned: scanned.written(),
            });
            let hash = seal::scanned_code_hash(bytes);
            fresh.push(Fresh {
                place: household.place,
                label: household.label,
                selector,
                secret,
                scanned: hash,
            });
        }
        let hashed = tokio::task::spawn_blocking(move || hashed(&fresh)).await;
        let short = || Failure::Fault("not enough memory to hash codes".to_owned());
        Ok((sheet, hashed.ok().flatten().ok_or_else(short)?))
    }
}

struct Fresh {
    place: String,
    label: String,
    selector: String,
    secret: String,
    scanned: [u8; 32],
}

fn hashed(fresh: &[Fresh]) -> Option<Vec<HouseholdCodes>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = fresh.len().div_ceil(cores).max(1);
    let one = |fresh: &Fresh| {
        let typed = Some((fresh.selector.clone(), secrets::hash(&fresh.secret)?));
        Some(HouseholdCodes {
            place: fresh.place.clone(),
            label: fresh.label.clone(),
            codes: PreparedCodes {
                typed,
                scanned: Some(fresh.scanned),
            },
        })
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = fresh
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(one).collect::<Option<Vec<_>>>()))
            .collect();
        let parts = workers
            .into_iter()
            .map(|worker| worker.join().ok().flatten());
        let parts: Option<Vec<_>> = parts.collect();
        parts.map(|parts| parts.concat())
    })
}

/// A typed code whose selector nobody in the community has.
fn unused(selectors: &mut HashSet<String>) -> (Code, String, String) {
    loop {
        let code = Code::new_typed();
        if let Code::Typed { selector, secret } = &code
            && selectors.insert(selector.clone())
        {
            let (selector, secret) = (selector.clone(), secret.clone());
            return (code, selector, secret);
        }
    }
}
