//! Lists: `{"patients":[…],"pagination":{…}}`.

use serde::Serialize;

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Smallest first.
    #[default]
    Asc,
    /// Largest first.
    Desc,
}

impl Order {
    /// The SQL keyword.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Asc => "ASC",
            Self::Desc => "DESC",
        }
    }
}

/// Which page of a list, and in what order; `S` is the list's enum of sort fields.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest<S> {
    /// From 1.
    pub page: i64,
    /// 1–100.
    pub per_page: i64,
    /// The field the list is ordered by.
    pub sort: S,
    /// Its direction.
    pub order: Order,
}

impl<S> PageRequest<S> {
    /// The same page in the order of `sort`.
    pub fn sorted_by<T>(self, sort: T) -> PageRequest<T> {
        PageRequest { page: self.page, per_page: self.per_page, sort, order: self.order }
    }

    /// Rows to pass over.
    pub fn offset(&self) -> i64 {
        (self.page - 1) * self.per_page
    }
}

/// One page of a list and the number of rows in all.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Rows in the whole list.
    pub total: i64,
    /// This page, from 1.
    pub page: i64,
    /// Rows a page.
    pub per_page: i64,
}

impl<T> Page<T> {
    /// The page that `request` asked for.
    pub fn new<S>(items: Vec<T>, total: i64, request: &PageRequest<S>) -> Self {
        Self { items, total, page: request.page, per_page: request.per_page }
    }

    /// The same page of other things.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), total: self.total, page: self.page, per_page: self.per_page }
    }

    /// What stands beside the rows.
    pub fn pagination(&self) -> Pagination {
        Pagination {
            total: self.total,
            page: self.page,
            per_page: self.per_page,
            has_next: self.page.saturating_mul(self.per_page) < self.total,
            has_prev: self.page > 1 && self.total > 0,
        }
    }
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Pagination {
    /// Rows in the whole list.
    #[schema(minimum = 0)]
    pub total: i64,
    /// This page, from 1.
    #[schema(minimum = 1)]
    pub page: i64,
    /// Rows a page.
    #[schema(minimum = 1, maximum = 100)]
    pub per_page: i64,
    /// Whether a page follows.
    pub has_next: bool,
    /// Whether a page goes before.
    pub has_prev: bool,
}
