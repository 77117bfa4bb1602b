//! From rows of cells to entries of a roll, each wrong row told.

use super::cell::{Cell, Origin};
use super::columns::{self, Field, Header};
use super::fields::{self, Date};
use super::places::PlaceTree;
use super::table;
use crate::identity::contact::{Contact, ContactKind};
use linli_model::PlaceId;
use linli_model::desk::roll::{
    ERRORS_TOLD_MAX, FileFault, LABEL_CHARS_MAX, NAME_CHARS_MAX, ROWS_MAX, RollEntry, RollKind,
    RowError, RowFault,
};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Columns of contacts.
const CONTACT_FIELDS: [(Field, ContactKind); 2] = [
    (Field::Phone, ContactKind::Phone),
    (Field::Mail, ContactKind::Mail),
];

/// Rows with content among which the header must be.
const HEADER_ROWS_MAX: u32 = 20;

/// What reading depends on besides the file.
pub struct Facts<'a> {
    /// What the file is meant to be.
    pub kind: RollKind,
    /// The community's places.
    pub places: &'a PlaceTree,
    /// The day by which people are 18 or not.
    pub today: jiff::civil::Date,
}

/// A file as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedRoll {
    /// `xlsx`, or the encoding of a text.
    pub encoding: &'static str,
    /// The sheet; empty for text.
    pub sheet: String,
    /// Rows that the workbook hides.
    pub hidden_rows: u32,
    /// Headers that are not used.
    pub columns_ignored: Vec<String>,
    /// Rows with content below the header.
    pub rows: u32,
    /// What could be read, in the file's order.
    pub entries: Vec<RollEntry>,
    /// How those can be reached, where the file has a column of it.
    pub contacts: Option<ParsedContacts>,
    /// What could not, at most [`ERRORS_TOLD_MAX`].
    pub errors: Vec<RowError>,
    /// How many errors there are.
    pub errors_total: u32,
}

/// Contacts as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedContacts {
    /// Kinds that have a column, and its header.
    pub kinds: Vec<(ContactKind, String)>,
    /// For each entry the row on which it stands, and its contacts.
    pub of: Vec<(u32, Vec<Contact>)>,
}

/// Reads a file as a roll.
pub fn read(bytes: &[u8], facts: &Facts<'_>) -> Result<ParsedRoll, FileFault> {
    let mut rows = Rows {
        facts,
        header: None,
        above: 0,
        rows: 0,
        seen: HashMap::new(),
        entries: Vec::new(),
        contacts: Vec::new(),
        errors: Vec::new(),
        errors_total: 0,
    };
    let origin = table::read(bytes, &mut |row, cells| rows.take(row, cells))?;
    rows.finish(origin)
}

/// Place, label and name: what makes an entry another one.
type Key = (PlaceId, String, String);

struct Rows<'a> {
    facts: &'a Facts<'a>,
    header: Option<Header>,
    above: u32,
    rows: u32,
    seen: HashMap<Key, u32>,
    entries: Vec<RollEntry>,
    contacts: Vec<(u32, Vec<Contact>)>,
    errors: Vec<RowError>,
    errors_total: u32,
}

impl Rows<'_> {
    fn take(&mut self, row: u32, cells: &[Cell]) -> Result<(), FileFault> {
        let Some(header) = self.header.take() else {
            self.header = Header::read(cells, self.facts.kind)?;
            self.above += 1;
            return match self.header {
                None if self.above >= HEADER_ROWS_MAX => Err(self.no_header()),
                _ => Ok(()),
            };
        };
        self.rows += 1;
        if self.rows > ROWS_MAX {
            return Err(FileFault::TooManyRows { max: ROWS_MAX });
        }
        let mut line = Line {
            facts: self.facts,
            header: &header,
            row,
            cells,
            errors: Vec::new(),
        };
        let entry = line.entry();
        let contacts = line.contacts();
        let mut errors = line.errors;
        if let Some(entry) = entry {
            match self.seen.entry(key(self.facts.kind, &entry)) {
                Entry::Vacant(free) => {
                    free.insert(row);
                    if errors.is_empty() {
                        self.entries.push(entry);
                        self.contacts.push((row, contacts));
                    }
                }
                Entry::Occupied(taken) => {
                    let of_row = *taken.get();
                    errors.push(line_error(&header, self.facts.kind, row, of_row, &entry));
                }
            }
        }
        for error in errors {
            self.errors_total += 1;
            if self.errors.len() < ERRORS_TOLD_MAX {
                self.errors.push(error);
            }
        }
        self.header = Some(header);
        Ok(())
    }

    fn no_header(&self) -> FileFault {
        FileFault::HeaderMissing {
            columns: columns::asked_for(self.facts.kind),
        }
    }

    fn finish(self, origin: Origin) -> Result<ParsedRoll, FileFault> {
        let Some(header) = self.header else {
            return Err(match self.above {
                0 => FileFault::Empty,
                _ => self.no_header(),
            });
        };
        let kinds = CONTACT_FIELDS.into_iter().filter_map(|(field, kind)| {
            let name = || header.name(field, self.facts.kind);
            header.column(field).map(|_| (kind, name()))
        });
        let kinds: Vec<_> = kinds.collect();
        let of = self.contacts;
        Ok(ParsedRoll {
            contacts: (!kinds.is_empty()).then_some(ParsedContacts { kinds, of }),
            encoding: origin.encoding,
            sheet: origin.sheet,
            hidden_rows: origin.hidden_rows,
            columns_ignored: header.ignored,
            rows: self.rows,
            entries: self.entries,
            errors: self.errors,
            errors_total: self.errors_total,
        })
    }
}

/// A household or unit is there once; of people, each name once in a household.
fn key(kind: RollKind, entry: &RollEntry) -> Key {
    let name = match kind {
        RollKind::Households | RollKind::Owners => String::new(),
        RollKind::Persons | RollKind::Tenants | RollKind::Members => entry.name.clone(),
    };
    (entry.place.clone(), entry.label.clone(), name)
}

fn line_error(
    header: &Header,
    kind: RollKind,
    row: u32,
    of_row: u32,
    entry: &RollEntry,
) -> RowError {
    let field = match kind {
        RollKind::Households | RollKind::Owners if header.column(Field::Room).is_some() => {
            Field::Room
        }
        RollKind::Households | RollKind::Owners => Field::Label,
        RollKind::Persons | RollKind::Tenants | RollKind::Members => Field::Name,
    };
    let shown = match field {
        Field::Name => &entry.name,
        _ => &entry.label,
    };
    RowError {
        row,
        column: header.name(field, kind),
        kind: RowFault::Duplicate { of_row },
        value_excerpt: fields::excerpt(&Cell::Text(shown.clone())),
    }
}

/// One row under its header.
struct Line<'a> {
    facts: &'a Facts<'a>,
    header: &'a Header,
    row: u32,
    cells: &'a [Cell],
    errors: Vec<RowError>,
}

impl Line<'_> {
    /// The entry, as far as it can be told apart from others; whatever is wrong is noted.
    fn entry(&mut self) -> Option<RollEntry> {
        let kind = self.facts.kind;
        self.group();
        let place = self.place();
        let label = self.label();
        let name = self.read(Field::Name, |cell| within(cell, NAME_CHARS_MAX));
        let developer = self.read(Field::Developer, |cell| {
            Ok(fields::flag(cell)?.unwrap_or(false))
        });
        let owner_id = self.read(Field::OwnerId, |cell| within(cell, NAME_CHARS_MAX));
        let areas = [Field::Registered, Field::Surveyed, Field::Contract]
            .map(|field| self.read(field, fields::area).flatten());
        self.age();
        let developer = developer.unwrap_or(false);
        let name = name?;
        let nameless = kind == RollKind::Households || kind == RollKind::Owners && developer;
        if name.is_empty() && !nameless {
            self.note(Field::Name, RowFault::Missing);
        }
        let owner = match (kind, owner_id) {
            (RollKind::Owners, _) if developer => String::new(),
            (RollKind::Owners, Some(id)) if !id.is_empty() => id,
            (RollKind::Owners, _) => fields::same_people(&name),
            _ => String::new(),
        };
        let [registered_csqm, surveyed_csqm, contract_csqm] = areas;
        Some(RollEntry {
            place: place?,
            label: label?,
            name,
            owner,
            developer,
            registered_csqm,
            surveyed_csqm,
            contract_csqm,
        })
    }

    /// How the entry can be reached.
    fn contacts(&mut self) -> Vec<Contact> {
        let mut found = Vec::new();
        for (field, kind) in CONTACT_FIELDS {
            match fields::contacts(self.cell(field), kind) {
                Ok(contacts) => found.extend(contacts),
                Err(fault) => self.note_blank(field, fault),
            }
        }
        found
    }

    fn group(&mut self) {
        let said = self.read(Field::Group, fields::text).unwrap_or_default();
        if said.is_empty() {
            return;
        }
        match fields::group(&said) {
            Some(group) if group == self.facts.kind => {}
            Some(group) => self.note(Field::Group, RowFault::GroupOther { group }),
            None => self.note(Field::Group, RowFault::GroupUnknown),
        }
    }

    fn place(&mut self) -> Option<PlaceId> {
        let outer = self.read(Field::Place, fields::text)?;
        let inner = self.read(Field::SubPlace, fields::text)?;
        match self.facts.places.find(&[&outer, &inner]) {
            Ok(place) => Some(place),
            Err(fault) => {
                let field = if inner.is_empty() {
                    Field::Place
                } else {
                    Field::SubPlace
                };
                self.note(field, fault);
                None
            }
        }
    }

    /// The label as it stands, or made of building, entrance and room.
    fn label(&mut self) -> Option<String> {
        let whole = self.read(Field::Label, fields::text)?;
        let label = if whole.is_empty() {
            let parts = [
                (Field::Building, " 栋"),
                (Field::Entrance, " 单元"),
                (Field::Room, ""),
            ];
            let mut words = Vec::new();
            for (field, unit) in parts {
                let word = self.read(field, fields::text)?;
                let is_bare = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
                match (word.is_empty(), is_bare) {
                    (true, _) if field == Field::Room => words.clear(),
                    (true, _) => {}
                    (false, true) => words.push(format!("{word}{unit}")),
                    (false, false) => words.push(word),
                }
            }
            words.join(" ")
        } else {
            whole
        };
        let field = match self.header.column(Field::Room) {
            Some(_) => Field::Room,
            None => Field::Label,
        };
        if label.is_empty() && self.facts.kind != RollKind::Members {
            self.note(field, RowFault::Missing);
            return None;
        }
        if let Err(fault) = fields::no_longer(&label, LABEL_CHARS_MAX) {
            self.note(field, fault);
            return None;
        }
        Some(label)
    }

    /// The day of birth is looked at here and nowhere kept.
    fn age(&mut self) {
        let today: Date = self.facts.today;
        let born = self.read(Field::Born, fields::date).flatten();
        if born.is_some_and(|born| !fields::is_adult(born, today)) {
            self.note_blank(Field::Born, RowFault::UnderAge);
        }
        if self.read(Field::Adult, fields::flag).flatten() == Some(false) {
            self.note(Field::Adult, RowFault::UnderAge);
        }
    }

    /// Reads a field; what is wrong with it is noted, and answered as nothing.
    fn read<T>(
        &mut self,
        field: Field,
        read: impl FnOnce(&Cell) -> Result<T, RowFault>,
    ) -> Option<T> {
        match read(self.cell(field)) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.note(field, fault);
                None
            }
        }
    }

    fn cell(&self, field: Field) -> &Cell {
        let column = self.header.column(field);
        column
            .and_then(|column| self.cells.get(column))
            .unwrap_or(&Cell::Empty)
    }

    fn note(&mut self, field: Field, fault: RowFault) {
        let value_excerpt = fields::excerpt(self.cell(field));
        self.errors.push(RowError {
            row: self.row,
            column: self.header.name(field, self.facts.kind),
            kind: fault,
            value_excerpt,
        });
    }

    /// Without what the cell holds: a child's birthday or a phone number is nobody's
    /// business.
    fn note_blank(&mut self, field: Field, fault: RowFault) {
        self.note(field, fault);
        if let Some(error) = self.errors.last_mut() {
            error.value_excerpt.clear();
        }
    }
}

fn within(cell: &Cell, chars_max: usize) -> Result<String, RowFault> {
    let text = fields::text(cell)?;
    fields::no_longer(&text, chars_max)?;
    Ok(text)
}
