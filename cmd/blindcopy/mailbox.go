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

// mailboxCommand is `blindcopy mailbox`.
func (a *app) mailboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mailbox",
		Short: "Policy and visibility of each way in",
		Long: `A mailbox is a way in: the personal one behind each BCC address, and shared ones for department
addresses. Its policy says what an unknown address becomes: ignore, review, lead or contact. A
policy that is not set follows the configuration (linking.unknown_outgoing, unknown_incoming).`,
		Example: `  blindcopy mailbox list
  blindcopy mailbox add info@example.com --queue anna@example.com,uwe@example.com --fallback boss@example.com
  blindcopy mailbox edit 1 --unknown contact --unknown-incoming review
  blindcopy mailbox edit 1 --unknown default`,
	}
	cmd.AddCommand(a.mailboxList(), a.mailboxShow(), a.mailboxAdd(), a.mailboxEdit())
	return cmd
}

func (a *app) mailboxList() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List mailboxes",
		Args:  cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) error {
			if err := checkLimit(limit); err != nil {
				return err
			}
			v, err := o.viewer(ctx)
			if err != nil {
				return err
			}
			boxes, err := o.store.Mailboxes(ctx)
			if err != nil {
				return err
			}
			boxes = slices.DeleteFunc(boxes, func(m crm.Mailbox) bool { return !v.Mailbox(m) })
			return o.show(orEmpty(head(boxes, limit)), func(s *screen) { o.writeMailboxes(s, head(boxes, limit)) })
		}),
	}
	limitFlag(cmd, &limit)
	return cmd
}

// head is the first n of a list, all for 0.
func head[T any](list []T, n int) []T {
	if n == 0 {
		return list
	}
	return list[:min(n, len(list))]
}

func (o *office) writeMailboxes(s *screen, boxes []crm.Mailbox) {
	if len(boxes) == 0 {
		o.nothing("No mailboxes yet.", "Each user gets one: blindcopy user add EMAIL")
		return
	}
	t := newTable("ID", "KIND", "OWNER", "ADDRESS", "UNKNOWN", "INCOMING", "VISIBILITY")
	for _, m := range boxes {
		t.row(fmt.Sprint(m.ID), string(m.Kind), string(m.Owner), string(m.Address), o.policy(m, false), o.policy(m, true), string(m.Visibility))
	}
	t.write(s)
}

// policy is a mailbox's policy in words, or in brackets the default it follows.
func (o *office) policy(m crm.Mailbox, incoming bool) string {
	own, inherited := m.Unknown, string(o.cfg.Linking.UnknownOutgoing)
	if incoming {
		own, inherited = m.UnknownIncoming, string(o.cfg.Linking.UnknownIncoming)
	}
	switch {
	case own != nil:
		return string(*own)
	case m.Kind == crm.MailboxBCC:
		return "(" + inherited + ")"
	case m.Kind == crm.MailboxShared:
		return "(lead)"
	}
	return "(ignore)"
}

func (a *app) mailboxShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show a mailbox",
		Args:  cobra.ExactArgs(1),
		RunE: a.reading(func(ctx context.Context, o *office, args []string) error {
			m, err := o.mailbox(ctx, args[0])
			if err != nil {
				return err
			}
			return o.show(m, func(s *screen) { o.writeMailbox(s, m) })
		}),
	}
}

// mailbox finds a mailbox that the viewer may see, by its number, its address or its owner's.
func (o *office) mailbox(ctx context.Context, text string) (crm.Mailbox, error) {
	v, err := o.viewer(ctx)
	if err != nil {
		return crm.Mailbox{}, err
	}
	m, err := o.findMailbox(ctx, text)
	if err == nil && !v.Mailbox(m) {
		err = withHint(fmt.Errorf("mailbox %d belongs to %s, and only the admins see it besides", m.ID, m.Owner), "blindcopy mailbox list --as %s", v.Email())
	}
	return m, err
}

// ownMailbox is mailbox for a change: of his own a user who is no admin may change the policies and the visibility.
func (o *office) ownMailbox(ctx context.Context, text string) (crm.Mailbox, error) {
	m, err := o.mailbox(ctx, text)
	if err != nil {
		return m, err
	}
	if v, err := o.viewer(ctx); err != nil || v.MayEdit(m) {
		return m, err
	}
	return m, fmt.Errorf("%s is no admin: a shared mailbox such as %s is changed by the admins", o.as, m.Address)
}

func (o *office) findMailbox(ctx context.Context, text string) (crm.Mailbox, error) {
	if !strings.Contains(text, "@") {
		id, err := parseID("mailbox", text)
		if err != nil {
			return crm.Mailbox{}, err
		}
		return o.store.Mailbox(ctx, crm.MailboxID(id))
	}
	a, err := parseEmail(text)
	if err != nil {
		return crm.Mailbox{}, err
	}
	boxes, err := o.store.Mailboxes(ctx)
	if err != nil {
		return crm.Mailbox{}, err
	}
	for _, m := range boxes {
		if m.Address == a || m.Owner == a {
			return m, nil
		}
	}
	return crm.Mailbox{}, fmt.Errorf("no mailbox has the address %s: %w", a, crm.ErrNotFound)
}

func (a *app) mailboxAdd() *cobra.Command {
	var visibility, kind, address string
	cmd := &cobra.Command{
		Use:   "add ADDRESS",
		Short: "Add the shared mailbox of a department address",
		Long: `Adds the shared mailbox of a department address. An unknown author's mail to it makes a lead. Who becomes
responsible: the owner of what the mail is filed to, else the user of the first --rule that fits, else
the next of the --queue who is not absent, else the --fallback.`,
		Example: `  blindcopy mailbox add info@example.com --queue anna@example.com,uwe@example.com --fallback boss@example.com
  blindcopy mailbox add --kind shared --address sales@example.com --queue anna@example.com:2,uwe@example.com:1 \
    --rule "words=invoice|bill,user=vera@example.com" --rule "domain=big.example,user=uwe@example.com"`,
		Args: cobra.MaximumNArgs(1),
	}
	leads := newLeadFlags(cmd)
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) (err error) {
		var n store.NewMailbox
		if n.Address, err = newMailboxAddress(kind, append(args, address)); err != nil {
			return err
		}
		if n.Visibility, err = parseVisibility(visibility); err != nil {
			return err
		}
		if n.Distribution, err = leads.distribution(cmd, nil); err != nil {
			return err
		}
		m, err := o.store.AddMailbox(ctx, n)
		if err != nil {
			return err
		}
		return o.show(m, func(s *screen) { o.writeMailbox(s, m) })
	})
	cmd.Flags().StringVar(&kind, "kind", string(crm.MailboxShared), "`kind` of mailbox: only shared ones are added by hand")
	cmd.Flags().StringVar(&address, "address", "", "the `address`, instead of the argument")
	cmd.Flags().StringVar(&visibility, "visibility", "", "who sees its mail: `linked`, team, envelope or private")
	choices(cmd, "kind", crm.MailboxShared)
	return cmd
}

// newMailboxAddress is the one address given, as the argument or with --address.
func newMailboxAddress(kind string, texts []string) (crm.Address, error) {
	texts = slices.Compact(slices.DeleteFunc(texts, func(text string) bool { return text == "" }))
	switch {
	case kind == string(crm.MailboxBCC):
		return "", usagef("a bcc mailbox comes with its user: blindcopy user add EMAIL")
	case kind != string(crm.MailboxShared):
		return "", usagef("--kind %q: only %s mailboxes are added by hand", kind, crm.MailboxShared)
	case len(texts) == 0:
		return "", usagef("a shared mailbox needs its address: blindcopy mailbox add info@example.com")
	case len(texts) > 1:
		return "", usagef("name one address, as the argument or with --address")
	}
	return parseEmail(texts[0])
}

func parseVisibility(text string) (crm.Visibility, error) {
	return oneOf("--visibility", text, crm.VisibilityPrivate, crm.VisibilityEnvelope, crm.VisibilityLinked, crm.VisibilityTeam)
}

func (a *app) mailboxEdit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "edit ID",
		Short: "Change a mailbox's policy, visibility, or who gets its leads",
		Long:  `Changes what is named; the rest stays. --rule and --queue replace all rules and the whole queue.`,
		Example: `  blindcopy mailbox edit 1 --unknown contact
  blindcopy mailbox edit anna@example.com --unknown-incoming default
  blindcopy mailbox edit info@example.com --queue anna@example.com,uwe@example.com --order fewest_open`,
		Args: cobra.ExactArgs(1),
	}
	leads := newLeadFlags(cmd)
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) error {
		e, err := mailboxEdit(cmd)
		if err != nil {
			return err
		}
		m, err := o.ownMailbox(ctx, args[0])
		if err != nil {
			return err
		}
		if e.Distribution, err = leads.distribution(cmd, m.Distribution); err != nil {
			return err
		}
		if m, err = o.store.EditMailbox(ctx, m.ID, e); err != nil {
			return err
		}
		return o.show(m, func(s *screen) { o.writeMailbox(s, m) })
	})
	cmd.Flags().String("unknown", "", "unknown addresses in the user's own mail: `policy` ignore, review, lead, contact or default")
	cmd.Flags().String("unknown-incoming", "", "unknown authors of redirected mail: `policy` ignore, review, lead, contact or default")
	cmd.Flags().String("visibility", "", "who sees its mail: `linked`, team, envelope or private")
	cmd.Flags().BoolVar(&leads.noRules, "no-rules", false, "take all rules away")
	cmd.MarkFlagsMutuallyExclusive("rule", "no-rules")
	choices(cmd, "unknown", crm.PolicyIgnore, crm.PolicyReview, crm.PolicyLead, crm.PolicyContact, "default")
	choices(cmd, "unknown-incoming", crm.PolicyIgnore, crm.PolicyReview, crm.PolicyLead, crm.PolicyContact, "default")
	choices(cmd, "visibility", crm.VisibilityPrivate, crm.VisibilityEnvelope, crm.VisibilityLinked, crm.VisibilityTeam)
	return cmd
}

func mailboxEdit(cmd *cobra.Command) (e store.MailboxEdit, err error) {
	if err := somethingChanged(cmd); err != nil {
		return e, err
	}
	if e.Unknown, err = changedPolicy(cmd, "unknown"); err != nil {
		return e, err
	}
	if e.UnknownIncoming, err = changedPolicy(cmd, "unknown-incoming"); err != nil {
		return e, err
	}
	if text := changed(cmd, "visibility"); text != nil {
		v, err := parseVisibility(*text)
		if err == nil && v == "" {
			v = crm.VisibilityLinked
		}
		return store.MailboxEdit{Unknown: e.Unknown, UnknownIncoming: e.UnknownIncoming, Visibility: &v}, err
	}
	return e, nil
}

// changedPolicy reads a policy flag; "default" and "" inherit again.
func changedPolicy(cmd *cobra.Command, name string) (*crm.Policy, error) {
	text := changed(cmd, name)
	if text == nil {
		return nil, nil
	}
	if *text == "default" || *text == "" {
		inherit := crm.Policy("")
		return &inherit, nil
	}
	p, ok := crm.ParsePolicy(*text)
	if !ok {
		return nil, usagef("--%s %q: one of ignore, review, lead, contact, default", name, *text)
	}
	return &p, nil
}

func (o *office) writeMailbox(s *screen, m crm.Mailbox) {
	list := []field{
		{"id", fmt.Sprint(m.ID)},
		{"kind", string(m.Kind)},
		{"owner", string(m.Owner)},
		{"unknown address, own mail", o.policy(m, false)},
		{"unknown author, redirected mail", o.policy(m, true)},
		{"visibility", string(m.Visibility)},
	}
	s.fields(string(m.Address), append(list, leadFields(m)...)...)
}
