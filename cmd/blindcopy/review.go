package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/store"
)

// reviewItem is an intake with its proposals, [] where there are none.
type reviewItem struct {
	crm.Intake
	Proposals []crm.Candidate `json:"proposals"`
}

// reviewCommand is `blindcopy review`.
func (a *app) reviewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "review",
		Short: "Mail that waits for a person to decide",
		Long: `Held mail, and filed mail with an address that is still unknown. Decide once: verify the author as a
colleague, link it, make a lead or contact of it, or dismiss it.`,
		Example: `  blindcopy review list
  blindcopy review link 01JQ8V6Z3M0000000000000000 --contact 7`,
	}
	cmd.AddCommand(a.reviewList(), a.reviewVerify(), a.reviewLink(), a.reviewCreate(), a.reviewDismiss())
	return cmd
}

func (a *app) reviewList() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what waits, newest first",
		Args:  cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) error {
			if err := checkLimit(limit); err != nil {
				return err
			}
			v, err := o.viewer(ctx)
			if err != nil {
				return err
			}
			list, err := o.store.Review(ctx, store.ReviewFilter{Limit: limit, Viewer: &v})
			if err != nil {
				return err
			}
			items := []reviewItem{}
			for _, in := range list {
				items = append(items, reviewItem{in, orEmpty(in.Proposals)})
			}
			return o.show(items, func(s *screen) { o.writeReview(s, items, limit) })
		}),
	}
	limitFlag(cmd, &limit)
	return cmd
}

func (o *office) writeReview(s *screen, items []reviewItem, limit int) {
	if len(items) == 0 {
		o.nothing("Nothing waits.", "")
		return
	}
	for i, it := range items {
		if i > 0 {
			s.line()
		}
		s.linef("%s  %s  %s", s.strong(string(it.ID)), s.moment(it.ReceivedAt), it.Verdict)
		s.linef("  %s: %s", oneLine(it.From), oneLine(subject(it.Subject)))
		for _, code := range asked(it.Intake) {
			s.linef("  %s %s", oneLine(why(it.Intake, code)), s.faint("("+string(code)+")"))
		}
		for _, p := range it.Unknown {
			s.linef("    unknown  %s", oneLine(party(p.Name, p.Address)))
		}
		for _, p := range it.Proposals {
			s.linef("    %s:%d  %s%s", p.Kind, p.ID, oneLine(p.Title), s.faint(suffix("  ", oneLine(p.Why))))
		}
	}
	o.hint("blindcopy review link ID --contact N|--deal N · create ID --lead · verify ID --user EMAIL · dismiss ID")
	o.more(len(items), limit)
}

// asked are the reasons why a person is to decide: of held mail all that is odd about it, of filed mail the open
// questions.
func asked(in crm.Intake) []crm.Code {
	return slices.DeleteFunc(slices.Clone(in.Codes), func(c crm.Code) bool {
		if in.Verdict == crm.Filed {
			return !c.IsQuestion() || !in.Asks(c)
		}
		return strings.HasPrefix(c.Meaning().Hint, "Nothing")
	})
}

// why is what the trace says of a code: whom it is about. What a code means says it where the trace is
// silent, as after an update of the program.
func why(in crm.Intake, code crm.Code) string {
	var details []string
	for _, step := range in.Steps {
		if step.Code == code && step.Detail != "" && !slices.Contains(details, step.Detail) {
			details = append(details, step.Detail)
		}
	}
	if len(details) == 0 {
		return code.Meaning().Sentence
	}
	return strings.Join(details, " ")
}

func (a *app) reviewVerify() *cobra.Command {
	var email string
	cmd := &cobra.Command{
		Use:     "verify ID --user EMAIL",
		Short:   "The author's address is that user's: file this and all mail from it",
		Example: "  blindcopy review verify 01JQ8V6Z3M0000000000000000 --user anna@example.com",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			in, err := o.intake(ctx, args[0])
			if err != nil {
				return err
			}
			u, err := o.user(ctx, email)
			if err != nil {
				return err
			}
			_, later, err := o.VerifyAuthor(ctx, in.ID, u.ID)
			o.tell(later)
			if err != nil {
				return err
			}
			return o.showIntake(ctx, in.ID)
		}),
	}
	cmd.Flags().StringVar(&email, "user", "", "`e-mail` of the user who writes from it")
	_ = cmd.MarkFlagRequired("user") // fails for an unknown flag only
	return cmd
}

// showIntake prints an intake as it is now.
func (o *office) showIntake(ctx context.Context, id crm.IntakeID) error {
	in, err := o.store.Intake(ctx, id)
	if err != nil {
		return err
	}
	return o.explain(ctx, []crm.Intake{in}, false)
}

func (a *app) reviewLink() *cobra.Command {
	var original int
	cmd := &cobra.Command{
		Use:     "link ID --contact N",
		Short:   "File it on the timeline of these records",
		Example: "  blindcopy review link 01JQ8V6Z3M0000000000000000 --contact 7 --deal 4",
		Args:    cobra.ExactArgs(1),
	}
	flags := newRecordFlags(cmd, "link")
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) error {
		refs, err := flags.some()
		if err != nil {
			return err
		}
		in, err := o.intake(ctx, args[0])
		if err != nil {
			return err
		}
		return o.decide(ctx, in, linker.Choice{Link: refs, Originals: chosen(cmd, original)})
	})
	originalFlag(cmd, &original)
	return cmd
}

// originalFlag says which mail is meant, of a message with several in it.
func originalFlag(cmd *cobra.Command, original *int) {
	cmd.Flags().IntVar(original, "original", 0, "only the mail with this `number`, where the message brought several")
}

func chosen(cmd *cobra.Command, original int) []int {
	if !cmd.Flags().Changed("original") {
		return nil
	}
	return []int{original}
}

// decide carries a person's choice out, and prints what became of it. One that was not carried out is a failure: who
// asked for it must not believe it done.
func (o *office) decide(ctx context.Context, in crm.Intake, c linker.Choice) error {
	after, err := o.carryOut(ctx, in, c)
	var undone linker.NothingDone
	switch {
	case errors.As(err, &undone) && len(in.Results) > 1 && len(c.Originals) == 0:
		return withHint(fmt.Errorf("%s stays as it is: %s", in.ID, sentenceAfter(undone.Why)), "blindcopy explain %s lists them; name one with --original N", in.ID)
	case errors.As(err, &undone) && c.Create != "":
		return withHint(fmt.Errorf("nothing was made of %s: %s", in.ID, sentenceAfter(undone.Why)), "blindcopy explain %s", in.ID)
	case errors.As(err, &undone):
		return withHint(fmt.Errorf("%s stays as it is: %s", in.ID, sentenceAfter(undone.Why)), "blindcopy explain %s", in.ID)
	case errors.Is(err, crm.ErrNotFound):
		return err
	case err != nil:
		return fmt.Errorf("%s: %w", in.ID, err)
	}
	return o.explain(ctx, []crm.Intake{after}, false)
}

// sentenceAfter is a sentence as it goes on after a colon.
func sentenceAfter(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsLower(second) || second == ' ' {
		first = unicode.ToLower(first)
	}
	return string(first) + strings.TrimSuffix(s[size:], ".")
}

func (a *app) reviewCreate() *cobra.Command {
	var lead, contact bool
	var original int
	cmd := &cobra.Command{
		Use:     "create ID --lead|--contact",
		Short:   "Make a lead or contact of the unknown address, and file it there",
		Example: "  blindcopy review create 01JQ8V6Z3M0000000000000000 --lead",
		Args:    cobra.ExactArgs(1),
	}
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) error {
		in, err := o.intake(ctx, args[0])
		if err != nil {
			return err
		}
		kind := crm.KindLead
		if contact {
			kind = crm.KindContact
		}
		return o.decide(ctx, in, linker.Choice{Create: kind, Originals: chosen(cmd, original)})
	})
	originalFlag(cmd, &original)
	cmd.Flags().BoolVar(&lead, "lead", false, "make a lead")
	cmd.Flags().BoolVar(&contact, "contact", false, "make a contact")
	cmd.MarkFlagsOneRequired("lead", "contact")
	cmd.MarkFlagsMutuallyExclusive("lead", "contact")
	return cmd
}

func (a *app) reviewDismiss() *cobra.Command {
	return &cobra.Command{
		Use:     "dismiss ID",
		Short:   "It matters to no timeline",
		Example: "  blindcopy review dismiss 01JQ8V6Z3M0000000000000000",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			in, err := o.intake(ctx, args[0])
			if err != nil {
				return err
			}
			if in, err = o.store.DismissIntake(ctx, in.ID); err != nil {
				return err
			}
			return o.explain(ctx, []crm.Intake{in}, false)
		}),
	}
}
