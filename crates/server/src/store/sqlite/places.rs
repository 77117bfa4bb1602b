//! The tree of places.

use super::error::JobError;
use super::rolls;
use crate::store::desk;
use crate::store::rolls::{CommunityPlaces, Told};
use crate::store::staff::PlaceChange;
use linli_model::PlaceId;
use linli_model::desk::DeskRefusal;
use linli_model::desk::roll::{PlaceNode, RollRefusal};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;

/// The community's places and its time zone.
pub(super) fn places(
    conn: &Connection,
    community: &str,
) -> Result<Told<CommunityPlaces>, JobError> {
    let time_zone = conn
        .prepare_cached("SELECT time_zone FROM community WHERE community_id = ?1")?
        .query_row([community], |row| row.get(0))
        .optional()?;
    let Some(time_zone) = time_zone else {
        return Ok(Err(RollRefusal::CommunityUnknown));
    };
    let places = stored(conn, community)?;
    Ok(Ok(CommunityPlaces { time_zone, places }))
}

/// Siblings by name.
pub(super) fn stored(conn: &Connection, community: &str) -> Result<Vec<PlaceNode>, JobError> {
    let mut select = conn.prepare_cached(
        "SELECT place_id, name, parent_id FROM place WHERE community_id = ?1
         ORDER BY name, place_id",
    )?;
    let mut rows = select.query([community])?;
    let mut places = Vec::new();
    let id = |text: String| {
        PlaceId::parse(&text).map_err(|error| JobError::Corrupt(format!("{text}: {error}")))
    };
    while let Some(row) = rows.next()? {
        let parent: Option<String> = row.get(2)?;
        places.push(PlaceNode {
            id: id(row.get(0)?)?,
            name: row.get(1)?,
            parent: parent.map(id).transpose()?,
        });
    }
    Ok(places)
}

/// Sets the tree; a place that something belongs to cannot vanish.
pub(super) fn set(
    conn: &Connection,
    community: &str,
    wanted: &[PlaceNode],
) -> Result<Told<()>, JobError> {
    if let Err(refusal) = rolls::known(conn, community)? {
        return Ok(Err(refusal));
    }
    let stored = stored(conn, community)?;
    let stays: HashSet<&PlaceId> = wanted.iter().map(|place| &place.id).collect();
    let gone: Vec<&PlaceNode> = stored.iter().filter(|p| !stays.contains(&p.id)).collect();
    let mut used = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM household WHERE community_id = ?1 AND place_id = ?2)
         OR EXISTS (SELECT 1 FROM roll_entry WHERE community_id = ?1 AND place_id = ?2
             AND until_version IS NULL)
         OR EXISTS (SELECT 1 FROM topic WHERE community_id = ?1
             AND json_extract(body, '$.place.id') = ?2)",
    )?;
    for place in &gone {
        if used.query_row([community, place.id.as_str()], |row| row.get(0))? {
            let place = place.id.clone();
            return Ok(Err(RollRefusal::PlaceInUse { place }));
        }
    }
    for place in gone {
        conn.prepare_cached("DELETE FROM place WHERE community_id = ?1 AND place_id = ?2")?
            .execute([community, place.id.as_str()])?;
    }
    for PlaceNode { id, name, parent } in wanted {
        let parent = parent.as_ref().map(|parent| parent.as_str());
        conn.prepare_cached(
            "INSERT INTO place (community_id, place_id, parent_id, name) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (community_id, place_id) DO UPDATE
             SET parent_id = excluded.parent_id, name = excluded.name",
        )?
        .execute(params![community, id.as_str(), parent, name.trim()])?;
    }
    rolls::touch_topics(conn, community)?;
    Ok(Ok(()))
}

/// Changes one place of the tree. Topics carry the name of theirs.
pub(super) fn change(
    conn: &Connection,
    community: &str,
    change: &PlaceChange,
) -> Result<Result<(), DeskRefusal>, JobError> {
    let tree = match desk::places::changed(&stored(conn, community)?, change) {
        Ok(tree) => tree,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let PlaceChange::Put(place) = change {
        conn.prepare_cached(
            "UPDATE topic SET body = json_set(body, '$.place.name', ?3)
             WHERE community_id = ?1 AND json_extract(body, '$.place.id') = ?2",
        )?
        .execute([community, place.id.as_str(), place.name.trim()])?;
    }
    Ok(set(conn, community, &tree)?.map_err(|refusal| desk::places::refused(&refusal)))
}
