package web

import (
	"html/template"
	"time"

	"blindcopy/crm"
)

// view is what a template sees as its dot.
type view struct {
	Title   string
	Nav     string
	Path    string
	User    crm.User
	IsAdmin bool
	Flash   *flashed
	Review  int // what waits, for the navigation
	Version string
	Live    string // from where live updates go on
	Data    any

	zone  *time.Location
	now   time.Time
	names *directory
}

// scope is what a partial sees: the view, and the thing it shows as .Item.
type scope struct {
	*view
	Item any
}

func (s *Server) newView(r *request, p page) (*view, error) {
	v := &view{Title: p.Title, Nav: p.Nav, Path: r.URL.Path, User: r.user, IsAdmin: r.viewer.IsAdmin(), Version: s.Version, Live: r.live, Data: p.Data,
		zone: r.zone, now: s.Now(), names: &directory{read: s.Store.Users, ctx: r.Context()}}
	if v.zone == nil {
		v.zone = time.UTC
	}
	if r.user.ID == 0 || r.fromHTMX() {
		return v, nil
	}
	v.Flash = r.flashed()
	var err error
	v.Review, err = s.Store.CountReview(r.Context(), r.viewer)
	return v, err
}

// Time is a moment as a list shows it, in the zone of whoever looks: 15:04 today, 2 Jan this year, 2 Jan 2006 else.
func (v *view) Time(t time.Time) template.HTML { return v.moment(t, v.short(t)) }

// DateTime is a moment in full.
func (v *view) DateTime(t time.Time) template.HTML {
	return v.moment(t, t.In(v.zone).Format("Mon 2 January 2006, 15:04"))
}

// Date is a day.
func (v *view) Date(t time.Time) template.HTML {
	return v.moment(t, t.In(v.zone).Format("2 January 2006"))
}

// Clock is the time of a day that is named already.
func (v *view) Clock(t time.Time) template.HTML { return v.moment(t, t.In(v.zone).Format("15:04")) }

// Ago is how long ago it was, in words.
func (v *view) Ago(t time.Time) template.HTML { return v.moment(t, ago(v.now.Sub(t))) }

// Day is the heading of a day: Today, Yesterday, Friday 2 January.
func (v *view) Day(t time.Time) string {
	local, now := t.In(v.zone), v.now.In(v.zone)
	switch {
	case sameDay(local, now):
		return "Today"
	case sameDay(local, now.AddDate(0, 0, -1)):
		return "Yesterday"
	case local.Year() == now.Year():
		return local.Format("Monday 2 January")
	}
	return local.Format("2 January 2006")
}

// Zone is the name of the zone, for a title.
func (v *view) Zone() string { return v.zone.String() }

func (v *view) short(t time.Time) string {
	local, now := t.In(v.zone), v.now.In(v.zone)
	switch {
	case sameDay(local, now):
		return local.Format("15:04")
	case local.Year() == now.Year():
		return local.Format("2 Jan")
	}
	return local.Format("2 Jan 2006")
}

// moment writes <time>, with the whole of it for machines and as a title.
func (v *view) moment(t time.Time, text string) template.HTML {
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `" title="` +
		template.HTMLEscapeString(t.In(v.zone).Format("Mon 2 January 2006, 15:04:05 MST")) + `">` + template.HTMLEscapeString(text) + `</time>`)
}

func sameDay(a, b time.Time) bool {
	y, m, d := a.Date()
	y2, m2, d2 := b.Date()
	return y == y2 && m == m2 && d == d2
}
