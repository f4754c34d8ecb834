package web

import (
	"slices"

	"blindcopy/crm"
)

// A page that shows a timeline asks for what has come to it since, when an event says that there is something.

// Bounds of one such question: pieces of newsAPiece, and mails that are shown. The page asks for the rest with the next event.
const (
	timelinePieces = 5
	timelineNew    = 100
)

// timelineNews answers with the mail that has come to a timeline, or was changed, since a place: the block timeline-new.
func (s *Server) timelineNews(r *request, d timelinePage, since string) (answer, error) {
	ctx := r.Context()
	at, ok, err := s.places.open(ctx, since)
	if err == nil && !ok {
		at, err = s.Store.Position(ctx)
	}
	if err != nil {
		return nil, err
	}
	on, err := s.timelineOf(r, d.Ref)
	if err != nil {
		return nil, err
	}
	seen := map[crm.ActivityID]bool{}
	for piece, more := 0, true; more && piece < timelinePieces && len(d.New) < timelineNew; piece++ {
		news, err := s.Store.News(ctx, at, nil, newsAPiece)
		if err != nil {
			return nil, err
		}
		for _, n := range news.List {
			for _, act := range r.viewer.Activities(n.Activities, "") {
				if !seen[act.ID] && slices.ContainsFunc(act.Links, on) {
					seen[act.ID] = true
					d.New = append(d.New, act)
				}
			}
		}
		at, more = news.Upto, news.More
	}
	slices.SortStableFunc(d.New, func(a, b crm.Activity) int { return b.OccurredAt.Compare(a.OccurredAt) })
	onTimeline(d.New, d.Ref)
	d.Since, err = s.places.seal(ctx, at)
	return d.page(), err
}

// timelineOf tells which links put a mail on a timeline: on that of a company, those of its contacts too.
func (s *Server) timelineOf(r *request, ref crm.Ref) (func(crm.Link) bool, error) {
	if ref.Kind != crm.KindCompany {
		return func(l crm.Link) bool { return l.Ref() == ref }, nil
	}
	contacts, err := s.Store.Contacts(r.Context(), crm.RecordFilter{Company: ref.ID})
	ids := map[int64]bool{}
	for _, c := range contacts {
		ids[c.ID] = true
	}
	return func(l crm.Link) bool { return l.Ref() == ref || l.Kind == crm.KindContact && ids[l.ID] }, err
}
