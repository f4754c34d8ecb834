package store

import (
	"context"
	"fmt"
	"slices"

	"blindcopy/crm"
)

// MakePrivate hides a mail from all but those who captured it, together with the traces of it, which would tell what
// it hides. Only one of them may; to others, as to a stranger, there is no such mail: crm.ErrNotFound. There is no way
// back, as for a mail that came as private: the next sighting cannot open it either.
func (s *Store) MakePrivate(ctx context.Context, id crm.ActivityID, by crm.Address) (crm.Activity, error) {
	return s.changeActivity(ctx, id, fmt.Sprintf("make activity %d private", id), func(t *tx, a crm.Activity) error {
		if by == "" || !slices.ContainsFunc(a.Captures, func(c crm.Capture) bool { return c.User == by }) {
			return notFound("activity", id)
		}
		_, err := t.do(`UPDATE activity SET visibility = ?, badges = ? WHERE id = ?`,
			string(crm.VisibilityPrivate), jsonList(addBadge(a.Badges, crm.BadgePrivate)), int64(id))
		if err != nil {
			return err
		}
		_, err = t.do(`UPDATE intake SET visibility = ? WHERE id IN (SELECT intake FROM capture WHERE target = ?)`, string(crm.VisibilityPrivate), int64(id))
		if err != nil || a.Visibility == crm.VisibilityPrivate {
			return err
		}
		// A step in words alone: no reason of the closed set is this one, and it decided nothing about where the mail is filed.
		said := crm.Step{Detail: fmt.Sprintf("%s made it private: only those who captured it see it.", by), Data: map[string]any{"by": string(by)}}
		if err := t.tell(a.IntakeID, a.Original, []crm.Step{said}, false); err != nil {
			return err
		}
		return t.audit("activity.private", activityObject(id), nil)
	})
}
