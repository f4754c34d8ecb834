package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"blindcopy/config"
	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/store"
)

// office is what most verbs work in: the configuration, and the database it names, opened.
type office struct {
	*app
	cfg    *config.Config
	store  *store.Store
	linker *linker.Linker
	free   crm.WordList // free-mail domains

	publicURL string    // of the pages, while serving
	refusals  *refusals // nil beside the server
}

// work is a verb that needs the office.
type work func(ctx context.Context, o *office, args []string) error

// reading makes a verb that writes nothing.
func (a *app) reading(do work) func(*cobra.Command, []string) error { return a.inOffice(true, do) }

// writing makes a verb that changes something; it creates the database, or brings it up to
// date, where no server runs on it.
func (a *app) writing(do work) func(*cobra.Command, []string) error { return a.inOffice(false, do) }

func (a *app) inOffice(readOnly bool, do work) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		cfg, err := a.config()
		if err != nil {
			return err
		}
		o, err := a.openOffice(cmd.Context(), cfg, store.Options{ReadOnly: readOnly})
		if err != nil {
			return err
		}
		defer func() {
			if closeErr := o.close(); err == nil && closeErr != nil {
				err = fmt.Errorf("close the database: %w", closeErr)
			}
		}()
		ctx, err := o.acting(cmd.Context())
		if err != nil {
			return err
		}
		if err := o.permit(ctx, cmd, args); err != nil {
			return err
		}
		return do(ctx, o, args)
	}
}

// markSecret names the key that signs our mark on mail: see linker.MarkField.
const markSecret = "mark"

// openOffice opens the database of a configuration. opts says how; what it holds is filled in.
func (a *app) openOffice(ctx context.Context, cfg *config.Config, opts store.Options) (*office, error) {
	opts.DSN, opts.Domain, opts.Now = cfg.Database, cfg.Domain, a.now
	opts.RotationGrace = max(cfg.BCC.RotationGrace.Std(), 1) // 0 means its default to the store, and none to people
	opts.KeepUnfiled, opts.KeepTraces = cfg.Retention.Unfiled.Std(), cfg.Retention.Traces.Std()
	if opts.Log == nil {
		opts.Log = slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	s, err := store.Open(ctx, opts)
	if err != nil {
		return nil, err
	}
	p := policy(cfg)
	if p.MarkSecret, err = s.Secret(ctx, markSecret); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	l := linker.New(s, p, authenticator(cfg, a.dns, opts.Log), opts.Log)
	l.Now = a.now
	return &office{app: a, cfg: cfg, store: s, linker: l, free: p.FreeMail}, nil
}

func (o *office) close() error { return o.store.Close() }

// rerun is lookAgain for a command: it tells what came of it.
func (o *office) rerun(ctx context.Context, addresses []crm.Address, domains []string) error {
	later, err := o.lookAgain(ctx, addresses, domains)
	o.tell(later)
	return err
}

// tell notes what a change did besides.
func (o *office) tell(later crm.Later) {
	for _, warning := range later.Warnings {
		o.note("Warning: %s", warning)
	}
	if later.Filed > 0 {
		o.note("Filed %s that had been held.", count(later.Filed, "mail"))
	}
	if later.Linked > 0 {
		o.note("Linked %s that had been filed before.", count(later.Linked, "mail"))
	}
}

// corporateDomain is the domain that a new company of these people gets: that of the first address
// at a domain which is neither free mail nor ours.
func (o *office) corporateDomain(addresses []crm.Address) string {
	for _, a := range addresses {
		if d := a.Domain(); !o.free.Has(d) && !o.internal(d) {
			return d
		}
	}
	return ""
}

func (o *office) internal(domain string) bool {
	for _, d := range append(o.cfg.InternalDomains, o.cfg.Domain) {
		if crm.NormalDomain(d) == domain {
			return true
		}
	}
	return false
}
