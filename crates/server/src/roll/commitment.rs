//! The commitment to a version of a roll: SHA-256 over the RFC 8785 form of its record.
//!
//! Whoever has the record can make the hash again (`linli roll verify`); whoever has
//! only the hash learns nothing, because the record holds 256 bits of chance.

use linli_model::CommunityId;
use linli_model::desk::roll::{RollEntry, RollKind, RollRecord};
use sha2::{Digest, Sha256};

/// Puts entries into the order of a record.
pub fn sort(entries: &mut [RollEntry]) {
    entries.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
}

/// The same, where something goes with each entry.
pub fn sort_with<T>(entries: Vec<RollEntry>, with: Vec<T>) -> (Vec<RollEntry>, Vec<T>) {
    let mut both: Vec<(RollEntry, T)> = entries.into_iter().zip(with).collect();
    both.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
    both.into_iter().unzip()
}

fn order(entry: &RollEntry) -> (&[u8], &[u8], &[u8]) {
    let RollEntry {
        place, label, name, ..
    } = entry;
    (place.as_str().as_bytes(), label.as_bytes(), name.as_bytes())
}

/// The commitment to a version whose entries are in order.
pub fn commitment<'a>(
    community: &CommunityId,
    kind: RollKind,
    version: u32,
    salt: &str,
    entries: impl Iterator<Item = &'a RollEntry>,
) -> [u8; 32] {
    let mut hash = Sha256::new();
    pieces(community, kind, version, salt, entries, |piece| {
        hash.update(piece);
    });
    hash.finalize().into()
}

/// The record in RFC 8785 form: what is hashed, byte for byte.
pub fn canonical(record: &RollRecord) -> String {
    let mut text = String::new();
    let RollRecord {
        community,
        kind,
        version,
        salt,
        entries,
    } = record;
    pieces(community, *kind, *version, salt, entries.iter(), |piece| {
        text.push_str(piece);
    });
    text
}

/// RFC 8785 orders members by name, so that a record can be written entry by entry:
/// community, entries, kind, salt, version.
fn pieces<'a>(
    community: &CommunityId,
    kind: RollKind,
    version: u32,
    salt: &str,
    entries: impl Iterator<Item = &'a RollEntry>,
    mut write: impl FnMut(&str),
) {
    write("{\"community\":");
    write(&json(community));
    write(",\"entries\":[");
    for (index, entry) in entries.enumerate() {
        if index > 0 {
            write(",");
        }
        write(&json(entry));
    }
    write("],\"kind\":");
    write(&json(&kind));
    write(",\"salt\":");
    write(&json(&salt));
    write(",\"version\":");
    write(&json(&version));
    write("}");
}

fn json(value: &impl serde::Serialize) -> String {
    // Texts and integers: neither serde nor the canonical form can fail.
    serde_json_canonicalizer::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::PlaceId;

    fn record() -> RollRecord {
        let entry = |place: &str, label: &str, name: &str| RollEntry {
            place: PlaceId::parse(place).unwrap(),
            label: label.to_owned(),
            name: name.to_owned(),
            owner: name.to_owned(),
            developer: false,
            registered_csqm: Some(8_950),
            surveyed_csqm: None,
            contract_csqm: Some(1),
        };
        RollRecord {
            community: CommunityId::parse("jiangpan").unwrap(),
            kind: RollKind::Owners,
            version: 3,
            salt: "00".repeat(32),
            entries: vec![
                entry("grid-1", "1 栋 101", "\"王\"\\"),
                entry("grid-1", "1 栋 102", "€\u{1F600}"),
            ],
        }
    }

    #[test]
    fn written_piece_by_piece_it_is_the_canonical_form_of_the_whole() {
        let record = record();
        assert_eq!(
            canonical(&record),
            serde_json_canonicalizer::to_string(&record).unwrap()
        );
        let RollRecord {
            community,
            kind,
            version,
            salt,
            entries,
        } = &record;
        let hash = commitment(community, *kind, *version, salt, entries.iter());
        assert_eq!(hash[..], Sha256::digest(canonical(&record))[..]);
    }

    #[test]
    fn every_part_of_a_record_moves_the_hash() {
        let hash = |record: &RollRecord| Sha256::digest(canonical(record));
        let before = hash(&record());
        let changes: [fn(&mut RollRecord); 6] = [
            |r| r.version += 1,
            |r| r.kind = RollKind::Tenants,
            |r| r.salt.replace_range(..1, "1"),
            |r| r.entries[0].registered_csqm = None,
            |r| drop(r.entries.pop()),
            |r| r.entries[1].developer = true,
        ];
        for (nth, change) in changes.iter().enumerate() {
            let mut changed = record();
            change(&mut changed);
            assert_ne!(hash(&changed), before, "change {nth}");
        }
    }
}
