package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// activityCommand is `blindcopy activity`.
func (a *app) activityCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "activity",
		Short: "Mail on the timelines",
		Long: `An activity is one mail on the timelines, however many ways it reached us. Linking it to a deal pins
its conversation: what follows goes to the same deal.`,
		Example: `  blindcopy activity list --contact 7
  blindcopy activity link 12 --deal 4`,
	}
	cmd.AddCommand(a.activityList(), a.activityShow(), a.activityLink(), a.activityUnlink(), a.activityUndo())
	return cmd
}

func (a *app) activityList() *cobra.Command {
	var f store.ActivityFilter
	var user string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List activities, newest first",
		Example: "  blindcopy activity list --deal 4 --match offer --limit 20",
		Args:    cobra.NoArgs,
	}
	flags := newRecordFlags(cmd, "only of")
	cmd.RunE = a.reading(func(ctx context.Context, o *office, _ []string) (err error) {
		refs, err := flags.refs()
		if err != nil {
			return err
		}
		if len(refs) > 1 {
			return usagef("name one record: --contact, --company, --lead or --deal")
		}
		if len(refs) == 1 {
			if err := o.exists(ctx, refs[0]); err != nil {
				return err
			}
			f.Ref = &refs[0]
		}
		if user != "" {
			u, err := o.user(ctx, user)
			if err != nil {
				return err
			}
			f.User = u.Email
		}
		return printList(ctx, o, f, f.Limit, o.activities, o.writeActivities)
	})
	limitFlag(cmd, &f.Limit)
	cmd.Flags().StringVar(&user, "user", "", "only what the user with this `e-mail` wrote or captured")
	cmd.Flags().StringVar(&f.Match, "match", "", "only with this `text` in the subject, the people or the content")
	return cmd
}

// activities lists what the viewer may see.
func (o *office) activities(ctx context.Context, f store.ActivityFilter) ([]crm.Activity, error) {
	v, err := o.viewer(ctx)
	if err != nil {
		return nil, err
	}
	f.Viewer = &v
	return o.store.Activities(ctx, f)
}

func (o *office) writeActivities(s *screen, list []crm.Activity, limit int) {
	if len(list) == 0 {
		o.nothing("No mail here yet.", "What reached us, and why it ended as it did: blindcopy intake list")
		return
	}
	t := newTable("ID", "DATE", "", "WITH", "SUBJECT", "ON")
	for _, act := range list {
		t.row(fmt.Sprint(act.ID), s.moment(act.OccurredAt), arrow(act.Direction), counterparties(act), subjectOf(act), linksOf(act, ""))
	}
	t.write(s)
	o.more(len(list), limit)
}

func activityID(text string) (crm.ActivityID, error) {
	id, err := parseID("activity", text)
	return crm.ActivityID(id), err
}

// activity returns one activity as the viewer may see it, with its content if that is wanted.
func (o *office) activity(ctx context.Context, text string, content bool) (crm.Activity, error) {
	id, err := activityID(text)
	if err != nil {
		return crm.Activity{}, err
	}
	v, err := o.viewer(ctx)
	if err != nil {
		return crm.Activity{}, err
	}
	act, err := o.store.Activity(ctx, id)
	if err == nil && content {
		act, err = o.withContent(ctx, act)
	}
	if err != nil {
		return act, err
	}
	act, ok := v.Activity(act)
	if !ok {
		return act, noRecordf("activity %d is private", id)
	}
	return act, nil
}

func (a *app) activityShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show a mail with its text",
		Example: "  blindcopy activity show 12",
		Args:    cobra.ExactArgs(1),
		RunE: a.reading(func(ctx context.Context, o *office, args []string) error {
			act, err := o.activity(ctx, args[0], true)
			if err != nil {
				return err
			}
			return o.show(wholeActivity{act, act.Text, act.HTML}, func(s *screen) { writeActivity(s, act) })
		}),
	}
}

// wholeActivity is an activity whose content is there even if it is empty.
type wholeActivity struct {
	crm.Activity
	Text string `json:"text"`
	HTML string `json:"html"`
}

func (a *app) activityLink() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "link ID --deal N",
		Short: "Put a mail on a timeline; a deal pins its conversation",
		Example: `  blindcopy activity link 12 --deal 4
  blindcopy activity link 12 --contact 7`,
		Args: cobra.ExactArgs(1),
	}
	flags := newRecordFlags(cmd, "link")
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) error {
		return o.changeLinks(ctx, args[0], flags, o.store.LinkActivity)
	})
	return cmd
}

func (a *app) activityUnlink() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "unlink ID --deal N",
		Short:   "Take a mail from a timeline",
		Example: "  blindcopy activity unlink 12 --deal 4",
		Args:    cobra.ExactArgs(1),
	}
	flags := newRecordFlags(cmd, "unlink")
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) error {
		return o.changeLinks(ctx, args[0], flags, o.store.UnlinkActivity)
	})
	return cmd
}

func (o *office) changeLinks(ctx context.Context, text string, flags *recordFlags,
	change func(context.Context, crm.ActivityID, crm.Ref) (crm.Activity, error)) error {
	refs, err := flags.some()
	if err != nil {
		return err
	}
	act, err := o.activity(ctx, text, false)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if act, err = change(ctx, act.ID, ref); err != nil {
			return err
		}
	}
	return o.show(act, func(s *screen) { writeActivity(s, act) })
}

func (a *app) activityUndo() *cobra.Command {
	return &cobra.Command{
		Use:   "undo ID",
		Short: "Undo what the program did for a mail",
		Long: `Takes back the links that the program made for a mail, and the leads and contacts it made, as far as
nobody touched them since. What people did stays, and so does the trace.`,
		Example: "  blindcopy activity undo 12",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			act, err := o.activity(ctx, args[0], false)
			if err != nil {
				return err
			}
			before := len(act.Links)
			if act, err = o.store.UndoActivity(ctx, act.ID); err != nil {
				return err
			}
			if len(act.Links) == before {
				o.note("Nothing that the program did is left on it.")
			}
			return o.show(act, func(s *screen) { writeActivity(s, act) })
		}),
	}
}
