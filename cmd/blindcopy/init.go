package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/config"
	"blindcopy/crm"
	"blindcopy/store"
)

// initFlags are what a new installation is told.
type initFlags struct {
	domain   string
	admin    string
	name     string
	internal []string
}

// initReport is what `init --json` prints.
type initReport struct {
	Config     string      `json:"config"`
	Database   string      `json:"database"`
	Domain     string      `json:"domain"`
	User       crm.User    `json:"user"`
	BCCAddress crm.Address `json:"bcc_address"`
	Records    []dnsRecord `json:"records"`
	Swaks      string      `json:"swaks"`
	Next       []string    `json:"next"`
}

// dnsRecord is one line of a zone that the administrator has to publish.
type dnsRecord struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// initCommand is `blindcopy init`.
func (a *app) initCommand() *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init --domain DOMAIN --admin EMAIL",
		Short: "Write a configuration, create the database and the first user",
		Long: `Writes blindcopy.yaml with comments (never over one that is there), creates the database and the
first user, and prints what to publish in DNS and what to do next.

The domain is one for BCC addresses alone, such as bcc.example.com: all its mail comes to this
server. It must not be the domain your colleagues get their mail at.`,
		Example: `  blindcopy init --domain bcc.example.com --admin anna@example.com
  blindcopy init --domain bcc.example.com --admin anna@example.com --internal-domain example.org`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.init(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.domain, "domain", "", "`domain` of the BCC addresses")
	cmd.Flags().StringVar(&f.admin, "admin", "", "`e-mail` of the first user")
	cmd.Flags().StringVar(&f.name, "name", "", "`name` of the first user")
	cmd.Flags().StringArrayVar(&f.internal, "internal-domain", nil, "a further mail `domain` of the company; may be repeated")
	_ = cmd.MarkFlagRequired("domain") // fails for an unknown flag only
	_ = cmd.MarkFlagRequired("admin")
	return cmd
}

// init is a new installation, step by step; where one fails, the file it wrote goes again.
func (a *app) init(ctx context.Context, f initFlags) error {
	admin, err := f.check()
	if err != nil {
		return err
	}
	path := a.configFile
	if path == "" {
		path = "blindcopy.yaml"
	}
	if err := writeNew(path, f.sample(a.database)); err != nil {
		return err
	}
	a.configFile = path
	report, err := a.install(ctx, path, store.NewUser{Email: admin, Name: f.name, Admin: true})
	if err != nil {
		_ = os.Remove(path) // the first error tells more
		return err
	}
	return a.show(report, func(s *screen) { report.write(s) })
}

// check reads the flags.
func (f *initFlags) check() (admin crm.Address, err error) {
	domain := crm.NormalDomain(f.domain)
	if !strings.Contains(domain, ".") {
		return "", usagef("--domain %q is no domain: write bcc.example.com", f.domain)
	}
	if crm.FreeMailDomains().Has(domain) {
		return "", usagef("--domain %s gives mailboxes to everybody: it takes a domain of your own, such as bcc.example.com", domain)
	}
	f.domain = domain
	for i, text := range f.internal {
		if f.internal[i] = crm.NormalDomain(text); f.internal[i] == "" {
			return "", usagef("--internal-domain %q is no domain", text)
		}
		if f.internal[i] == domain {
			return "", usagef("--domain %s is a mail domain of the company: choose one for BCC addresses alone, such as bcc.%s", domain, domain)
		}
	}
	if admin, err = parseEmail(f.admin); err != nil {
		return "", err
	}
	if admin.Domain() == domain {
		return "", usagef("--domain %s is where %s gets mail: choose one for BCC addresses alone, such as bcc.%s", domain, admin, domain)
	}
	return admin, nil
}

// sample is the commented configuration with what is known filled in.
func (f *initFlags) sample(database string) string {
	text := config.Sample()
	text = setLine(text, "domain", f.domain)
	text = setLine(text, "internal_domains", "["+strings.Join(f.internal, ", ")+"]")
	text = setLine(text, "  hostname", mailHost(f.domain))
	if database != "" {
		text = setLine(text, "database", fmt.Sprintf("%q", database))
	}
	return text
}

// setLine replaces the value of the first line `key: ...` of a YAML text.
func setLine(text, key, value string) string {
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(key) + `: .*$`)
	at := line.FindStringIndex(text)
	if at == nil {
		return text
	}
	return text[:at[0]] + key + ": " + value + text[at[1]:]
}

// writeNew writes a file that is not there yet.
func writeNew(path, text string) error {
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return withHint(fmt.Errorf("%s is there already, and is not overwritten", path),
			"Add users with blindcopy user add, or name another file with --config.")
	}
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.Close()
}

// install creates the database and the first user, and gathers what to say about it.
func (a *app) install(ctx context.Context, path string, admin store.NewUser) (r initReport, err error) {
	cfg, err := a.config()
	if err != nil {
		return r, err
	}
	o, err := a.openOffice(ctx, cfg, store.Options{})
	if err != nil {
		return r, err
	}
	defer func() {
		if closeErr := o.close(); err == nil {
			err = closeErr
		}
	}()
	if ctx, err = o.acting(ctx); err != nil {
		return r, err
	}
	u, err := o.store.AddUser(ctx, admin)
	if err != nil {
		return r, err
	}
	return initReport{
		Config: path, Database: cfg.Database, Domain: cfg.Domain, User: u, BCCAddress: u.BCCAddress,
		Records: zoneOf(cfg.Domain, mailHost(cfg.Domain)),
		Swaks:   swaks(localPort(cfg), u.Email, u.BCCAddress, crm.Party{Name: "Ben Client", Address: "ben@client.example"}, "Hello"),
		Next: []string{
			"blindcopy serve",
			"Mail servers deliver to port 25: set smtp.listen to [\":25\"], or forward port 25 to it.",
			`blindcopy contact add --name "Ben Client" --email ben@client.example`,
			"blindcopy user card " + string(u.Email) + " --qr",
			"blindcopy timeline ben@client.example",
		},
	}, nil
}

// zoneOf are the DNS records of the domain, whose mail goes to host. It sends no mail, and says so (RFC 7208 §10.1.2,
// RFC 7489), so that nobody can forge mail from a BCC address.
func zoneOf(domain, host string) []dnsRecord {
	return []dnsRecord{
		{domain + ".", "MX", "10 " + host + "."},
		{host + ".", "A", "<the public IPv4 address of this server>"},
		{domain + ".", "TXT", `"v=spf1 -all"`},
		{"_dmarc." + domain + ".", "TXT", `"v=DMARC1; p=reject"`},
	}
}

// mailHost is what the MX record of the domain names, and the server's greeting.
func mailHost(domain string) string { return "mx." + domain }

// localPort is where a test on this machine reaches the server.
func localPort(cfg *config.Config) string {
	for _, listen := range cfg.SMTP.Listen {
		if _, port, err := net.SplitHostPort(listen); err == nil {
			return port
		}
	}
	return "2525"
}

// swaks is a command line that sends a test mail as a manager would: to the client, with the BCC
// address in the envelope only.
func swaks(port string, from, bcc crm.Address, client crm.Party, subject string) string {
	return fmt.Sprintf("swaks --server 127.0.0.1:%s --from %s --to %s --h-To '%s' --h-Subject '%s'", port, from, bcc, client, subject)
}

func (r initReport) write(s *screen) {
	s.linef("Wrote %s and created %s.", r.Config, r.Database)
	s.line()
	s.heading("Publish in DNS")
	writeZone(s, "  ", r.Records)
	s.line()
	s.heading("The BCC address of " + string(r.User.Email))
	s.linef("  %s", r.BCCAddress)
	s.line("  Add it as BCC to a mail to a client, and the mail is filed. Keep it secret.")
	s.line()
	s.heading("Try it on this machine, while blindcopy serve runs")
	s.linef("  %s", r.Swaks)
	s.line()
	s.heading("Next")
	for _, next := range r.Next {
		s.linef("  %s", next)
	}
}
