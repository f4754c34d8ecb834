package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"

	"blindcopy/config"
	"blindcopy/crm"
)

// tryFlags are the envelope of a message that is only thought about.
type tryFlags struct {
	rcpt     []string
	mailFrom string
	given    bool // --mail-from was: "" is the null reverse path
	remote   string
}

// tryReport is an intake with what it would do, [] where that is nothing.
type tryReport struct {
	crm.Intake
	WouldLink   []crm.Link     `json:"would_link"`
	WouldCreate []crm.Creation `json:"would_create"`
}

// tryCommand is `blindcopy try`.
func (a *app) tryCommand() *cobra.Command {
	var f tryFlags
	cmd := &cobra.Command{
		Use:   "try FILE --rcpt ADDRESS",
		Short: "Say what would become of a message; nothing is written",
		Long: `Decides on a message as the server would, and prints the trace. FILE is a message as mail clients
save it (.eml), or - for standard input. Without --remote it is taken to come from this machine.`,
		Example: `  blindcopy try message.eml --rcpt anna-k3v9x2qdfh@bcc.example.com
  blindcopy try - --rcpt anna-k3v9x2qdfh+deal4@bcc.example.com --remote 192.0.2.7 < message.eml`,
		Args: cobra.ExactArgs(1),
	}
	cmd.RunE = a.reading(func(ctx context.Context, o *office, args []string) error {
		f.given = cmd.Flags().Changed("mail-from")
		if len(f.rcpt) == 0 {
			return usagef("try needs --rcpt with a BCC address: blindcopy user list")
		}
		in, err := o.tryInbound(ctx, args[0], f)
		if err != nil {
			return err
		}
		intake, err := o.linker.Try(ctx, in)
		if err != nil {
			return fmt.Errorf("try %s: %w", args[0], err)
		}
		report := tryReport{intake, orEmpty(intake.WouldLink), orEmpty(intake.WouldCreate)}
		return o.show(report, func(s *screen) { writeTry(s, report) })
	})
	cmd.Flags().StringArrayVar(&f.rcpt, "rcpt", nil, "an envelope recipient: a BCC `address`, tags included; may be repeated")
	cmd.Flags().StringVar(&f.mailFrom, "mail-from", "", `envelope sender, "" for the null reverse path; the author's `+"`address`"+` if left out`)
	cmd.Flags().StringVar(&f.remote, "remote", "127.0.0.1", "the `IP` address it comes from")
	return cmd
}

// tryInbound builds what the SMTP server would hand over.
func (o *office) tryInbound(ctx context.Context, file string, f tryFlags) (*crm.Inbound, error) {
	remote, err := netip.ParseAddr(f.remote)
	if err != nil {
		return nil, usagef("--remote %q is no IP address", f.remote)
	}
	data, err := o.readInput(file, int64(o.cfg.SMTP.MaxMessageBytes))
	if err != nil {
		return nil, err
	}
	in := &crm.Inbound{
		ID: crm.IntakeID(ulid.Make().String()), ReceivedAt: o.now().UTC(), Via: crm.ViaTry, Remote: remote,
		Trusted: trusted(o.cfg, remote), MailFrom: strings.Trim(f.mailFrom, "<> "),
		Raw: crm.Raw{Bytes: data, SHA256: sha256.Sum256(data)},
	}
	if !f.given {
		in.MailFrom = authorOf(data)
	}
	for _, path := range f.rcpt {
		r, err := o.linker.Resolve(ctx, strings.Trim(path, "<> "))
		if err != nil {
			return nil, o.refusal(path, err)
		}
		in.Recipients = append(in.Recipients, r)
	}
	return in, nil
}

func trusted(cfg *config.Config, remote netip.Addr) bool {
	for _, network := range cfg.SMTP.TrustedNetworks {
		if network.Contains(remote.Unmap()) {
			return true
		}
	}
	return false
}

// refusal says how the server would answer RCPT TO.
func (o *office) refusal(path string, err error) error {
	for _, r := range []struct {
		err   error
		reply string
	}{
		{crm.ErrUnknownRecipient, "550 5.1.1"},
		{crm.ErrRevokedRecipient, "550 5.1.6"},
		{crm.ErrForeignDomain, "550 5.7.1"},
	} {
		if errors.Is(err, r.err) {
			return withHint(fmt.Errorf("the server would refuse %s with %s: %w", path, r.reply, r.err), "blindcopy user list shows the BCC addresses")
		}
	}
	return err
}

// verdictNoun is a verdict as it stands in a sentence.
func verdictNoun(v crm.Verdict) string {
	if v == crm.Duplicate {
		return "a duplicate"
	}
	return string(v)
}

func writeTry(s *screen, r tryReport) {
	s.linef("%s %s", s.strong("It would be "+verdictNoun(r.Verdict)+"."), s.faint("Nothing was written."))
	for _, l := range r.WouldLink {
		s.linef("  link    %s:%d  %s  %s", l.Kind, l.ID, oneLine(l.Title), s.faint(string(l.Code)))
	}
	for _, c := range r.WouldCreate {
		s.linef("  create  %s  %s", c.Kind, oneLine(party(c.Name, c.Address)))
	}
	writeSteps(s, r.Steps)
	writeCandidates(s, "Considered", r.Candidates)
	writeHints(s, r.Codes, func(crm.Code) bool { return true })
}
