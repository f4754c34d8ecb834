package main

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// intakeCommand is `blindcopy intake`.
func (a *app) intakeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "intake",
		Short: "Everything that reached us",
		Long: `An intake is one message handed to us, however it ended: filed, held for a person, ignored, or a
duplicate. "explain" says why.`,
		Example: `  blindcopy intake list --verdict held --since 7d
  blindcopy intake raw 01JQ8V6Z3M0000000000000000 > message.eml`,
	}
	cmd.AddCommand(a.intakeList(), a.intakeRaw())
	return cmd
}

func (a *app) intakeList() *cobra.Command {
	var f store.IntakeFilter
	var verdict, since string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List intakes, newest first",
		Example: "  blindcopy intake list --verdict held --since yesterday --match invoice",
		Args:    cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) (err error) {
			if f.Verdict, err = oneOf("--verdict", verdict, crm.Filed, crm.Held, crm.Ignored, crm.Duplicate, crm.Refused); err != nil {
				return err
			}
			if f.Since, err = parseSince(since, o.now(), o.screen.zone); err != nil {
				return err
			}
			return printList(ctx, o, f, f.Limit, o.intakes, o.writeIntakes)
		}),
	}
	limitFlag(cmd, &f.Limit)
	cmd.Flags().StringVar(&verdict, "verdict", "", "only with this `verdict`: filed, held, ignored, duplicate or refused")
	choices(cmd, "verdict", crm.Filed, crm.Held, crm.Ignored, crm.Duplicate, crm.Refused)
	cmd.Flags().StringVar(&since, "since", "", "only since this `time`: 2h, 7d, today, 2026-03-14")
	cmd.Flags().StringVar(&f.Match, "match", "", "only with this `text` in the author, a recipient, the subject or the Message-ID")
	return cmd
}

// intakes lists what the viewer may see.
func (o *office) intakes(ctx context.Context, f store.IntakeFilter) ([]crm.Intake, error) {
	v, err := o.viewer(ctx)
	if err != nil {
		return nil, err
	}
	f.Viewer = &v
	return o.store.Intakes(ctx, f)
}

func (o *office) writeIntakes(s *screen, list []crm.Intake, limit int) {
	if len(list) == 0 {
		o.nothing("No intakes.", "Add a user's BCC address to a mail; blindcopy user list shows it.")
		return
	}
	t := newTable("ID", "RECEIVED", "VERDICT", "WHY", "FROM", "SUBJECT")
	for _, in := range list {
		t.row(string(in.ID), s.moment(in.ReceivedAt), string(in.Verdict), words(in.Codes), in.From, subject(in.Subject))
	}
	t.write(s)
	o.more(len(list), limit)
}

// rawReport is what `intake raw --json` prints: the bytes are base64.
type rawReport struct {
	ID     crm.IntakeID `json:"id"`
	Size   int64        `json:"size"`
	SHA256 string       `json:"sha256"`
	Raw    []byte       `json:"raw"`
}

func (a *app) intakeRaw() *cobra.Command {
	return &cobra.Command{
		Use:     "raw ID",
		Short:   "Write the message exactly as it was received",
		Example: "  blindcopy intake raw 01JQ8V6Z3M0000000000000000 > message.eml",
		Args:    cobra.ExactArgs(1),
		RunE: a.reading(func(ctx context.Context, o *office, args []string) error {
			in, err := o.intake(ctx, args[0])
			if err != nil {
				return err
			}
			raw, err := o.store.Raw(ctx, in.ID)
			if err != nil {
				return err
			}
			if raw.Release != nil {
				defer raw.Release()
			}
			if o.json {
				return o.show(rawReport{in.ID, raw.Size(), hex.EncodeToString(raw.SHA256[:]), raw.Bytes}, nil)
			}
			if _, err := o.stdout.Write(raw.Bytes); err != nil {
				return fmt.Errorf("write the message: %w", err)
			}
			return nil
		}),
	}
}
