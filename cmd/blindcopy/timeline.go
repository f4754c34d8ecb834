package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// timelineCommand is `blindcopy timeline`.
func (a *app) timelineCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "timeline ADDRESS-OR-KIND:ID",
		Short: "The mail with one party, for reading",
		Long: `Shows the mail with a contact, company, lead or deal by day, newest first. An address stands for
everybody who has it. → is mail of ours, ← is theirs.`,
		Example: `  blindcopy timeline ben@client.example
  blindcopy timeline deal:4 --limit 20`,
		Args: cobra.ExactArgs(1),
		RunE: a.reading(func(ctx context.Context, o *office, args []string) error {
			if err := checkLimit(limit); err != nil {
				return err
			}
			t, err := o.timeline(ctx, args[0], limit)
			if err != nil {
				return err
			}
			return o.show(t.mail, func(s *screen) { o.writeTimeline(s, t, limit) })
		}),
	}
	limitFlag(cmd, &limit)
	return cmd
}

// timeline is the mail of one party.
type timeline struct {
	title string
	mail  []crm.Activity
}

// timeline finds a party by kind and number, or by address.
func (o *office) timeline(ctx context.Context, text string, limit int) (timeline, error) {
	if ref, ok := crm.ParseRef(text); ok {
		return o.timelineOf(ctx, text, []crm.Ref{ref}, limit)
	}
	address, ok := crm.ParseAddress(text)
	if !ok {
		return timeline{}, usagef("%q is no address and no record: write ben@client.example or contact:7", text)
	}
	refs, err := o.store.FindParty(ctx, address)
	if err != nil {
		return timeline{}, err
	}
	if len(refs) > 0 {
		return o.timelineOf(ctx, address.Unicode(), refs, limit)
	}
	return o.timelineWithoutRecord(ctx, address, limit)
}

// timelineOf merges the mail of several records, each mail once.
func (o *office) timelineOf(ctx context.Context, name string, refs []crm.Ref, limit int) (timeline, error) {
	t := timeline{mail: []crm.Activity{}}
	var titles []string
	seen := map[crm.ActivityID]bool{}
	for _, ref := range refs {
		title, err := o.titleOf(ctx, ref)
		if err != nil {
			return t, err
		}
		titles = append(titles, title)
		list, err := o.activities(ctx, store.ActivityFilter{Ref: &ref, Limit: limit})
		if err != nil {
			return t, err
		}
		for _, act := range list {
			if !seen[act.ID] {
				seen[act.ID] = true
				t.mail = append(t.mail, act)
			}
		}
	}
	slices.SortStableFunc(t.mail, func(x, y crm.Activity) int { return y.OccurredAt.Compare(x.OccurredAt) })
	t.mail = head(t.mail, limit)
	t.title = strings.Join(titles, ", ")
	if strings.Contains(name, "@") {
		t.title += " <" + name + ">"
	}
	return t, nil
}

// titleOf names a record; crm.ErrNotFound where there is none.
func (o *office) titleOf(ctx context.Context, ref crm.Ref) (name string, err error) {
	switch ref.Kind {
	case crm.KindContact:
		var c crm.Contact
		c, err = o.store.Contact(ctx, ref.ID)
		name = title(c.Name, c.Emails)
	case crm.KindCompany:
		var c crm.Company
		c, err = o.store.Company(ctx, ref.ID)
		name = c.Name
	case crm.KindLead:
		var l crm.Lead
		l, err = o.store.Lead(ctx, ref.ID)
		name = l.Title
	case crm.KindDeal:
		var d crm.Deal
		d, err = o.store.Deal(ctx, ref.ID)
		name = d.Title
	}
	return fmt.Sprintf("%s (%s)", oneLine(name), ref), err
}

// timelineWithoutRecord is for an address that only stands in mail: a user's, or one that was
// in Cc and is nobody's yet.
func (o *office) timelineWithoutRecord(ctx context.Context, a crm.Address, limit int) (timeline, error) {
	list, err := o.activities(ctx, store.ActivityFilter{Match: string(a)})
	if err != nil {
		return timeline{}, err
	}
	list = slices.DeleteFunc(list, func(act crm.Activity) bool {
		return !slices.ContainsFunc(act.Participants, func(p crm.Participant) bool { return p.Address == a })
	})
	if len(list) == 0 {
		return timeline{}, withHint(noRecordf("nobody has the address %s, and no mail was filed with it", a),
			"blindcopy contact add --name NAME --email %s, or look at what arrived: blindcopy intake list --match %s", a, a)
	}
	return timeline{a.Unicode(), head(list, limit)}, nil
}

func (o *office) writeTimeline(s *screen, t timeline, limit int) {
	s.heading(t.title)
	if len(t.mail) == 0 {
		o.nothing("No mail yet.", "Add your BCC address to a mail to them; blindcopy user list shows it.")
		return
	}
	last := ""
	for _, act := range t.mail {
		if title := s.dayTitle(act.OccurredAt); title != last {
			s.line()
			s.heading(title)
			last = title
		}
		writeEntry(s, act)
	}
	o.more(len(t.mail), limit)
}

// writeEntry prints one mail of a timeline: when and who, the subject, a line of the text.
func writeEntry(s *screen, act crm.Activity) {
	const indent = "         "
	parts := []string{fmt.Sprintf("  %s %s ", act.OccurredAt.In(s.zone).Format(clockLayout), arrow(act.Direction)),
		oneLine(fromTo(act)), s.faint(suffix("  ", s.ago(act.OccurredAt)))}
	s.line(parts...)
	s.line(indent, s.strong(s.cut(indent, oneLine(subjectOf(act)))), s.faint(fmt.Sprintf("  #%d", act.ID)))
	var marks []string
	for _, l := range act.Links {
		if l.Kind == crm.KindDeal {
			marks = append(marks, fmt.Sprintf("deal %s (%d)", oneLine(l.Title), l.ID))
		}
	}
	for _, f := range act.Attachments {
		if !f.Inline {
			marks = append(marks, "📎 "+attachment(f))
		}
	}
	for _, b := range act.Badges {
		marks = append(marks, string(b))
	}
	if len(marks) > 0 {
		s.line(indent, strings.Join(marks, " · "))
	}
	if preview := oneLine(act.Preview); preview != "" {
		s.line(indent, s.faint(s.cut(indent, clip(preview, longPreview))))
	}
}

// longPreview bounds a preview in columns where the screen does not.
const longPreview = 160

// cut clips a line to the screen, behind an indent.
func (s *screen) cut(indent, text string) string {
	if s.width == 0 {
		return text
	}
	return clip(text, s.width-columns(indent)-narrowColumn)
}

// fromTo is the author and the recipients.
func fromTo(act crm.Activity) string {
	var to []string
	for _, p := range act.Participants {
		if p.Role == crm.RoleTo || p.Role == crm.RoleCc {
			to = append(to, displayed(p.Name, p.Address))
		}
	}
	from := displayed(act.Author.Name, act.Author.Address)
	if len(to) == 0 {
		return from
	}
	const several = 4
	if more := len(to) - several; more > 0 {
		to = append(to[:several], fmt.Sprintf("and %d more", more))
	}
	return from + " to " + strings.Join(to, ", ")
}
