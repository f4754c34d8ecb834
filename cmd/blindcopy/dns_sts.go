package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// maxPolicy bounds what is read of an MTA-STS policy, in bytes.
const maxPolicy = 64 << 10

// newPolicyClient fetches policies as a sending server does: RFC 8461 §3.3 forbids it to follow a redirect.
func newPolicyClient() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// mtaSTS asks senders to deliver encrypted or not at all (RFC 8461). Without it all is well too.
func (c dnsCheck) mtaSTS(ctx context.Context, f *findings) {
	list, err := c.texts(ctx, "_mta-sts."+c.domain, "v=STSv1")
	switch {
	case err != nil:
		f.unanswered("MTA-STS", err)
	case len(list) == 0:
		f.add(statusOK, "MTA-STS", "It asks senders to deliver encrypted or not at all, and needs a web server at mta-sts."+c.domain+" (RFC 8461).", "not published; nobody needs it")
	case len(list) > 1: // RFC 8461 §3.1: as if there were none
		f.warning("MTA-STS", "Leave one TXT record at _mta-sts."+c.domain+".", "_mta-sts.%s has %d records, and so none counts", c.domain, len(list))
	case !c.hasTLS:
		f.problem("MTA-STS", "Set smtp.tls, or take the record away.", "published, but no certificate is set: senders that honour it do not deliver")
	default:
		c.stsPolicy(ctx, f)
	}
}

// stsPolicy fetches the policy and compares it with what a sender finds here.
func (c dnsCheck) stsPolicy(ctx context.Context, f *findings) {
	url := "https://mta-sts." + c.domain + "/.well-known/mta-sts.txt"
	p, err := c.fetchPolicy(ctx, url)
	hint := "It has to read: version: STSv1, mode: enforce, mx: " + c.host + ", max_age: 604800, each on a line of its own."
	switch {
	case ctx.Err() != nil:
		f.warning("MTA-STS", "Try again. Senders that have no policy from before deliver as if there were none.", "%s: no answer in time", url)
	case err != nil:
		f.warning("MTA-STS", hint+" Senders that have no policy from before deliver as if there were none.", "%s: %v", url, err)
	case p.mode == "none":
		f.ok("MTA-STS", "its policy is mode none: it asks for nothing")
	case !p.allows(c.host) && p.mode == "enforce":
		f.problem("MTA-STS", hint, "its policy names %s, and not %s: senders that honour it do not deliver", strings.Join(p.mx, ", "), c.host)
	case !p.allows(c.host):
		f.warning("MTA-STS", hint, "its policy, in testing, names %s, and not %s", strings.Join(p.mx, ", "), c.host)
	case p.maxAge < 86400: // RFC 8461 §3.2: weeks or more
		f.warning("MTA-STS", "Set max_age to 604800, a week, or more.", "its policy holds for %d seconds only: it protects nobody who does not write every day", p.maxAge)
	default:
		f.ok("MTA-STS", "mode %s, for %s", p.mode, strings.Join(p.mx, ", "))
	}
}

// stsPolicy is a policy of RFC 8461 §3.2.
type stsPolicy struct {
	mode   string
	mx     []string // lower-case, *.example.com among them
	maxAge int      // seconds
}

func (c dnsCheck) fetchPolicy(ctx context.Context, url string) (stsPolicy, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return stsPolicy{}, err
	}
	res, err := c.policies.Do(req)
	if err != nil {
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // the URL is named already
		}
		return stsPolicy{}, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return stsPolicy{}, fmt.Errorf("answered %s", res.Status)
	}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind != "text/plain" {
		return stsPolicy{}, fmt.Errorf("is %q, not text/plain", res.Header.Get("Content-Type"))
	}
	return readPolicy(io.LimitReader(res.Body, maxPolicy))
}

// readPolicy reads the lines `key: value`. Keys that it does not know are for others.
func readPolicy(r io.Reader) (stsPolicy, error) {
	var p stsPolicy
	version := ""
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "version":
			version = value
		case "mode":
			p.mode = value
		case "mx":
			p.mx = append(p.mx, strings.ToLower(value))
		case "max_age":
			age, err := strconv.Atoi(value)
			if err != nil || age < 0 {
				return p, fmt.Errorf("max_age %q is no number of seconds", value)
			}
			p.maxAge = age
		}
	}
	switch {
	case lines.Err() != nil:
		return p, lines.Err()
	case version != "STSv1":
		return p, fmt.Errorf("its version is %q, not STSv1", version)
	case p.mode != "enforce" && p.mode != "testing" && p.mode != "none":
		return p, fmt.Errorf("its mode is %q, not enforce, testing or none", p.mode)
	}
	return p, nil
}

// allows compares as RFC 8461 §4.1 does: a star stands for one label.
func (p stsPolicy) allows(host string) bool {
	for _, pattern := range p.mx {
		if parent, isWild := strings.CutPrefix(pattern, "*."); isWild {
			if _, rest, _ := strings.Cut(host, "."); rest == parent {
				return true
			}
		} else if pattern == host {
			return true
		}
	}
	return false
}
