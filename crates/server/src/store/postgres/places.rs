//! The tree of places.

use super::db::{Lock, Mode, Tx, Work};
use super::error::JobError;
use super::roll_next::one_at_a_time;
use super::rolls;
use crate::store::desk;
use crate::store::rolls::{CommunityPlaces, Told};
use crate::store::staff::PlaceChange;
use linli_model::PlaceId;
use linli_model::desk::DeskRefusal;
use linli_model::desk::roll::{PlaceNode, RollRefusal};

/// The community's places and its time zone.
pub(super) struct Places(pub(super) String);

impl Work for Places {
    type Output = Told<CommunityPlaces>;
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let found = tx
            .opt(
                "SELECT time_zone FROM community WHERE community_id = $1",
                &[&self.0],
            )
            .await?;
        let Some(row) = found else {
            return Ok(Err(RollRefusal::CommunityUnknown));
        };
        Ok(Ok(CommunityPlaces {
            time_zone: row.try_get(0)?,
            places: stored(tx, &self.0).await?,
        }))
    }
}

/// Siblings by name.
pub(super) async fn stored(tx: &Tx<'_>, community: &str) -> Result<Vec<PlaceNode>, JobError> {
    let rows = tx
        .rows(
            "SELECT place_id, name, parent_id FROM place WHERE community_id = $1
             ORDER BY name COLLATE \"C\", place_id",
            &[&community],
        )
        .await?;
    let id = |text: &str| {
        PlaceId::parse(text).map_err(|error| JobError::Corrupt(format!("{text}: {error}")))
    };
    rows.iter()
        .map(|row| {
            let parent: Option<&str> = row.try_get(2)?;
            Ok(PlaceNode {
                id: id(row.try_get(0)?)?,
                name: row.try_get(1)?,
                parent: parent.map(id).transpose()?,
            })
        })
        .collect()
}

/// Sets the tree; a place that something belongs to cannot vanish.
pub(super) struct SetPlaces {
    pub(super) community: String,
    pub(super) places: Vec<PlaceNode>,
}

impl Work for SetPlaces {
    type Output = Told<()>;
    const MODE: Mode = Mode::Once;

    fn lock(&self) -> Option<Lock> {
        Some(one_at_a_time())
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let community = self.community.as_str();
        if let Err(refusal) = rolls::known(tx, community).await? {
            return Ok(Err(refusal));
        }
        let ids: Vec<&str> = self.places.iter().map(|place| place.id.as_str()).collect();
        let names: Vec<&str> = self.places.iter().map(|place| place.name.trim()).collect();
        let parents: Vec<Option<&str>> = self
            .places
            .iter()
            .map(|place| place.parent.as_ref().map(|parent| parent.as_str()))
            .collect();
        let used = tx
            .opt(
                "SELECT place_id FROM place p
                 WHERE community_id = $1 AND place_id <> ALL($2) AND (
                     EXISTS (SELECT 1 FROM household h
                         WHERE h.community_id = $1 AND h.place_id = p.place_id)
                     OR EXISTS (SELECT 1 FROM roll_entry e WHERE e.community_id = $1
                         AND e.place_id = p.place_id AND e.until_version IS NULL)
                     OR EXISTS (SELECT 1 FROM topic t WHERE t.community_id = $1
                         AND t.body::json -> 'place' ->> 'id' = p.place_id))
                 ORDER BY place_id LIMIT 1",
                &[&community, &ids],
            )
            .await?;
        if let Some(row) = used {
            let place: &str = row.try_get(0)?;
            let place = PlaceId::parse(place)
                .map_err(|error| JobError::Corrupt(format!("{place}: {error}")))?;
            return Ok(Err(RollRefusal::PlaceInUse { place }));
        }
        tx.execute(
            "DELETE FROM place WHERE community_id = $1 AND place_id <> ALL($2)",
            &[&community, &ids],
        )
        .await?;
        tx.execute(
            "INSERT INTO place (community_id, place_id, parent_id, name)
             SELECT $1, place_id, parent_id, name
             FROM unnest($2::text[], $3::text[], $4::text[]) AS given(place_id, parent_id, name)
             ON CONFLICT (community_id, place_id) DO UPDATE
             SET parent_id = excluded.parent_id, name = excluded.name",
            &[&community, &ids, &parents, &names],
        )
        .await?;
        rolls::touch_topics(tx, community).await?;
        Ok(Ok(()))
    }
}

/// Changes one place of the tree, under the lock of imports. Topics carry the name of
/// theirs.
pub(super) async fn change(
    tx: &Tx<'_>,
    community: &str,
    change: &PlaceChange,
) -> Result<Result<(), DeskRefusal>, JobError> {
    let places = match desk::places::changed(&stored(tx, community).await?, change) {
        Ok(places) => places,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let PlaceChange::Put(place) = change {
        tx.execute(
            "UPDATE topic
             SET body = jsonb_set(body::jsonb, '{place,name}', to_jsonb($3::text))::text
             WHERE community_id = $1 AND body::json -> 'place' ->> 'id' = $2",
            &[&community, &place.id.as_str(), &place.name.trim()],
        )
        .await?;
    }
    let set = SetPlaces {
        community: community.to_owned(),
        places,
    };
    let done = set.run(tx).await?;
    Ok(done.map_err(|refusal| desk::places::refused(&refusal)))
}
