package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"blindcopy/config"
)

// finding is one thing the doctor looked at.
type finding struct {
	Area   string  `json:"area"`
	Check  string  `json:"check"`
	Status status  `json:"status"`
	Detail string  `json:"detail"`
	Hint   *string `json:"hint"` // what to do about it
}

// status of a finding.
type status string

const (
	statusOK      status = "ok"
	statusWarning status = "warning" // mail is taken all the same
	statusProblem status = "problem" // mail is not taken, or not for long
)

// findings of one area, in the order of looking.
type findings struct {
	area string
	list []finding
}

func (f *findings) add(s status, check, hint, detail string) {
	found := finding{Area: f.area, Check: check, Status: s, Detail: detail}
	if hint != "" {
		found.Hint = &hint
	}
	f.list = append(f.list, found)
}

func (f *findings) ok(check, format string, args ...any) {
	f.add(statusOK, check, "", fmt.Sprintf(format, args...))
}

func (f *findings) warning(check, hint, format string, args ...any) {
	f.add(statusWarning, check, hint, fmt.Sprintf(format, args...))
}

func (f *findings) problem(check, hint, format string, args ...any) {
	f.add(statusProblem, check, hint, fmt.Sprintf(format, args...))
}

// doctor looks at an installation from outside, and changes nothing.
type doctor struct {
	*app
	cfg      *config.Config
	resolver resolver
	policies *http.Client   // fetches the MTA-STS policy
	roots    *x509.CertPool // who may sign certificates; nil: whom the system trusts
}

func (a *app) newDoctor(cfg *config.Config) *doctor {
	return &doctor{app: a, cfg: cfg, resolver: net.DefaultResolver, policies: newPolicyClient()}
}

// doctorCommand is `blindcopy doctor`.
func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look whether everything is in place, and say what to do",
		Long: `Looks at the configuration, the database and its disk, the ports that mail comes in at, the TLS
certificate, and the DNS records of the domain. It changes nothing, and takes some seconds. It ends
with 1 if there is a problem; a warning is no problem.`,
		Example: `  blindcopy doctor
  blindcopy doctor --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.config()
			if err != nil {
				return a.diagnosis(configFaults(err))
			}
			return a.diagnosis(a.newDoctor(cfg).examine(cmd.Context()))
		},
	}
}

// examine looks at all areas at once: each waits for another machine, or for the disk.
func (d *doctor) examine(ctx context.Context) []finding {
	areas := []func(context.Context) []finding{d.configuration, d.database, d.ports, d.certificate, d.dns}
	found := make([][]finding, len(areas))
	var wg sync.WaitGroup
	for i, look := range areas {
		wg.Go(func() { found[i] = look(ctx) })
	}
	wg.Wait()
	var all []finding
	for _, list := range found {
		all = append(all, list...)
	}
	return all
}

// dns is the DNS part, which `dns check` prints alone.
func (d *doctor) dns(ctx context.Context) []finding {
	c := dnsCheck{
		resolver: d.resolver,
		domain:   strings.ToLower(d.cfg.Domain),
		host:     strings.ToLower(d.cfg.SMTP.Hostname),
		hasTLS:   offersTLS(d.cfg),
		policies: d.policies,
		patience: dnsPatience,
	}
	return c.findings(ctx)
}

// diagnosis prints what was found. Its error is silent: the words are printed.
func (a *app) diagnosis(list []finding) error {
	if err := a.show(orEmpty(list), func(s *screen) { writeFindings(s, list) }); err != nil {
		return err
	}
	for _, f := range list {
		if f.Status == statusProblem {
			return reported{errors.New("the doctor found a problem")}
		}
	}
	return nil
}

func writeFindings(s *screen, list []finding) {
	const indent = "           → "
	area, widest := "", 0
	sum := map[status]int{}
	for _, f := range list {
		widest = max(widest, columns(f.Check))
		sum[f.Status]++
	}
	for _, f := range list {
		if f.Area != area {
			area = f.Area
			s.heading(area)
		}
		word := pad(string(f.Status), len(statusWarning))
		if f.Status != statusOK {
			word = s.strong(word)
		}
		s.linef("  %s  %s  %s", word, pad(f.Check, widest), oneLine(f.Detail))
		if f.Hint != nil {
			for i, line := range wrap(oneLine(*f.Hint), max(0, s.width-len(indent))) {
				lead := indent
				if i > 0 {
					lead = strings.Repeat(" ", columns(indent))
				}
				s.line(s.faint(lead + line))
			}
		}
	}
	s.line()
	s.linef("%s, %s.", count(sum[statusProblem], "problem"), count(sum[statusWarning], "warning"))
}

// configFaults are the findings where the configuration cannot be read: there is nothing
// else to look at.
func configFaults(err error) []finding {
	f := findings{area: "configuration"}
	for _, line := range strings.Split(err.Error(), "\n") {
		f.problem("settings", "blindcopy config sample prints a file with all settings and their comments.", "%s", line)
	}
	return f.list
}

func (d *doctor) configuration(context.Context) []finding {
	f := findings{area: "configuration"}
	if file := d.cfg.File(); file != "" {
		f.ok("file", "%s", file)
	} else {
		f.ok("file", "none: defaults and environment variables")
	}
	if _, err := lmtpAddress(d.cfg); err != nil {
		f.problem("settings", "", "%v", err)
	}
	for _, warning := range d.cfg.Warnings() {
		f.warning("settings", "", "%s", warning)
	}
	if !d.public() {
		f.warning("domain", "Set domain to one of your own for BCC addresses alone, such as bcc.example.com: blindcopy init writes all that is needed.",
			"%s: no mail from other machines can be addressed to it", d.cfg.Domain)
		return f.list
	}
	f.ok("domain", "%s", d.cfg.Domain)
	if name := d.cfg.SMTP.Hostname; !strings.Contains(name, ".") {
		f.warning("smtp.hostname", "Set smtp.hostname to the name that the MX record points to, such as "+mailHost(d.cfg.Domain)+".",
			"%q is no full name, and other mail servers do not know it", name)
	}
	return f.list
}

// public tells whether other machines can address mail to us.
func (d *doctor) public() bool { return strings.Contains(d.cfg.Domain, ".") }
