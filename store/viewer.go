package store

import (
	"context"

	"blindcopy/crm"
)

// Lists that are made for somebody leave out what he may not see. crm.Viewer decides that; here is only what narrows a
// query, so that a page of 100 is not found among 100,000 rows that are hidden from him.

// looker is whom a list is made for, as queries know him.
type looker struct {
	all  bool // nothing is hidden
	user crm.UserID
}

// noUser owns nothing, not even what came through a shared mailbox.
const noUser crm.UserID = -1

// looking finds out who looks; nil sees everything.
func (s *Store) looking(ctx context.Context, v *crm.Viewer) (looker, error) {
	switch {
	case v == nil || v.IsOperator():
		return looker{all: true}, nil
	case v.Email() == "":
		return looker{user: noUser}, nil
	}
	id, err := userAt(ctx, s.reading(), v.Email())
	return looker{user: id}, err
}

// shownActivities is what of a list the viewer of a filter may see.
func shownActivities(list []crm.Activity, f ActivityFilter) []crm.Activity {
	if f.Viewer == nil {
		return list
	}
	return f.Viewer.Activities(list, f.Match)
}

// narrowIntakes leaves out intakes that the viewer may not see.
func (s *Store) narrowIntakes(ctx context.Context, w *where, v *crm.Viewer) error {
	who, err := s.looking(ctx, v)
	switch {
	case err != nil || who.all:
		return err
	case v.IsAdmin():
		w.and("(r.owner = ? OR r.visibility <> 'private')", int64(who.user))
	default:
		w.and("(r.owner = ? OR r.verdict = 'filed' AND r.visibility IN ('linked', 'team'))", int64(who.user))
	}
	return nil
}

// shownIntake is what of an intake the viewer may see.
func shownIntake(in crm.Intake, v *crm.Viewer) (crm.Intake, bool) {
	if v == nil {
		return in, true
	}
	return v.Intake(in)
}
