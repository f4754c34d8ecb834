package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"blindcopy/crm"
)

// shownUser is a user as commands print him: with his absence, unless that is over.
type shownUser struct {
	crm.User
	AbsentFrom  *time.Time `json:"absent_from"`
	AbsentUntil *time.Time `json:"absent_until"` // null too for an absence until further notice
}

func (a *app) shownUser(u crm.User) shownUser {
	shown := shownUser{User: u}
	if away := a.absence(u); away != nil {
		from := away.From.UTC()
		shown.AbsentFrom = &from
		if until := away.Until.UTC(); !away.Until.IsZero() {
			shown.AbsentUntil = &until
		}
	}
	return shown
}

// absence is a user's, unless it is over.
func (a *app) absence(u crm.User) *crm.Absence {
	if away := u.Absence; away != nil && (away.Until.IsZero() || away.Until.After(a.now())) {
		return away
	}
	return nil
}

// absenceWords is "until 2026-12-01", "from 2026-11-24 until further notice".
func (o *office) absenceWords(u crm.User) string {
	away := o.absence(u)
	if away == nil {
		return ""
	}
	text, until := "", "until further notice"
	if away.From.After(o.now()) {
		text = "from " + o.clock(away.From) + " "
	}
	if !away.Until.IsZero() {
		until = "until " + o.clock(away.Until)
	}
	return text + until + ": is given no leads"
}

// clock is a point in time, at midnight the date alone.
func (o *office) clock(t time.Time) string {
	t = t.In(o.screen.zone)
	if t.Hour() == 0 && t.Minute() == 0 {
		return t.Format(dateLayout)
	}
	return t.Format(dateLayout + " " + clockLayout)
}

func (a *app) userAbsent() *cobra.Command {
	var from, until string
	cmd := &cobra.Command{
		Use:   "absent EMAIL",
		Short: "Give a user no leads for a while",
		Long: `Tells that a user is away: shared mailboxes give their leads to others meanwhile. Mail to the BCC address
is filed as ever. --until names the day of the return; without it the user is away until
` + "`user present`" + `.`,
		Example: `  blindcopy user absent anna@example.com --until 2026-12-01
  blindcopy user absent anna@example.com --from 2026-12-23 --until "2027-01-07 12:00"`,
		Args: cobra.ExactArgs(1),
	}
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) error {
		away, err := o.parseAbsence(from, until)
		if err != nil {
			return err
		}
		return o.setAbsence(ctx, args[0], away)
	})
	cmd.Flags().StringVar(&from, "from", "", "first `day`, or a time; now if it is not given")
	cmd.Flags().StringVar(&until, "until", "", "`day` of the return, or a time")
	return cmd
}

func (o *office) parseAbsence(from, until string) (*crm.Absence, error) {
	away := &crm.Absence{From: o.now()}
	var err error
	if from != "" {
		if away.From, err = o.parseDay("--from", from); err != nil {
			return nil, err
		}
	}
	if until == "" {
		return away, nil
	}
	if away.Until, err = o.parseDay("--until", until); err != nil {
		return nil, err
	}
	switch {
	case !away.Until.After(o.now()):
		return nil, usagef("--until %s is past", until)
	case !away.Until.After(away.From):
		return nil, usagef("--until %s is not after --from %s", until, from)
	}
	return away, nil
}

// parseDay reads a day, which begins at midnight where the user of the command is, or a time.
func (o *office) parseDay(flag, text string) (time.Time, error) {
	for _, layout := range []string{dateLayout, dateLayout + " " + clockLayout, dateLayout + "T15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, o.screen.zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usagef("%s %q is no day: write 2026-12-01, \"2026-12-01 14:00\" or 2026-12-01T14:00:00Z", flag, text)
}

func (a *app) userPresent() *cobra.Command {
	return &cobra.Command{
		Use:     "present EMAIL",
		Short:   "Give a user leads again",
		Example: "  blindcopy user present anna@example.com",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			return o.setAbsence(ctx, args[0], nil)
		}),
	}
}

func (o *office) setAbsence(ctx context.Context, user string, away *crm.Absence) error {
	u, err := o.user(ctx, user)
	if err != nil {
		return err
	}
	if u, err = o.store.SetUserAbsence(ctx, u.ID, away); err != nil {
		return err
	}
	return o.showUser(u)
}

func (o *office) showUser(u crm.User) error {
	return o.show(o.shownUser(u), func(s *screen) { o.writeUser(s, u) })
}
