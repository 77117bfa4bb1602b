//! Making voting codes for a community's households.

use super::{Service, told_to_staff};
use crate::identity::codes::Code;
use crate::identity::secrets;
use crate::import::ImportError;
use crate::seal;
use crate::store::{HouseholdCodes, PreparedCodes};
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
        let known = self.store.typed_codes(name).await.map_err(told_to_staff)?;
        let mut selectors: HashSet<String> = known.into_iter().map(|row| row.selector).collect();
        let mut sheet = Vec::new();
        let mut fresh = Vec::new();
        let wanted = households
            .into_iter()
            .filter(|h| !h.has_code || renew.is_some_and(|place| place.as_str() == h.place));
        for household in wanted {
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
            fresh.push((household.place, household.label, selector, secret, hash));
        }
        let hashed = tokio::task::spawn_blocking(move || {
            let hashed = fresh
                .into_iter()
                .map(|(place, label, selector, secret, scanned)| {
                    let typed = Some((selector, secrets::hash(&secret)?));
                    let codes = PreparedCodes {
                        typed,
                        scanned: Some(scanned),
                    };
                    Some(HouseholdCodes {
                        place,
                        label,
                        codes,
                    })
                });
            hashed.collect::<Option<Vec<_>>>()
        });
        let short = || ImportError("not enough memory to hash codes".to_owned());
        let hashed = hashed.await.ok().flatten().ok_or_else(short)?;
        self.store
            .set_codes(name, hashed)
            .await
            .map_err(told_to_staff)?;
        Ok(sheet)
    }
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
