package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// dnsPatience is what all questions together may take.
const dnsPatience = 5 * time.Second

// Bounds of what is looked at. A domain of BCC addresses has one MX with one or two addresses.
const (
	maxMX        = 5
	maxAddresses = 4
)

// dnsCheck looks at the records of a domain.
type dnsCheck struct {
	resolver resolver
	domain   string // of the BCC addresses
	host     string // smtp.hostname
	hasTLS   bool
	policies *http.Client // fetches the MTA-STS policy
	patience time.Duration
}

// findings asks all questions at once, as far as they do not need each other's answers.
func (c dnsCheck) findings(ctx context.Context) []finding {
	if !strings.Contains(c.domain, ".") {
		f := findings{area: "dns"}
		f.warning("domain", "blindcopy init --domain bcc.example.com --admin anna@example.com", "%s has no records", c.domain)
		return f.list
	}
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	looks := []func(context.Context, *findings){c.exchange, c.spf, c.dmarc, c.mtaSTS, c.tlsRPT}
	found := make([]findings, len(looks))
	var wg sync.WaitGroup
	for i, look := range looks {
		found[i].area = "dns"
		wg.Go(func() { look(ctx, &found[i]) })
	}
	wg.Wait()
	var all []finding
	for _, f := range found {
		all = append(all, f.list...)
	}
	return all
}

// lookUp asks one question about an absolute name, so that no search list applies, and returns when ctx ends whatever
// the resolver does. No answer of this kind is an empty one; the error is for a question nobody answered.
func lookUp[T any](ctx context.Context, ask func(context.Context, string) ([]T, error), name string) ([]T, error) {
	type answer struct {
		list []T
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		list, err := ask(ctx, name)
		done <- answer{list, err}
	}()
	var a answer
	select {
	case a = <-done:
	case <-ctx.Done():
		a.err = ctx.Err()
	}
	var dns *net.DNSError
	switch {
	case len(a.list) > 0: // an error beside it is about other, malformed records
		return a.list, nil
	case errors.As(a.err, &dns) && dns.IsNotFound:
		return nil, nil
	case errors.Is(a.err, context.DeadlineExceeded) || errors.As(a.err, &dns) && dns.IsTimeout:
		return nil, errors.New("no answer in time")
	}
	return nil, a.err
}

// unanswered is the finding where DNS fails: what is published is not known, and may be right.
func (f *findings) unanswered(check string, err error) {
	f.warning(check, "Try again. If it stays so, look at /etc/resolv.conf and at the name servers of the domain.", "not known, DNS fails: %v", err)
}

// publish is the hint for a record that is missing or wrong.
func publish(name, kind, value string) string {
	return fmt.Sprintf("Publish: %s. %s %s", name, kind, value)
}

// exchange follows the way of a mail: MX record, its host, the host's addresses.
func (c dnsCheck) exchange(ctx context.Context, f *findings) {
	records, err := lookUp(ctx, c.resolver.LookupMX, c.domain+".")
	if err != nil {
		f.unanswered("MX", err)
		return
	}
	var hosts []string
	for _, mx := range records {
		hosts = append(hosts, strings.ToLower(strings.TrimSuffix(mx.Host, ".")))
	}
	c.mx(ctx, f, hosts)
	if len(hosts) == 0 {
		hosts = []string{c.host} // what should stand there
	}
	for _, host := range hosts[:min(len(hosts), maxMX)] {
		if strings.Contains(host, ".") {
			c.alias(ctx, f, host)
			c.addresses(ctx, f, host)
		}
	}
}

func (c dnsCheck) mx(ctx context.Context, f *findings, hosts []string) {
	record := publish(c.domain, "MX", "10 "+c.host+".")
	others := slices.DeleteFunc(slices.Clone(hosts), func(h string) bool { return h == c.host })
	switch {
	case len(hosts) == 0:
		f.noMX(c.domain, record, c.implicit(ctx))
	case slices.Contains(hosts, ""): // RFC 7505: "MX 0 ."
		f.problem("MX", record, "the record of %s says that it takes no mail at all", c.domain)
	case len(others) == 0:
		f.ok("MX", "%s → %s", c.domain, c.host)
	case len(others) == len(hosts):
		f.warning("MX", "If that is this machine, set smtp.hostname to it. If it is a mail server of yours that routes "+c.domain+" here, all is well. Else: "+record,
			"%s → %s, and smtp.hostname is %s", c.domain, strings.Join(hosts, ", "), c.host)
	default:
		f.warning("MX", "Mail that goes there is lost to us, unless that server routes "+c.domain+" here.", "%s → %s, and also %s", c.domain, c.host, strings.Join(others, ", "))
	}
}

// implicit tells whether mail is delivered to the domain's own address, for want of an MX record (RFC 5321 §5.1).
func (c dnsCheck) implicit(ctx context.Context) bool {
	list, err := lookUp(ctx, c.resolver.LookupIPAddr, c.domain+".")
	return err == nil && len(list) > 0
}

func (f *findings) noMX(domain, record string, implicit bool) {
	if implicit {
		f.warning("MX", record, "%s has none; mail is delivered to its own address", domain)
		return
	}
	f.problem("MX", record, "%s has none: no mail server knows where to deliver", domain)
}

// alias: the name in an MX record must have addresses of its own (RFC 2181 §10.3, RFC 5321 §5.1). Some servers follow an
// alias, and some return the mail.
func (c dnsCheck) alias(ctx context.Context, f *findings, host string) {
	names, err := lookUp(ctx, func(ctx context.Context, name string) ([]string, error) {
		canonical, err := c.resolver.LookupCNAME(ctx, name)
		if err != nil {
			return nil, err
		}
		return []string{canonical}, nil
	}, host+".")
	if err != nil || len(names) == 0 {
		return // the look-up of the addresses says so
	}
	if canonical := strings.ToLower(strings.TrimSuffix(names[0], ".")); canonical != "" && canonical != host {
		f.problem("CNAME", "Point the MX record of "+c.domain+" to "+canonical+" itself, or publish addresses at "+host+" in place of the CNAME.",
			"%s is another name of %s, which a name in an MX record must not be (RFC 2181 section 10.3): some servers do not deliver", host, canonical)
	}
}

func (c dnsCheck) addresses(ctx context.Context, f *findings, host string) {
	list, err := lookUp(ctx, c.resolver.LookupIPAddr, host+".")
	switch {
	case err != nil:
		f.unanswered("A/AAAA", err)
		return
	case len(list) == 0:
		f.problem("A/AAAA", publish(host, "A", "<the public IPv4 address of this server>"), "%s has no address", host)
		return
	}
	list = list[:min(len(list), maxAddresses)]
	var texts []string
	inside := false
	for _, a := range list {
		texts = append(texts, a.IP.String())
		inside = inside || a.IP.IsPrivate() || a.IP.IsLoopback() || a.IP.IsLinkLocalUnicast() || a.IP.IsUnspecified()
	}
	if inside {
		f.warning("A/AAAA", "Publish the public address, unless only machines of this network send here.", "%s → %s, which the internet does not reach", host, strings.Join(texts, ", "))
	} else {
		f.ok("A/AAAA", "%s → %s", host, strings.Join(texts, ", "))
	}
	for _, a := range list {
		c.reverse(ctx, f, host, a.IP)
	}
}

// reverse: a server that only receives needs no PTR record, but whoever looks at us sees it first.
func (c dnsCheck) reverse(ctx context.Context, f *findings, host string, ip net.IP) {
	names, err := lookUp(ctx, c.resolver.LookupAddr, ip.String())
	hint := "Mail arrives without it. Whoever gave you the address can set it to " + host + "."
	for i := range names {
		names[i] = strings.ToLower(strings.TrimSuffix(names[i], "."))
	}
	switch {
	case err != nil:
		f.unanswered("PTR", err)
	case len(names) == 0:
		f.warning("PTR", hint, "%s has no name", ip)
	case !slices.Contains(names, host):
		f.warning("PTR", hint, "%s is called %s, not %s", ip, strings.Join(names, ", "), host)
	default:
		f.ok("PTR", "%s → %s", ip, host)
	}
}
