//! SurveyJS' own functions by name.
//!
//! Left to others: what they do (`run`).

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Sum,
    Min,
    Max,
    Count,
    Avg,
    Round,
    Trunc,
    Iif,
    Substring,
    GetComment,
    IsContainerReady,
    IsDisplayMode,
    PropertyValue,
    InArray(InArray),
    OfDate(OfDate),
}

/// Which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InArray {
    Sum,
    Min,
    Max,
    Count,
    Avg,
}

/// Which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfDate {
    GetDate,
    Age,
    DateDiff,
    DateAdd,
    CurrentDate,
    Today,
    GetYear,
    CurrentYear,
    DiffDays,
    Year,
    Month,
    Day,
    Weekday,
}

/// What a name stands for.
pub(super) enum Known {
    Function(Function),
    Async,
    No,
}

impl Function {
    /// Names are case-sensitive.
    pub(super) fn named(name: &str) -> Known {
        let function = match name {
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "count" => Self::Count,
            "avg" => Self::Avg,
            "round" => Self::Round,
            "trunc" => Self::Trunc,
            "iif" => Self::Iif,
            "substring" => Self::Substring,
            "getComment" => Self::GetComment,
            "isContainerReady" => Self::IsContainerReady,
            "isDisplayMode" => Self::IsDisplayMode,
            "propertyValue" => Self::PropertyValue,
            "displayValue" => return Known::Async,
            _ => {
                let in_array = InArray::named(name).map(Self::InArray);
                let of_date = || OfDate::named(name).map(Self::OfDate);
                return in_array.or_else(of_date).map_or(Known::No, Known::Function);
            }
        };
        Known::Function(function)
    }

    /// Whether the result depends on more than the parameters. Conditions inside quoted
    /// text name what they read where nobody sees it.
    pub(super) fn is_restless(self) -> bool {
        matches!(
            self,
            Self::GetComment | Self::IsContainerReady | Self::PropertyValue | Self::InArray(_)
        )
    }
}

impl InArray {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sumInArray" => Self::Sum,
            "minInArray" => Self::Min,
            "maxInArray" => Self::Max,
            "countInArray" => Self::Count,
            "avgInArray" => Self::Avg,
            _ => return None,
        })
    }
}

impl OfDate {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "getDate" => Self::GetDate,
            "age" => Self::Age,
            "dateDiff" => Self::DateDiff,
            "dateAdd" => Self::DateAdd,
            "currentDate" => Self::CurrentDate,
            "today" => Self::Today,
            "getYear" => Self::GetYear,
            "currentYear" => Self::CurrentYear,
            "diffDays" => Self::DiffDays,
            "year" => Self::Year,
            "month" => Self::Month,
            "day" => Self::Day,
            "weekday" => Self::Weekday,
            _ => return None,
        })
    }
}
