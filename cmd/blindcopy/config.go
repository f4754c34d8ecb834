package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/config"
	"blindcopy/store"
)

// configCommand is `blindcopy config`.
func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check, show or write the configuration",
		Long: `Settings come from flags, then the environment (BLINDCOPY_SMTP_LISTEN for smtp.listen), then a
file, then the defaults. What is not understood stops the program.`,
		Example: `  blindcopy config check
  blindcopy config show
  blindcopy config sample > blindcopy.yaml`,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "check",
			Short: "Validate the configuration, as serve does before it listens",
			Args:  cobra.NoArgs,
			RunE:  func(cmd *cobra.Command, _ []string) error { return a.configCheck(cmd.Context()) },
		},
		&cobra.Command{
			Use:   "show",
			Short: "Print every setting in effect, and where it comes from",
			Args:  cobra.NoArgs,
			RunE:  func(*cobra.Command, []string) error { return a.configShow() },
		},
		&cobra.Command{
			Use:   "sample",
			Short: "Print a commented configuration file with the defaults",
			Args:  cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				return a.show(map[string]string{"sample": config.Sample()}, func(s *screen) { s.line(strings.TrimRight(config.Sample(), "\n")) })
			},
		})
	return cmd
}

// configReport is what `config check --json` prints.
type configReport struct {
	OK       bool     `json:"ok"`
	File     *string  `json:"file"`
	Errors   []string `json:"errors"`
	Warnings []string `json:"warnings"`
}

// configCheck loads the configuration and prints all that is wrong with it.
func (a *app) configCheck(ctx context.Context) error {
	cfg, err := a.config()
	if err == nil {
		err = errors.Join(checkServe(cfg), a.checkDatabase(ctx, cfg))
	}
	report := configReport{OK: err == nil, Errors: []string{}, Warnings: []string{}}
	if err != nil {
		report.Errors = strings.Split(err.Error(), "\n")
	}
	if cfg != nil {
		report.Warnings = orEmpty(warnings(cfg))
		if file := cfg.File(); file != "" {
			report.File = &file
		}
	}
	if err != nil && !a.json {
		return err
	}
	if showErr := a.show(report, func(s *screen) { report.write(s) }); showErr != nil {
		return showErr
	}
	return err
}

func (r configReport) write(s *screen) {
	for _, warning := range r.Warnings {
		s.line("warning: ", warning)
	}
	if r.File == nil {
		s.line("The configuration is good (no file, defaults only).")
		return
	}
	s.linef("The configuration in %s is good.", *r.File)
}

func (a *app) configShow() error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	return a.show(cfg.Effective(), func(s *screen) {
		if cfg.File() != "" {
			a.note("%s", a.notes.faint("# "+cfg.File()))
		}
		s.line(strings.TrimRight(cfg.Show(), "\n"))
	})
}

// warnings are those of the configuration, and those that take a list of free-mail domains.
func warnings(cfg *config.Config) []string {
	list := cfg.Warnings()
	if policy(cfg).FreeMail.Has(cfg.Domain) {
		list = append(list, fmt.Sprintf("domain: %s gives mailboxes to everybody, and cannot be yours", cfg.Domain))
	}
	return list
}

// checkDatabase opens the database as far as that changes nothing: serve makes one that is not there, and brings
// an older one up to date.
func (a *app) checkDatabase(ctx context.Context, cfg *config.Config) error {
	o, err := a.openOffice(ctx, cfg, store.Options{ReadOnly: true})
	if errors.Is(err, store.ErrNoDatabase) || errors.Is(err, store.ErrOlderSchema) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return o.close()
}

// checkServe tries what serve does with the configuration before it listens, but for
// opening the database.
func checkServe(cfg *config.Config) error {
	if _, err := lmtpAddress(cfg); err != nil {
		return err
	}
	if cfg.SMTP.TLS.CertFile == "" {
		return nil
	}
	_, err := openCertificate(cfg, slog.New(slog.DiscardHandler))
	return err
}

// lmtpAddress is the one address for LMTP: host:port, or the path of a socket.
func lmtpAddress(cfg *config.Config) (string, error) {
	switch len(cfg.LMTP.Listen) {
	case 0:
		return "", nil
	case 1:
		return strings.TrimPrefix(cfg.LMTP.Listen[0], "unix:"), nil
	}
	return "", fmt.Errorf("lmtp.listen: only one address is supported, not %s", strings.Join(cfg.LMTP.Listen, ", "))
}
