package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/config"
	"blindcopy/crm"
	"blindcopy/store"
)

// demoFlags are what a demonstration is told.
type demoFlags struct {
	dir  string
	port int
	keep bool
	once bool
}

const (
	demoDomain  = "bcc.nordlicht.example"
	demoCompany = "nordlicht.example"
	demoClient  = "ben@client.example"
)

// demoCommand is `blindcopy demo`.
func (a *app) demoCommand() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show it all with a sample company, on this machine",
		Long: `Makes a sample company in a folder of its own, starts the server on 127.0.0.1, sends it ten real
messages over SMTP, shows the timeline they made, and goes on serving for you to try. Nothing leaves
this machine.`,
		Example: `  blindcopy demo
  blindcopy demo --port 2526 --keep`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.dir, "dir", ".run", "`folder` for its configuration and database")
	cmd.Flags().IntVar(&f.port, "port", 2525, "SMTP `port` on 127.0.0.1")
	cmd.Flags().BoolVar(&f.keep, "keep", false, "go on with the database of the last time")
	cmd.Flags().BoolVar(&f.once, "once", false, "stop after the messages instead of serving on")
	return cmd
}

// demo is one demonstration.
type demo struct {
	*app
	demoFlags
	file  string // the configuration
	level *slog.LevelVar
	anna  crm.User
}

// demo prepares the folder, serves, and plays the mail while serving.
func (a *app) demo(ctx context.Context, f demoFlags) error {
	// A BLINDCOPY_DATABASE of the visitor's own must not get our sample company.
	a.env, a.database = a.env.without("BLINDCOPY_"), ""
	d := &demo{app: a, demoFlags: f, file: filepath.Join(f.dir, "blindcopy.yaml"), level: new(slog.LevelVar)}
	fresh, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	a.configFile = d.file
	cfg, err := a.config()
	if err != nil {
		return err
	}
	d.level.Set(slog.LevelWarn) // our own mail is printed; that of the visitor is logged
	log := slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: d.level}))
	return a.serve(ctx, cfg, log, func(ctx context.Context, s *server) error { return d.play(ctx, s, fresh) })
}

// prepare makes the folder and tells whether its database is a new one. The port is looked at
// first: behind a taken one another demonstration may be using the database.
func (d *demo) prepare(ctx context.Context) (fresh bool, err error) {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(d.port))
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return false, withHint(fmt.Errorf("port %d is taken: %w", d.port, err),
			"Another server is running there. Stop it, or use another port: blindcopy demo --port %d", d.port+1)
	}
	if err := l.Close(); err != nil {
		return false, err
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return false, err
	}
	database := filepath.Join(d.dir, "blindcopy.db")
	if _, err := os.Stat(database); err == nil && d.keep {
		return false, d.writeConfig(ctx, address, database)
	}
	for _, end := range []string{"", "-wal", "-shm", ".lock", ".server", ".files"} {
		if err := os.RemoveAll(database + end); err != nil {
			return false, err
		}
	}
	return true, d.writeConfig(ctx, address, database)
}

// writeConfig writes the few settings of the demonstration. The pages take another port where the usual one is taken, so
// that two demonstrations can run side by side.
func (d *demo) writeConfig(ctx context.Context, address, database string) error {
	web, err := freeAddress(ctx, config.Defaults().Web.Listen)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("# Written by blindcopy demo, each time.\ndomain: %s\ninternal_domains: [%s]\ndatabase: %q\n"+
		"smtp:\n  listen: [%q]\n  hostname: %s\nweb:\n  listen: %q\n  public_url: http://%s\n", demoDomain, demoCompany, database, address, demoDomain, web, web)
	return os.WriteFile(d.file, []byte(text), 0o600)
}

// freeAddress is the address that is wished for, or one with a free port where that is taken.
func freeAddress(ctx context.Context, wished string) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", wished)
	if err != nil {
		l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// play fills the company, sends the mail and shows what came of it, beside the running server.
func (d *demo) play(ctx context.Context, s *server, fresh bool) error {
	o := s.office
	if fresh {
		if err := newCast(ctx, o); err != nil {
			return fmt.Errorf("make the sample company: %w", err)
		}
	}
	var err error
	if d.anna, err = o.store.User(ctx, demoAnna); err != nil {
		return err
	}
	port := portOf(s)
	if fresh {
		if err := d.send(ctx, o, port); err != nil {
			return err
		}
	}
	t, err := o.timeline(ctx, demoClient, defaultLimit)
	if err != nil {
		return err
	}
	d.screen.line()
	o.writeTimeline(d.screen, t, 0)
	if err := d.writeSwaks(port); err != nil {
		return err
	}
	latest, err := o.store.Intakes(ctx, store.IntakeFilter{Limit: 1})
	if err != nil || len(latest) == 0 {
		return err
	}
	link, err := o.SignInLink(ctx, crm.TicketSignIn, d.anna.ID)
	if err != nil {
		return err
	}
	d.next(s, port, latest[0].ID, link)
	if d.once {
		return nil
	}
	d.level.Set(slog.LevelInfo)
	<-ctx.Done()
	return nil
}

func portOf(s *server) string {
	_, port, _ := net.SplitHostPort(s.smtp.Addrs()[0].String())
	return port
}

// send plays the mail over SMTP and prints each answer.
func (d *demo) send(ctx context.Context, o *office, port string) error {
	mails, err := demoMails(ctx, o, d.now())
	if err != nil {
		return err
	}
	d.screen.heading(fmt.Sprintf("Sending %d messages to 127.0.0.1:%s", len(mails), port))
	for _, m := range mails {
		reply, err := m.send(ctx, "127.0.0.1:"+port)
		if err != nil {
			return fmt.Errorf("send %q: %w", m.what, err)
		}
		d.screen.linef("  %s", m.what)
		d.screen.linef("    %s", d.screen.faint("250 "+reply))
	}
	return nil
}

// writeSwaks notes for scripts where to send a test mail.
func (d *demo) writeSwaks(port string) error {
	text := fmt.Sprintf("BCC=%s\nPORT=%s\nFROM=%s\nCLIENT=%s\n", d.anna.BCCAddress, port, d.anna.Email, demoClient)
	return os.WriteFile(filepath.Join(d.dir, "swaks.env"), []byte(text), 0o600)
}

// next says what a newcomer does now; every line can be pasted into another terminal.
func (d *demo) next(srv *server, port string, latest crm.IntakeID, link crm.SignInLink) {
	s, cmd := d.screen, program()+" --config "+d.file
	s.line()
	s.heading("Open the pages as Anna, the admin")
	s.linef("  %s", link.URL)
	s.line(s.faint(fmt.Sprintf("  (the link works once; later sign in at %s as %s or %s, password %s)", srv.office.publicURL, demoAnna, demoKarl, demoPassword)))
	s.line()
	s.heading("The BCC address of Anna, a manager")
	s.linef("  %s", d.anna.BCCAddress)
	s.line()
	s.heading("Send a mail as Anna would, from another terminal")
	s.linef("  %s", swaks(port, d.anna.Email, d.anna.BCCAddress, crm.Party{Name: "Ben Carter", Address: demoClient}, "Our meeting on Monday"))
	s.line(s.faint("  (swaks is in every Linux distribution: apt install swaks)"))
	s.line()
	s.heading("Look")
	for _, line := range []string{
		"timeline " + demoClient,
		"intake list",
		"explain " + string(latest),
		"review list",
		"lead list",
		"user card " + string(d.anna.Email) + " --qr",
		"--help",
	} {
		s.linef("  %s %s", cmd, line)
	}
	s.line()
	s.linef("The database is %s.", srv.office.cfg.Database)
	if !d.once {
		s.linef("The server takes mail on 127.0.0.1:%s until you press Ctrl-C.", port)
	}
}

// program is how to call this program again: as it was called, where that is a path from here.
func program() string {
	const usual = "bin/blindcopy"
	path, err := os.Executable()
	if err != nil {
		return usual
	}
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	switch {
	case err != nil || strings.HasPrefix(rel, ".."):
		return path
	case !strings.Contains(rel, string(filepath.Separator)):
		return "./" + rel
	}
	return rel
}
