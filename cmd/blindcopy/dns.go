package main

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/config"
)

// resolver asks DNS. *net.Resolver is one.
type resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupCNAME(ctx context.Context, host string) (string, error)
}

// dnsCommand is `blindcopy dns`.
func (a *app) dnsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dns",
		Short: "The DNS records of the domain: what to publish, and what is published",
		Long: `The domain of the BCC addresses takes mail and sends none. Its records say where the mail goes, and
that nobody may send in its name.`,
		Example: `  blindcopy dns records
  blindcopy dns check`,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "records",
			Short: "Print the records to publish",
			Args:  cobra.NoArgs,
			RunE:  func(*cobra.Command, []string) error { return a.dnsRecords() },
		},
		&cobra.Command{
			Use:   "check",
			Short: "Look up what is published, and say what to do; a part of doctor",
			Args:  cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				cfg, err := a.config()
				if err != nil {
					return err
				}
				return a.diagnosis(a.newDoctor(cfg).dns(cmd.Context()))
			},
		})
	return cmd
}

func (a *app) dnsRecords() error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	if !strings.Contains(cfg.Domain, ".") {
		return withHint(errors.New("domain is "+cfg.Domain+", of which nothing can be published"), "blindcopy init --domain bcc.example.com --admin anna@example.com")
	}
	records := zoneOf(cfg.Domain, greetsAs(cfg))
	return a.show(records, func(s *screen) { writeZone(s, "", records) })
}

// greetsAs is the name that the MX record should point to: smtp.hostname, unless nobody set it and it
// is whatever the machine is called.
func greetsAs(cfg *config.Config) string {
	for _, s := range cfg.Effective() {
		if s.Key == "smtp.hostname" && s.Source != config.FromDefault && strings.Contains(cfg.SMTP.Hostname, ".") {
			return cfg.SMTP.Hostname
		}
	}
	return mailHost(cfg.Domain)
}

// writeZone prints records in columns.
func writeZone(s *screen, indent string, records []dnsRecord) {
	widest := 0
	for _, rec := range records {
		widest = max(widest, len(rec.Name))
	}
	for _, rec := range records {
		s.linef("%s%s  %s %s", indent, pad(rec.Name, widest), pad(rec.Type, 4), rec.Value)
	}
}
