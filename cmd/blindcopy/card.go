package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/emersion/go-vcard"
	"github.com/spf13/cobra"
	"rsc.io/qr"

	"blindcopy/crm"
)

// cardReport is what `user card --json` prints.
type cardReport struct {
	Email      crm.Address `json:"email"`
	BCCAddress crm.Address `json:"bcc_address"`
	Name       string      `json:"name"`
	VCard      string      `json:"vcard"`
}

func (a *app) userCard() *cobra.Command {
	var asQR, old bool
	cmd := &cobra.Command{
		Use:   "card EMAIL",
		Short: "Print a vCard that saves the BCC address in any mail client",
		Long: `Prints a vCard with the user's BCC address. Saved as a contact, its name completes the address
in the Bcc line of any mail client. --qr draws it for the camera of a telephone.`,
		Example: `  blindcopy user card anna@example.com > blindcopy.vcf
  blindcopy user card anna@example.com --qr`,
		Args: cobra.ExactArgs(1),
		RunE: a.reading(func(ctx context.Context, o *office, args []string) error {
			u, err := o.user(ctx, args[0])
			if err != nil {
				return err
			}
			version := "4.0"
			if old || asQR { // telephones' cameras know 3.0
				version = "3.0"
			}
			report, err := userCard(u, version)
			if err != nil {
				return err
			}
			if asQR && !o.json {
				return o.writeQR(report)
			}
			return o.show(report, func(s *screen) { fmt.Fprint(s.w, report.VCard) })
		}),
	}
	cmd.Flags().BoolVar(&asQR, "qr", false, "draw a QR code in the terminal")
	cmd.Flags().BoolVar(&old, "vcard3", false, "write vCard 3.0 for older programs")
	return cmd
}

// userCard makes the vCard of a user's BCC address. Version is 3.0 (RFC 2426) or 4.0 (RFC 6350).
func userCard(u crm.User, version string) (cardReport, error) {
	name := "CRM " + oneLine(u.String())
	card := vcard.Card{}
	card.SetValue(vcard.FieldVersion, version)
	card.SetValue(vcard.FieldFormattedName, name)
	card.SetValue(vcard.FieldName, ";"+strings.NewReplacer(";", " ", ",", " ").Replace(name)+";;;")
	email := &vcard.Field{Value: string(u.BCCAddress)}
	if version == "3.0" {
		email.Params = vcard.Params{vcard.ParamType: []string{"INTERNET"}}
	}
	card.Set(vcard.FieldEmail, email)
	card.SetValue(vcard.FieldNote, "Add this address as BCC and the mail is filed in the CRM. Keep it secret.")
	var b strings.Builder
	if err := vcard.NewEncoder(&b).Encode(card); err != nil {
		return cardReport{}, fmt.Errorf("write the vCard of %s: %w", u.Email, err)
	}
	return cardReport{u.Email, u.BCCAddress, name, b.String()}, nil
}

func (o *office) writeQR(report cardReport) error {
	code, err := qr.Encode(report.VCard, qr.L)
	if err != nil {
		return fmt.Errorf("draw the QR code: %w", err)
	}
	o.screen.line(halfBlocks(code.Size, code.Black))
	o.note("%s: point a telephone's camera at the code to save it.", report.BCCAddress)
	return nil
}

// halfBlocks draws a square of dots, two rows a line. The quiet zone of four dots around
// it is part of the code (ISO/IEC 18004). Light is drawn, dark left empty: most
// terminals are dark, and cameras read both.
func halfBlocks(n int, black func(x, y int) bool) string {
	const quiet = 4
	light := func(x, y int) bool { return x < 0 || y < 0 || x >= n || y >= n || !black(x, y) }
	var b strings.Builder
	for y := -quiet; y < n+quiet; y += 2 {
		for x := -quiet; x < n+quiet; x++ {
			switch top, bottom := light(x, y), light(x, y+1) && y+1 < n+quiet; {
			case top && bottom:
				b.WriteString("█")
			case top:
				b.WriteString("▀")
			case bottom:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
