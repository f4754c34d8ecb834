package web

import (
	"net/url"
	"strconv"

	"blindcopy/crm"
)

// listing is a list of records as it was asked for: what it is narrowed to, how it is sorted, and where in it we are.
type listing struct {
	crm.RecordSearch
	Total    int
	From, To int // of the page, from 1; 0 where there is none
	Users    []crm.User

	url *url.URL
}

// aPage is how many records stand on a page.
const aPage = 50

// listing reads the search of a request: match, owner, status, sort, page.
func (r *request) listing() (l listing, err error) {
	l.url = r.URL
	l.Text, l.Status, l.Size = r.query("match"), r.query("status"), aPage
	l.Owner, _ = crm.ParseAddress(r.query("owner"))
	l.Page = int(min(max(r.number("page"), 1), 1<<20) - 1)
	switch by := crm.RecordOrder(r.query("sort")); by {
	case crm.OldestFirst, crm.ByName, crm.ByNameDown:
		l.Sort = by
	}
	l.Users, err = r.s.Store.Users(r.Context())
	return l, err
}

// found takes what was found.
func (l *listing) found(total, here int) {
	l.Total = total
	if here > 0 {
		l.From = l.Page*aPage + 1
		l.To = l.From + here - 1
	}
}

// Narrowed tells whether anything was asked for.
func (l listing) Narrowed() bool {
	return l.Text != "" || l.Owner != "" || l.Status != "" || l.Page > 0
}

// Previous and Next are the addresses of the pages beside this one, "" where there is none.
func (l listing) Previous() string {
	if l.Page == 0 {
		return ""
	}
	return l.with("page", strconv.Itoa(l.Page))
}

// Next is as Previous.
func (l listing) Next() string {
	if l.To >= l.Total || l.To == 0 {
		return ""
	}
	return l.with("page", strconv.Itoa(l.Page+2))
}

// SortBy is the address of the list in another order, from its first page; a second time turns it round.
func (l listing) SortBy(by, turned string) string {
	if string(l.Sort) == by {
		by = turned
	}
	q := l.url.Query()
	q.Del("page")
	q.Set("sort", by)
	return l.url.Path + "?" + q.Encode()
}

// Sorted is the value of aria-sort for a column that sorts by one order or its turn.
func (l listing) Sorted(up, down string) string {
	switch string(l.Sort) {
	case up:
		return "ascending"
	case down:
		return "descending"
	}
	return "none"
}

// Export is the address of a file with all that the list has, on all its pages.
func (l listing) Export(file string) string {
	q := l.url.Query()
	q.Del("page")
	q.Del("sort")
	return (&url.URL{Path: l.url.Path + "/" + file, RawQuery: q.Encode()}).String()
}

func (l listing) with(name, value string) string {
	q := l.url.Query()
	q.Set(name, value)
	return l.url.Path + "?" + q.Encode()
}
