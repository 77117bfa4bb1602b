//! Columns by their headers: which words name which field, and which fields a kind of
//! roll has. The words are listed in the server's README.

use super::cell::Cell;
use super::fields;
use linli_model::desk::roll::{FileFault, RollKind};

/// A field of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// 网格（小区）
    Place,
    /// 微网格（楼栋）, inside of the place.
    SubPlace,
    /// The whole label, instead of building, entrance and room.
    Label,
    /// 楼栋
    Building,
    /// 单元
    Entrance,
    /// 房号
    Room,
    /// The person, owner or head of the household.
    Name,
    /// One word for all units of the same owner.
    OwnerId,
    /// Not sold, or not handed over.
    Developer,
    /// Area in the registry.
    Registered,
    /// Area by survey.
    Surveyed,
    /// Area in the contract.
    Contract,
    /// Day of birth. Only looked at, never kept.
    Born,
    /// Whether 18 or older, said without a day.
    Adult,
    /// Which roll the row is meant for.
    Group,
    /// Phone numbers. Only their keyed hashes are kept.
    Phone,
    /// E-mail addresses; as the phones.
    Mail,
}

use Field::{
    Adult, Born, Building, Contract, Developer, Entrance, Group, Label, Mail, Name, OwnerId, Phone,
    Place, Registered, Room, SubPlace, Surveyed,
};

/// The words for a field; the first is the one in templates.
fn words(field: Field, kind: RollKind) -> &'static [&'static str] {
    match (field, kind) {
        (Place, _) => &[
            "网格",
            "小区",
            "村",
            "社区",
            "村民小组",
            "组",
            "所属网格",
            "网格(小区)",
            "place",
            "grid",
        ],
        (SubPlace, _) => &["微网格", "微网格(楼栋)", "subplace", "micro grid"],
        (Label, _) => &[
            "门牌",
            "住址",
            "地址",
            "房屋",
            "户",
            "label",
            "household",
            "unit",
            "address",
        ],
        (Building, _) => &["楼栋", "栋", "幢", "楼号", "building"],
        (Entrance, _) => &["单元", "entrance"],
        (Room, _) => &["房号", "室", "室号", "room"],
        (Name, RollKind::Households) => &["户主", "户主姓名", "姓名", "head", "name"],
        (Name, RollKind::Owners) => &[
            "产权人",
            "业主",
            "业主姓名",
            "产权人姓名",
            "姓名",
            "owner",
            "name",
        ],
        (Name, RollKind::Tenants) => &["承租人", "租户", "租客", "姓名", "tenant", "name"],
        (Name, RollKind::Members) => &["成员", "成员姓名", "姓名", "member", "name"],
        (Name, RollKind::Persons) => &["姓名", "居民", "居民姓名", "村民", "name", "person"],
        (OwnerId, _) => &["业主编号", "产权人编号", "owner id"],
        (Developer, _) => &["开发商", "未售或未交付", "developer"],
        (Registered, RollKind::Owners) => &[
            "登记面积",
            "产权面积",
            "产证面积",
            "建筑面积",
            "面积",
            "专有面积",
            "registered area",
            "area",
        ],
        (Registered, _) => &["面积", "建筑面积", "专有面积", "登记面积", "area"],
        (Surveyed, _) => &["实测面积", "测绘面积", "surveyed area"],
        (Contract, _) => &["合同面积", "contract area"],
        (Born, _) => &["出生日期", "生日", "birth date", "born"],
        (Adult, _) => &["年满18周岁", "成年", "adult"],
        (Group, _) => &["身份", "类别", "group"],
        (Phone, _) => &[
            "手机号",
            "电话",
            "手机",
            "联系电话",
            "手机号码",
            "电话号码",
            "联系方式",
            "phone",
            "mobile",
        ],
        (Mail, _) => &["电子邮箱", "邮箱", "电子邮件", "email", "e-mail", "mail"],
    }
}

/// Every field that a kind of roll has, in the order of its template.
fn fields_of(kind: RollKind) -> &'static [Field] {
    match kind {
        RollKind::Households => &[
            Place, SubPlace, Building, Entrance, Room, Label, Name, Registered, Group, Phone, Mail,
        ],
        RollKind::Owners => &[
            Place, SubPlace, Building, Entrance, Room, Label, Name, OwnerId, Developer, Registered,
            Surveyed, Contract, Group, Phone, Mail,
        ],
        RollKind::Persons => &[
            Place, SubPlace, Building, Entrance, Room, Label, Name, Born, Adult, Group, Phone, Mail,
        ],
        RollKind::Tenants | RollKind::Members => &[
            Place, SubPlace, Building, Entrance, Room, Label, Name, Group, Phone, Mail,
        ],
    }
}

/// What a header must have: of each group at least one.
fn needed(kind: RollKind) -> &'static [&'static [Field]] {
    match kind {
        RollKind::Households => &[&[Room, Label]],
        RollKind::Members => &[&[Name]],
        RollKind::Owners | RollKind::Persons | RollKind::Tenants => &[&[Room, Label], &[Name]],
    }
}

/// Where each field stands.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Field, column, and its header as it stands in the file.
    columns: Vec<(Field, usize, String)>,
    /// Headers that name no field of this kind.
    pub(super) ignored: Vec<String>,
}

impl Header {
    /// The column of a field.
    pub(super) fn column(&self, field: Field) -> Option<usize> {
        let found = self.columns.iter().find(|(known, ..)| *known == field);
        found.map(|(_, column, _)| *column)
    }

    /// What an error calls the field: its header, or its first word where there is none.
    pub(super) fn name(&self, field: Field, kind: RollKind) -> String {
        let found = self.columns.iter().find(|(known, ..)| *known == field);
        found.map_or_else(
            || words(field, kind)[0].to_owned(),
            |(.., name)| name.clone(),
        )
    }

    /// Reads a row as a header: how many fields it names, and the header if it names
    /// enough of them.
    pub(super) fn read(cells: &[Cell], kind: RollKind) -> Result<Option<Self>, FileFault> {
        let mut header = Self::default();
        let mut repeated = None;
        for (column, cell) in cells.iter().enumerate() {
            let Ok(name) = fields::text(cell) else {
                continue;
            };
            if name.is_empty() {
                continue;
            }
            match field(&name, kind) {
                Some(field) if header.column(field).is_some() => {
                    repeated = repeated.or(Some(name));
                }
                Some(field) => header.columns.push((field, column, name)),
                None => header.ignored.push(fields::excerpt(cell)),
            }
        }
        let is_whole = missing(&header, kind).is_empty();
        match (is_whole, repeated) {
            (false, _) => Ok(None),
            (true, Some(column)) => Err(FileFault::HeaderRepeated { column }),
            (true, None) => Ok(Some(header)),
        }
    }
}

/// What a file of this kind must name, for the person whose file does not.
pub(super) fn asked_for(kind: RollKind) -> Vec<String> {
    missing(&Header::default(), kind)
}

fn missing(header: &Header, kind: RollKind) -> Vec<String> {
    let groups = needed(kind).iter();
    let lacking = groups.filter(|group| group.iter().all(|field| header.column(*field).is_none()));
    lacking
        .map(|group| {
            let names: Vec<&str> = group.iter().map(|field| words(*field, kind)[0]).collect();
            names.join("/")
        })
        .collect()
}

fn field(name: &str, kind: RollKind) -> Option<Field> {
    let bare = bare(name);
    let fields = fields_of(kind).iter().copied();
    fields
        .clone()
        .find(|field| words(*field, kind).contains(&bare.as_str()))
        .or_else(|| {
            // `面积(㎡)`, `姓名（必填）`: the same without what stands in brackets.
            let short = bare.split('(').next().unwrap_or_default().trim();
            let mut fields = fields;
            fields.find(|field| words(*field, kind).contains(&short))
        })
}

/// Lower case, half-width brackets, no stars and spaces around.
fn bare(name: &str) -> String {
    let narrow = name.replace('（', "(").replace('）', ")").replace('_', " ");
    narrow
        .trim_matches(|c: char| c == '*' || c == '＊' || c == ':' || c == '：' || c.is_whitespace())
        .to_lowercase()
}

/// A file to fill in, as CSV: the header and two rows that show how.
pub fn template(kind: RollKind) -> String {
    let shown: &[Field] = match kind {
        RollKind::Households => &[Place, Building, Entrance, Room, Name, Registered, Phone],
        RollKind::Owners => &[
            Place, Building, Entrance, Room, Name, OwnerId, Developer, Registered, Surveyed,
            Contract, Phone,
        ],
        RollKind::Persons => &[Place, Building, Entrance, Room, Name, Born, Phone],
        RollKind::Tenants => &[Place, Building, Entrance, Room, Name, Phone],
        RollKind::Members => &[Place, Label, Name, Phone],
    };
    let example = |field: Field, second: bool| match (field, second) {
        (Place, _) => "一网格",
        (Building, _) => "8",
        (Entrance, _) => "2",
        (Room, false) => "301",
        (Room, true) => "302",
        (Label, false) => "12 号",
        (Label, true) => "13 号",
        (Name, false) => "张三",
        (Name, true) if kind == RollKind::Owners => "",
        (Name, true) => "李四",
        (OwnerId, false) => "A001",
        (Developer, true) => "是",
        (Registered, false) => "89.50",
        (Surveyed, true) => "102.36",
        (Born, _) => "1980-05-01",
        (Phone, false) => "13800000000",
        _ => "",
    };
    let line = |cell: &dyn Fn(Field) -> &'static str| {
        let cells: Vec<&str> = shown.iter().map(|field| cell(*field)).collect();
        cells.join(",")
    };
    format!(
        "{}\r\n{}\r\n{}\r\n",
        line(&|field| words(field, kind)[0]),
        line(&|field| example(field, false)),
        line(&|field| example(field, true))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(names: &[&str]) -> Vec<Cell> {
        names
            .iter()
            .map(|name| Cell::Text((*name).to_owned()))
            .collect()
    }

    #[test]
    fn headers_are_found_by_their_words() {
        let cells = row(&[
            "*网格（小区）",
            "幢",
            "房号",
            "产权人（必填）",
            "面积(㎡)",
            "身份证号",
        ]);
        let header = Header::read(&cells, RollKind::Owners).unwrap().unwrap();
        let found = [Place, Building, Room, Name, Registered].map(|field| header.column(field));
        assert_eq!(found, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(header.ignored, ["身份证号"]);
        let english = row(&["Grid", "Label", "Owner", "Owner_ID", "Registered Area"]);
        let header = Header::read(&english, RollKind::Owners).unwrap().unwrap();
        assert_eq!(header.column(OwnerId), Some(3));
    }

    #[test]
    fn a_title_is_no_header_and_two_columns_of_a_field_are_refused() {
        let title = row(&["江畔社区业主名册"]);
        assert!(Header::read(&title, RollKind::Owners).unwrap().is_none());
        let twice = row(&["房号", "姓名", "产权人"]);
        let read = Header::read(&twice, RollKind::Owners);
        assert!(matches!(read, Err(FileFault::HeaderRepeated { column }) if column == "产权人"));
    }

    #[test]
    fn no_word_of_a_kind_means_two_fields() {
        for kind in RollKind::ALL {
            let mut seen = std::collections::HashSet::new();
            for field in fields_of(kind) {
                for word in words(*field, kind) {
                    assert!(seen.insert(*word), "{word} of {kind:?}");
                    assert_eq!(bare(word), *word);
                }
            }
        }
    }
}
