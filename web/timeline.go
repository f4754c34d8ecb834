package web

// The timeline of a contact, company, lead or deal. The page of a record shows it with one call, below its facts:
//
//	{{template "timeline" (dict "Kind" "deal" "ID" .Data.ID)}}
//
// It fetches itself; without JavaScript it is a link to /timeline/deal/4, which is a page of its own, too.

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"blindcopy/crm"
)

// timelineStore is what timelines read.
type timelineStore interface {
	Activities(ctx context.Context, f crm.ActivityFilter) ([]crm.Activity, error)
	Contact(ctx context.Context, id int64) (crm.Contact, error)
	Company(ctx context.Context, id int64) (crm.Company, error)
	Lead(ctx context.Context, id int64) (crm.Lead, error)
	Deal(ctx context.Context, id int64) (crm.Deal, error)
}

// timelinePage is a piece of a timeline, newest first.
type timelinePage struct {
	Ref   crm.Ref
	Name  string
	First bool // nothing newer is before it
	Days  []timelineDay
	Older string // the address of what follows, "" at the end
	Since string // where news go on, as the id of an event
	New   []crm.Activity
}

// timelineDay is the mail of a day. A conversation stands where its newest mail does.
type timelineDay struct {
	At            time.Time
	Goes          bool // on from the piece before, which has the heading
	Conversations []conversation
}

// name tells days apart.
func (d timelineDay) name(zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return d.At.In(zone).Format(time.DateOnly)
}

// conversation is the mail of one thread on a piece of a timeline. What of it is older than the piece is on the next.
type conversation struct {
	Newest  crm.Activity
	Earlier []crm.Activity
}

// mailsAPage is how many stand on a page.
const mailsAPage = 30

func (s *Server) timeline(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	ref, ok := crm.ParseRef(r.PathValue("kind") + ":" + strconv.FormatInt(id, 10))
	if !ok {
		return nil, fmt.Errorf("%q has no timeline: %w", r.PathValue("kind"), crm.ErrNotFound)
	}
	d := timelinePage{Ref: ref, First: r.query("before") == ""}
	if d.Name, err = s.nameOfRecord(r, ref); err != nil {
		return nil, err
	}
	if since := r.query("since"); since != "" {
		return s.timelineNews(r, d, since)
	}
	if d.Since, err = s.places.here(r.Context()); err != nil {
		return nil, err
	}
	list, next, err := s.mailOn(r, ref)
	if err != nil {
		return nil, err
	}
	d.Days = days(conversations(onTimeline(list, ref)), r.zone)
	if len(d.Days) > 0 {
		d.Days[0].Goes = d.Days[0].name(r.zone) == r.query("day")
	}
	if next != "" {
		last := d.Days[len(d.Days)-1].name(r.zone)
		d.Older = "/timeline/" + string(ref.Kind) + "/" + strconv.FormatInt(ref.ID, 10) + "?" + url.Values{"before": {next}, "day": {last}}.Encode()
	}
	return d.page(), nil
}

// onTimeline leaves out that a mail is on this timeline: that is said already.
func onTimeline(list []crm.Activity, ref crm.Ref) []crm.Activity {
	for i := range list {
		list[i].Links = slices.DeleteFunc(slices.Clone(list[i].Links), func(l crm.Link) bool { return l.Ref() == ref })
	}
	return list
}

func (d timelinePage) page() page {
	return page{Template: "timeline", Title: "Mail with " + d.Name, Nav: navOf(d.Ref.Kind), Data: d}
}

// navOf is the entry of the navigation for a kind of records, and its icon.
func navOf(kind crm.Kind) string { return strings.Trim(recordPath(kind, ""), "/") }

// mailOn reads the mails of a page that the viewer may see, and where the next page begins.
func (s *Server) mailOn(r *request, ref crm.Ref) (list []crm.Activity, next string, err error) {
	f := crm.ActivityFilter{Ref: &ref, Viewer: &r.viewer, Limit: mailsAPage + 1}
	f.Before, f.BeforeID = placeOf(r.query("before"))
	if list, err = s.Store.Activities(r.Context(), f); err != nil || len(list) <= mailsAPage {
		return list, "", err
	}
	list = list[:mailsAPage]
	return list, place(list[mailsAPage-1]), nil
}

// place of a mail on a timeline, for an address: milliseconds since 1970, and the id.
func place(act crm.Activity) string {
	return fmt.Sprintf("%d.%d", act.OccurredAt.UnixMilli(), act.ID)
}

// placeOf reads a place. What is none is the beginning.
func placeOf(text string) (time.Time, crm.ActivityID) {
	at, id, _ := strings.Cut(text, ".")
	milli, err := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if err != nil || err2 != nil {
		return time.Time{}, 0
	}
	return time.UnixMilli(milli).UTC(), crm.ActivityID(n)
}

// conversations groups mails by thread, each where its newest mail stands.
func conversations(list []crm.Activity) []conversation {
	var all []conversation
	at := map[crm.ThreadID]int{}
	for _, act := range list {
		i, known := at[act.ThreadID]
		if !known {
			at[act.ThreadID] = len(all)
			all = append(all, conversation{Newest: act})
			continue
		}
		all[i].Earlier = append(all[i].Earlier, act)
	}
	return all
}

// days puts conversations under the day of their newest mail, in the zone of whoever looks.
func days(list []conversation, zone *time.Location) (all []timelineDay) {
	if zone == nil {
		zone = time.UTC
	}
	for _, c := range list {
		at := c.Newest.OccurredAt
		if n := len(all); n == 0 || !sameDay(all[n-1].At.In(zone), at.In(zone)) {
			all = append(all, timelineDay{At: at})
		}
		day := &all[len(all)-1]
		day.Conversations = append(day.Conversations, c)
	}
	return all
}

// nameOfRecord is what people call a record; crm.ErrNotFound where there is none.
func (s *Server) nameOfRecord(r *request, ref crm.Ref) (name string, err error) {
	switch ref.Kind {
	case crm.KindContact:
		var c crm.Contact
		c, err = s.Store.Contact(r.Context(), ref.ID)
		name = nameOf(c)
	case crm.KindCompany:
		var c crm.Company
		c, err = s.Store.Company(r.Context(), ref.ID)
		name = c.Name
	case crm.KindLead:
		var l crm.Lead
		l, err = s.Store.Lead(r.Context(), ref.ID)
		name = l.Title
	case crm.KindDeal:
		var d crm.Deal
		d, err = s.Store.Deal(r.Context(), ref.ID)
		name = d.Title
	}
	return name, err
}
