package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"

	"blindcopy/certificate"
	"blindcopy/config"
	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/smtpd"
	"blindcopy/store"
	"blindcopy/web"
)

// The rooms fit together.
var (
	_ web.Store      = (*store.Store)(nil)
	_ web.Office     = (*office)(nil)
	_ smtpd.Inbox    = (*linker.Linker)(nil)
	_ linker.Archive = (*store.Store)(nil)
)

// serveCommand is `blindcopy serve`.
func (a *app) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the mail server",
		Long: `Takes mail to the BCC addresses and files it, until it is told to stop (Ctrl-C, TERM). Messages that
are being received are finished first. Other commands work on the same database meanwhile.`,
		Example: `  blindcopy serve
  BLINDCOPY_SMTP_LISTEN=:25 blindcopy serve --config /etc/blindcopy/blindcopy.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			log := newLog(cfg, a.stderr)
			logConfig(cfg, log)
			return a.serve(cmd.Context(), cfg, log, nil)
		},
	}
}

// serve builds the server and runs it until ctx is done. ready, if there is one, is called
// once mail is taken; an error of its ends the server.
func (a *app) serve(ctx context.Context, cfg *config.Config, log *slog.Logger, ready func(context.Context, *server) error) (err error) {
	if a.env.get("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(collectAt))
	}
	s, err := a.build(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := s.office.close(); err == nil && closeErr != nil {
			err = fmt.Errorf("close the database: %w", closeErr)
		}
	}()
	if ready == nil { // the demonstration's people have passwords
		if err := s.offerSetUp(ctx); err != nil {
			return err
		}
	}
	log.Info("ready", s.addresses()...)
	parts := s.parts()
	if ready != nil {
		parts = append(parts, part{"demo", func(ctx context.Context) error { return ready(ctx, s) }})
	}
	if err := runParts(ctx, parts...); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// collectAt is how far the heap grows between two collections, in percent of what is alive. Most of that are the people
// kept in memory, which do not change: twice the default spares half of the walks over them, five percent of the processor under
// load. GOGC and GOMEMLIMIT in the environment say otherwise.
const collectAt = 200

// server is everything that serves, built and listening.
type server struct {
	office *office
	smtp   *smtpd.Server
	acme   *certificate.ACME // nil where certificates come from files, or there are none
	health *health           // nil where web.listen is none
	log    *slog.Logger
}

// build opens the database and binds every address: after it, nothing that the configuration
// says can fail any more.
func (a *app) build(ctx context.Context, cfg *config.Config, log *slog.Logger) (s *server, err error) {
	m := newMetrics()
	o, err := a.openOffice(ctx, cfg, store.Options{Serve: true, Log: log, MinFree: int64(cfg.DiskReserve), OnCommit: m.committed, Faults: a.faults})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = o.close() // the first error tells more
		}
	}()
	if err := o.store.Warm(ctx); err != nil {
		return nil, fmt.Errorf("read the addresses: %w", err)
	}
	s = &server{office: o, log: log}
	way := &arriving{Inbox: confirmingInbox{countingInbox{o.linker, m}, o, log}}
	watch := &custody{Inbox: way, log: log, now: time.Now}
	o.refusals = &refusals{}
	opts, err := smtpOptions(cfg, slog.New(remembering{log.Handler(), o.refusals}))
	if err != nil {
		return nil, err
	}
	secure, err := newSTARTTLS(cfg, log)
	if err != nil {
		return nil, err
	}
	opts.TLS, opts.TLSReady, s.acme = secure.config, secure.ready, secure.acme
	opts.NewSpool = func() smtpd.Spool { return watch.watch(o.store.NewSpool()) }
	if s.smtp, err = smtpd.New(watch, opts); err != nil {
		return nil, err
	}
	m.registry.MustRegister(newSMTPMetrics(s.smtp.Stats), newStoreMetrics(o.store))
	if cfg.Web.Listen != "" {
		ready := &readiness{store: o.store, log: log}
		if s.health, err = listenHealth(ctx, cfg.Web.Listen, ready.reasons, m.handler(log)); err != nil {
			return nil, err
		}
		pages, err := o.pages(s.health.addr(), log)
		if err != nil {
			return nil, err
		}
		s.health.pages, way.pages = pages, pages
	}
	if s.acme != nil {
		if err := s.acme.Listen(ctx); err != nil {
			return nil, withHint(fmt.Errorf("smtp.tls.acme_listen %s: %w", cfg.SMTP.TLS.ACMEListen, err),
				"The authority asks at port 80. Let the web server there pass /.well-known/acme-challenge/ on to another address, and set smtp.tls.acme_listen to that.")
		}
	}
	return s, s.smtp.Listen(ctx)
}

// smtpOptions is what the configuration says about the way in; where bodies are spooled is the store's.
func smtpOptions(cfg *config.Config, log *slog.Logger) (smtpd.Options, error) {
	lmtp, err := lmtpAddress(cfg)
	if err != nil {
		return smtpd.Options{}, err
	}
	return smtpd.Options{
		Listen:          cfg.SMTP.Listen,
		LMTP:            lmtp,
		Hostname:        cfg.SMTP.Hostname,
		Domain:          cfg.Domain,
		MaxMessageBytes: int64(cfg.SMTP.MaxMessageBytes),
		MaxRecipients:   cfg.SMTP.MaxRecipients,
		MaxConnections:  cfg.SMTP.MaxConnections,
		MaxPerIP:        cfg.SMTP.MaxConnectionsPerIP,
		ReadTimeout:     cfg.SMTP.ReadTimeout.Std(),
		Trusted:         cfg.SMTP.TrustedNetworks,
		Relay:           cfg.SMTP.RelayNetworks,
		Proxy:           cfg.SMTP.ProxyNetworks,
		NewID:           func() crm.IntakeID { return crm.IntakeID(ulid.Make().String()) },
		Log:             log,
	}, nil
}

// parts are started in this order and stopped in reverse: mail stops first.
func (s *server) parts() []part {
	parts := []part{{"housekeeping", s.keepHouse}}
	if s.acme != nil {
		parts = append(parts, part{"certificates", s.acme.Run})
	}
	if s.health == nil {
		return append(parts, part{"SMTP server", s.smtp.Run})
	}
	return append(parts, part{"HTTP server", s.health.run}, part{"SMTP server", s.health.drains(s.smtp)})
}

// addresses are the attributes of the line that says we are ready.
func (s *server) addresses() []any {
	var list []string
	for _, addr := range s.smtp.Addrs() {
		list = append(list, addr.String())
	}
	attributes := []any{"smtp", strings.Join(list, " ")}
	if s.health != nil {
		attributes = append(attributes, "web", s.health.addr())
	}
	if s.acme != nil {
		attributes = append(attributes, "acme", s.acme.Addr().String())
	}
	return append(attributes, "domain", s.office.cfg.Domain, "version", version)
}

// newLog writes as log.format and log.level say.
func newLog(cfg *config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Log.Level)) // the configuration took no other words
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == config.LogJSON {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// logConfig notes the settings in effect, secrets masked, and those hardly meant.
func logConfig(cfg *config.Config, log *slog.Logger) {
	for _, s := range cfg.Effective() {
		log.Info("config", "key", s.Key, "value", s.String(), "source", string(s.Source))
	}
	for _, warning := range warnings(cfg) {
		log.Warn(warning)
	}
}
