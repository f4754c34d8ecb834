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
)

// explainCommand is `blindcopy explain`.
func (a *app) explainCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "explain ID-OR-MESSAGE-ID",
		Short: "Say what became of a message, and why",
		Long: `Prints the trace that was kept when the message was decided on: each step with its reason, and what
you can do about it. The id stands in the answer that the sending server got, and in "intake list".`,
		Example: `  blindcopy explain 01JQ8V6Z3M0000000000000000
  blindcopy explain '<CAB123@mail.client.example>' --all`,
		Args: cobra.ExactArgs(1),
		RunE: a.reading(func(ctx context.Context, o *office, args []string) error {
			list, err := o.findIntakes(ctx, args[0])
			if err != nil {
				return err
			}
			if !all {
				list = list[:1]
			}
			return o.explain(ctx, list, all)
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "every intake with this Message-ID, not the newest alone")
	return cmd
}

// findIntakes returns the intake with an id, or those with a Message-ID, newest first and
// never none.
func (o *office) findIntakes(ctx context.Context, text string) ([]crm.Intake, error) {
	v, err := o.viewer(ctx)
	if err != nil {
		return nil, err
	}
	var list []crm.Intake
	if id, ok := intakeID(text); ok {
		in, err := o.store.Intake(ctx, id)
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			list = append(list, in)
		}
	}
	if len(list) == 0 {
		if list, err = o.store.IntakesByMessageID(ctx, messageID(text)); err != nil && !errors.Is(err, crm.ErrNotFound) {
			return nil, err
		}
	}
	if list = v.Intakes(list); len(list) == 0 {
		return nil, withHint(noRecordf("no message with the id or Message-ID %s reached us", clip(oneLine(text), 100)),
			"blindcopy intake list --since 1d")
	}
	return list, nil
}

// intake returns one intake by its id, or the newest with a Message-ID.
func (o *office) intake(ctx context.Context, text string) (crm.Intake, error) {
	list, err := o.findIntakes(ctx, text)
	if err != nil {
		return crm.Intake{}, err
	}
	return list[0], nil
}

// intakeID tells whether a text can be the id of an intake: a ULID has 26 characters.
func intakeID(text string) (crm.IntakeID, bool) {
	const length = 26
	text = strings.ToUpper(strings.TrimSpace(text))
	if len(text) != length || strings.Trim(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		return "", false
	}
	return crm.IntakeID(text), true
}

// messageID brings a Message-ID into the form it is kept in (SEMANTICS §7): without white
// space and <>, lower-case.
func messageID(text string) string {
	return strings.ToLower(strings.Trim(strings.Join(strings.Fields(text), ""), "<>"))
}

func (o *office) explain(ctx context.Context, list []crm.Intake, all bool) error {
	if o.json {
		if all {
			return o.show(list, nil)
		}
		return o.show(list[0], nil)
	}
	for i, in := range list {
		var activities []crm.Activity
		for _, id := range in.ActivityIDs {
			act, err := o.store.Activity(ctx, id)
			if err != nil && !errors.Is(err, crm.ErrNotFound) {
				return err
			}
			if err == nil {
				activities = append(activities, act)
			}
		}
		if i > 0 {
			o.screen.line()
		}
		writeIntake(o.screen, in, linker.Explain(&in, activities))
	}
	return nil
}

// writeIntake prints a trace for people: what it was, what became of it and why, step by
// step, and what can be done.
func writeIntake(s *screen, in crm.Intake, sentences string) {
	tls := in.TLS
	if tls == "" {
		tls = "no TLS"
	}
	s.fields(string(in.ID)+"  "+string(in.Verdict),
		field{"received", s.moment(in.ReceivedAt)},
		field{"from", oneLine(in.From)},
		field{"subject", oneLine(subject(in.Subject))},
		field{"Message-ID", oneLine(in.MessageID)},
		field{"sent by", oneLine(fmt.Sprintf("%s %s (%s, %s)", in.Remote, in.Helo, in.Via, tls))},
		field{"envelope", oneLine(fmt.Sprintf("<%s> → %s", in.MailFrom, strings.Join(in.Rcpts, ", ")))},
		field{"author", auth(in.Auth)},
		field{"size", size(in.Size)},
		field{"content", s.kept(in)})
	if sentences != "" {
		s.line()
		s.paragraph("", manyLines(strings.TrimSpace(sentences)))
	}
	writeResults(s, in)
	writeSteps(s, in.Steps)
	writeCandidates(s, "Considered", in.Candidates)
	if in.Open {
		writeCandidates(s, "May belong to", notAmong(in.Proposals, in.Candidates))
	}
	writeHints(s, in.Codes, in.Asks)
}

// notAmong leaves out candidates that are said already.
func notAmong(list, said []crm.Candidate) []crm.Candidate {
	return slices.DeleteFunc(slices.Clone(list), func(c crm.Candidate) bool { return slices.Contains(said, c) })
}

// writeResults lists the mails of a message that brought several, with the numbers that --original takes.
func writeResults(s *screen, in crm.Intake) {
	if len(in.Results) < 2 {
		return
	}
	s.line()
	s.heading("Mails in it")
	for _, r := range in.Results {
		text := string(r.Verdict)
		if r.ActivityID != nil {
			text += fmt.Sprintf(" as activity %d", *r.ActivityID)
		}
		s.linef("%3d  %s  %s%s", r.Original, text, words(r.Codes), suffix("  ", oneLine(strings.TrimSpace(r.From+"  "+r.Subject))))
	}
}

func auth(a crm.SenderAuth) string {
	if a.Result == crm.AuthOff || a.Result == "" {
		return ""
	}
	return fmt.Sprintf("%s (SPF %s, DKIM %s, DMARC %s)", a.Result, a.SPF, a.DKIM, a.DMARC)
}

func (s *screen) kept(in crm.Intake) string {
	switch {
	case !in.Kept:
		return "not kept"
	case in.Expires != nil:
		return "kept until " + in.Expires.In(s.zone).Format(dateLayout)
	}
	return "kept"
}

func writeSteps(s *screen, steps []crm.Step) {
	if len(steps) == 0 {
		return
	}
	s.line()
	s.heading("Steps")
	widest := 0
	for _, step := range steps {
		widest = max(widest, len(step.Code))
	}
	for i, step := range steps {
		lead := fmt.Sprintf("%3d  %s  ", i+1, pad(string(step.Code), widest))
		room := 0
		if s.width > 0 {
			room = max(s.width-columns(lead), narrowColumn)
		}
		for j, line := range wrap(oneLine(step.Detail), room) {
			if j > 0 {
				lead = strings.Repeat(" ", columns(lead))
			}
			s.line(s.faint(lead), line)
		}
	}
}

func writeCandidates(s *screen, heading string, list []crm.Candidate) {
	if len(list) == 0 {
		return
	}
	s.line()
	s.heading(heading)
	for _, c := range list {
		s.linef("  %s:%d  %s%s", c.Kind, c.ID, oneLine(c.Title), s.faint(suffix("  ", oneLine(c.Why))))
	}
}

// writeHints says what can be done about the codes of a trace. Questions are passed over once they are answered.
func writeHints(s *screen, codes []crm.Code, asks func(crm.Code) bool) {
	first := true
	for _, code := range codes {
		m := code.Meaning()
		if m.Hint == "" || strings.HasPrefix(m.Hint, "Nothing") || !asks(code) {
			continue
		}
		if first {
			s.line()
			s.heading("What you can do")
			first = false
		}
		s.linef("  → %s %s", m.Hint, s.faint("("+string(code)+")"))
	}
}
