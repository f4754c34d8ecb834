package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/store"
)

// relinkCommand is `blindcopy relink`.
func (a *app) relinkCommand() *cobra.Command {
	var held bool
	cmd := &cobra.Command{
		Use:   "relink [ID...]",
		Short: "Run matching again on stored mail",
		Long: `Has a second thought about stored mail: held mail is filed where it can be now, filed mail gets links it
lacks. Changes to people and companies do so by themselves; this is for after a change of the
configuration or an update of the program. Nothing that a person did is undone, and held mail whose
content has expired is passed over. Without ids or --held it looks at all mail.`,
		Example: `  blindcopy relink --held
  blindcopy relink 01JQ8V6Z3M0000000000000000`,
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			if held && len(args) > 0 {
				return usagef("name intakes, or --held for all held mail, not both")
			}
			list, err := o.toRelink(ctx, args)
			if err != nil {
				return err
			}
			if err := o.relink(ctx, list); err != nil || held || len(args) > 0 {
				return err
			}
			return o.relinkFiled(ctx)
		}),
	}
	cmd.Flags().BoolVar(&held, "held", false, "held mail only")
	return cmd
}

// toRelink returns the intakes named, or all that are held.
func (o *office) toRelink(ctx context.Context, ids []string) ([]crm.Intake, error) {
	if len(ids) == 0 {
		return o.store.Intakes(ctx, store.IntakeFilter{Verdict: crm.Held})
	}
	var list []crm.Intake
	for _, id := range ids {
		in, err := o.intake(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, in)
	}
	return list, nil
}

// relink takes messages again, the oldest first: a reply finds the mail it answers. Held mail whose content has
// expired is passed over.
func (o *office) relink(ctx context.Context, list []crm.Intake) error {
	after := []crm.Intake{}
	filed := 0
	var gone []crm.Intake
	for _, in := range slices.Backward(list) {
		now, err := o.relinkOne(ctx, in)
		if errors.Is(err, errContentGone) {
			gone = append(gone, in)
			continue
		}
		if err != nil {
			return err
		}
		after = append(after, now)
		if now.Verdict == crm.Filed && in.Verdict != crm.Filed {
			filed++
		}
	}
	if len(list) == 1 && len(gone) == 1 {
		return fmt.Errorf("%s: %w", gone[0].ID, errContentGone)
	}
	slices.Reverse(after)
	return o.show(after, func(s *screen) {
		if len(after) > 0 {
			o.writeIntakes(s, after, 0)
		}
		o.note("%s looked at again, %s filed.", count(len(after), "message"), thousands(filed))
		o.noteGone(gone)
	})
}

// errContentGone: held mail waits for a decision as long as its content is kept.
var errContentGone error = contentGone{}

// contentGone is crm.ErrInvalid: a person who decides too late is told so.
type contentGone struct{}

func (contentGone) Error() string {
	return "its content has expired: nothing is left that could be filed"
}
func (contentGone) Unwrap() error { return crm.ErrInvalid }

// noteGone names what was passed over, as far as a person reads it.
func (o *office) noteGone(gone []crm.Intake) {
	if len(gone) == 0 {
		return
	}
	var ids []string
	for _, in := range head(gone, 5) {
		ids = append(ids, string(in.ID))
	}
	if more := len(gone) - len(ids); more > 0 {
		ids = append(ids, fmt.Sprintf("and %s more", thousands(more)))
	}
	o.note("Passed over, for the content has expired: %s.", strings.Join(ids, ", "))
}

func (o *office) relinkOne(ctx context.Context, in crm.Intake) (crm.Intake, error) {
	if in.Verdict == crm.Held {
		return o.decideAgain(ctx, in, linker.Choice{})
	}
	var people []crm.Address
	for _, id := range in.ActivityIDs {
		act, err := o.store.Activity(ctx, id)
		if err != nil {
			return in, err
		}
		for _, p := range act.Participants {
			people = append(people, p.Address)
		}
	}
	if err := o.rerun(ctx, people, nil); err != nil {
		return in, err
	}
	return o.store.Intake(ctx, in.ID)
}

// decideAgain has held mail decided on again; errContentGone where there is nothing left to decide on.
func (o *office) decideAgain(ctx context.Context, in crm.Intake, c linker.Choice) (crm.Intake, error) {
	if !in.Kept {
		return in, errContentGone
	}
	after, err := o.linker.Relink(ctx, o.store, in.ID, c)
	if errors.Is(err, crm.ErrNotFound) {
		err = errContentGone // meanwhile
	}
	return after, err
}

// relinkFiled has a second thought about all mail with anybody we know.
func (o *office) relinkFiled(ctx context.Context) error {
	contacts, err := o.store.Contacts(ctx, store.Filter{})
	if err != nil {
		return err
	}
	companies, err := o.store.Companies(ctx, store.Filter{})
	if err != nil {
		return err
	}
	leads, err := o.store.Leads(ctx, store.LeadFilter{Status: crm.LeadOpen})
	if err != nil {
		return err
	}
	var known []crm.Address
	var domains []string
	for _, c := range contacts {
		known = append(known, addresses(c.Emails)...)
	}
	for _, c := range companies {
		known, domains = append(known, addresses(c.Emails)...), append(domains, c.Domains...)
	}
	for _, l := range leads {
		known = append(known, addresses(l.Emails)...)
	}
	return o.rerun(ctx, known, domains)
}
