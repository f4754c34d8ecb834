package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foxcpp/go-mockdns"
)

const mxHost = "mx." + bccDomain

// goodZones is DNS as `dns records` asks for it.
func goodZones() map[string]mockdns.Zone {
	return map[string]mockdns.Zone{
		bccDomain + ".":                 {MX: []net.MX{{Host: mxHost + ".", Pref: 10}}, TXT: []string{"v=spf1 -all", "verification=1"}},
		mxHost + ".":                    {A: []string{"192.0.2.25"}, AAAA: []string{"2001:db8::25"}},
		"25.2.0.192.in-addr.arpa.":      {PTR: []string{"MX." + bccDomain + "."}},
		"_dmarc." + bccDomain + ".":     {TXT: []string{"v=DMARC1; p=reject"}},
		"_mta-sts." + bccDomain + ".":   {TXT: []string{"v=STSv1; id=1"}},
		"_smtp._tls." + bccDomain + ".": {TXT: []string{"v=TLSRPTv1; rua=mailto:x@acme.example"}},
		"5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.": {PTR: []string{mxHost + "."}},
	}
}

func goodCheck(zones map[string]mockdns.Zone) dnsCheck {
	return dnsCheck{resolver: &mockdns.Resolver{Zones: zones}, domain: bccDomain, host: mxHost, hasTLS: true, policies: policyAt(goodPolicy), patience: dnsPatience}
}

const goodPolicy = "version: STSv1\r\nmode: enforce\r\nmx: " + mxHost + "\r\nmax_age: 604800\r\n"

// policyAt is a client that finds one text where the policy is: or a status such as 404, a page (html), or nobody (down).
func policyAt(text string) *http.Client {
	client := newPolicyClient()
	client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if want := "https://mta-sts." + bccDomain + "/.well-known/mta-sts.txt"; r.URL.String() != want {
			return nil, errors.New("asked for " + r.URL.String())
		}
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		switch text {
		case "down":
			return nil, errors.New("connection refused")
		case "404", "302":
			code, _ := strconv.Atoi(text)
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(code)
		case "html":
			w.Header().Set("Content-Type", "text/html")
		}
		_, _ = w.WriteString(text)
		return w.Result(), nil
	})
	return client
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// findingLines are findings as "check status: detail → hint".
func findingLines(list []finding) []string {
	var texts []string
	for _, f := range list {
		text := f.Check + " " + string(f.Status) + ": " + f.Detail
		if f.Hint != nil {
			text += " → " + *f.Hint
		}
		texts = append(texts, text)
	}
	return texts
}

// hasLine tells whether one line begins with start and holds every word.
func hasLine(list []string, start string, parts ...string) bool {
next:
	for _, line := range list {
		if !strings.HasPrefix(line, start) {
			continue
		}
		for _, part := range parts {
			if !strings.Contains(line, part) {
				continue next
			}
		}
		return true
	}
	return false
}

func TestDNSAsItShouldBe(t *testing.T) {
	list := goodCheck(goodZones()).findings(t.Context())
	for _, f := range list {
		if f.Status != statusOK || f.Area != "dns" {
			t.Errorf("%+v, want ok", f)
		}
	}
	checks := map[string]int{}
	for _, f := range list {
		checks[f.Check]++
	}
	for check, want := range map[string]int{"MX": 1, "A/AAAA": 1, "PTR": 2, "SPF": 1, "DMARC": 1, "MTA-STS": 1, "TLSRPT": 1} {
		if checks[check] != want {
			t.Errorf("%d findings about %s, want %d:\n%s", checks[check], check, want, strings.Join(findingLines(list), "\n"))
		}
	}
}

func TestDNSFindings(t *testing.T) {
	test := func(rule, start string, parts []string, change func(map[string]mockdns.Zone)) {
		t.Helper()
		zones := goodZones()
		change(zones)
		got := findingLines(goodCheck(zones).findings(t.Context()))
		if !hasLine(got, start, parts...) {
			t.Errorf("%s: no line %q with %q:\n%s", rule, start, parts, strings.Join(got, "\n"))
		}
	}
	set := func(name string, z mockdns.Zone) func(map[string]mockdns.Zone) {
		return func(zones map[string]mockdns.Zone) { zones[name+"."] = z }
	}
	drop := func(name string) func(map[string]mockdns.Zone) {
		return func(zones map[string]mockdns.Zone) { delete(zones, name+".") }
	}
	mx := func(hosts ...string) mockdns.Zone {
		var z mockdns.Zone
		for _, host := range hosts {
			z.MX = append(z.MX, net.MX{Host: host, Pref: 10})
		}
		return z
	}
	txt := func(texts ...string) mockdns.Zone { return mockdns.Zone{TXT: texts} }
	spf := func(texts ...string) mockdns.Zone {
		return mockdns.Zone{MX: []net.MX{{Host: mxHost + "."}}, TXT: texts}
	}

	test("no domain", "MX problem: ", []string{"no mail server knows", "Publish: " + bccDomain + ". MX 10 " + mxHost + "."}, drop(bccDomain))
	test("no domain: the host is looked at all the same", "A/AAAA ok: "+mxHost, nil, drop(bccDomain))
	test("an address in place of an MX", "MX warning: ", []string{"its own address"}, set(bccDomain, mockdns.Zone{A: []string{"192.0.2.25"}}))
	test("the MX that takes no mail", "MX problem: ", []string{"takes no mail at all"}, set(bccDomain, mx(".")))
	test("an MX elsewhere", "MX warning: ", []string{"→ mail.acme.example, and smtp.hostname is " + mxHost, "routes " + bccDomain}, set(bccDomain, mx("mail.acme.example.")))
	test("an MX elsewhere has no address", "A/AAAA problem: mail.acme.example has no address", nil, set(bccDomain, mx("mail.acme.example.")))
	test("an MX here and one elsewhere", "MX warning: ", []string{"also mail.acme.example"}, set(bccDomain, mx(mxHost+".", "mail.acme.example.")))
	test("a host without an address", "A/AAAA problem: ", []string{"Publish: " + mxHost + ". A "}, drop(mxHost))
	test("an address of the inside", "A/AAAA warning: ", []string{"10.0.0.5", "the internet does not reach"}, set(mxHost, mockdns.Zone{A: []string{"10.0.0.5"}}))
	test("an address without a name", "PTR warning: 192.0.2.25 has no name", []string{"Mail arrives without it"}, drop("25.2.0.192.in-addr.arpa"))
	test("an address of another name", "PTR warning: 192.0.2.25 is called host-25.provider.example", nil, set("25.2.0.192.in-addr.arpa", mockdns.Zone{PTR: []string{"host-25.provider.example."}}))
	test("no SPF", "SPF warning: ", []string{`TXT "v=spf1 -all"`}, set(bccDomain, spf("other=1")))
	test("SPF in capitals and wide", "SPF ok: ", nil, set(bccDomain, spf("V=SPF1  -ALL")))
	test("SPF that allows", "SPF warning: ", []string{"lets others send"}, set(bccDomain, spf("v=spf1 mx ~all")))
	test("two SPF records", "SPF warning: ", []string{"2 of them"}, set(bccDomain, spf("v=spf1 -all", "v=spf1 mx -all")))
	test("a word that begins like SPF", "SPF warning: ", []string{"has none"}, set(bccDomain, spf("v=spf10 -all")))
	test("no DMARC", "DMARC warning: ", []string{`"v=DMARC1; p=reject"`}, drop("_dmarc."+bccDomain))
	test("DMARC that watches", "DMARC warning: ", []string{"lets mail through"}, set("_dmarc."+bccDomain, txt("v=DMARC1;p=none; sp=reject")))
	test("DMARC without spaces", "DMARC ok: ", nil, set("_dmarc."+bccDomain, txt("v=DMARC1;p=reject")))
	test("two DMARC records", "DMARC warning: ", []string{"2 of them"}, set("_dmarc."+bccDomain, txt("v=DMARC1; p=reject", "v=DMARC1; p=none")))
	test("no MTA-STS", "MTA-STS ok: not published", []string{"RFC 8461"}, drop("_mta-sts."+bccDomain))
	test("two MTA-STS records", "MTA-STS warning: ", []string{"2 records"}, set("_mta-sts."+bccDomain, txt("v=STSv1; id=1", "v=STSv1; id=2")))
	test("no TLSRPT", "TLSRPT ok: not published", nil, drop("_smtp._tls."+bccDomain))
	test("two TLSRPT records", "TLSRPT warning: ", []string{"2 records"}, set("_smtp._tls."+bccDomain, txt("v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:c@d.example")))
	test("TLSRPT to nobody", "TLSRPT warning: ", []string{"names nobody"}, set("_smtp._tls."+bccDomain, txt("v=TLSRPTv1;")))
	test("an MX that is an alias", "CNAME problem: "+mxHost+" is another name of host.provider.example", []string{"RFC 2181", "Point the MX record"}, func(zones map[string]mockdns.Zone) {
		zones[mxHost+"."] = mockdns.Zone{CNAME: "host.provider.example."}
		zones["host.provider.example."] = mockdns.Zone{A: []string{"192.0.2.25"}}
	})
	test("an alias has addresses all the same", "A/AAAA ok: "+mxHost+" → 192.0.2.25", nil, func(zones map[string]mockdns.Zone) {
		zones[mxHost+"."] = mockdns.Zone{CNAME: "host.provider.example."}
		zones["host.provider.example."] = mockdns.Zone{A: []string{"192.0.2.25"}}
	})
	test("a name server that fails", "SPF warning: not known, DNS fails", nil, set(bccDomain, mockdns.Zone{Err: errors.New("SERVFAIL")}))

	c := goodCheck(goodZones())
	c.hasTLS = false
	if got := findingLines(c.findings(t.Context())); !hasLine(got, "MTA-STS problem: ", "no certificate") {
		t.Errorf("MTA-STS without a certificate:\n%s", strings.Join(got, "\n"))
	}
	c.domain = "localhost"
	if got := findingLines(c.findings(t.Context())); len(got) != 1 || !hasLine(got, "domain warning: localhost") {
		t.Errorf("localhost:\n%s", strings.Join(got, "\n"))
	}
}

func TestMTASTSPolicy(t *testing.T) {
	test := func(rule, policy, start string, parts ...string) {
		t.Helper()
		c := goodCheck(goodZones())
		c.policies = policyAt(policy)
		if got := findingLines(c.findings(t.Context())); !hasLine(got, "MTA-STS "+start, parts...) {
			t.Errorf("%s: no line %q with %q:\n%s", rule, "MTA-STS "+start, parts, strings.Join(got, "\n"))
		}
	}
	with := func(old, replacement string) string { return strings.Replace(goodPolicy, old, replacement, 1) }
	test("as it should be", goodPolicy, "ok: mode enforce, for "+mxHost)
	test("bare LF, capitals in a name", strings.ToLower(with("mx: mx", "mx: MX")), "warning: ", "its version is")
	test("a star is one label", with("mx: mx.", "mx: *."), "ok: ")
	test("and not two", with("mx: "+mxHost, "mx: *."+parentOf(bccDomain)), "problem: ", "do not deliver")
	test("several names", with("mx: ", "mx: a.example\r\nmx: "), "ok: ")
	test("another name", with("mx: "+mxHost, "mx: old.example"), "problem: its policy names old.example, and not "+mxHost, "mx: "+mxHost)
	test("another name, in testing", strings.Replace(with("mx: "+mxHost, "mx: old.example"), "enforce", "testing", 1), "warning: its policy, in testing")
	test("in testing", with("enforce", "testing"), "ok: mode testing")
	test("none", with("enforce", "none"), "ok: its policy is mode none")
	test("a mode that is none", with("enforce", "on"), "warning: ", `its mode is "on"`)
	test("an hour", with("604800", "3600"), "warning: its policy holds for 3600 seconds")
	test("no number", with("604800", "a week"), "warning: ", `"a week"`)
	test("no policy", "404", "warning: ", "404 Not Found", "version: STSv1")
	test("a redirect", "302", "warning: ", "302 Found")
	test("a web page", "html", "warning: ", "text/html")
	test("no web server", "down", "warning: ", "connection refused")
	test("nothing", "", "warning: ", "its version is")
}

func parentOf(domain string) string {
	_, parent, _ := strings.Cut(domain, ".")
	return parent
}

// TestADNSServerThatIsSilentIsAWarning uses a real resolver and a socket that never answers.
func TestADNSServerThatIsSilentIsAWarning(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	c := goodCheck(nil)
	c.patience = 300 * time.Millisecond
	c.resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", silent.LocalAddr().String())
	}}
	began := time.Now()
	got := findingLines(c.findings(t.Context()))
	if took := time.Since(began); took > 10*c.patience {
		t.Errorf("it took %s, with a patience of %s", took, c.patience)
	}
	for _, line := range got {
		if !strings.Contains(line, " warning: not known, DNS fails: no answer in time") {
			t.Errorf("%q, want a warning", line)
		}
	}
	if len(got) != 5 {
		t.Errorf("%d findings, want one for each question:\n%s", len(got), strings.Join(got, "\n"))
	}
	if dnsPatience > 5*time.Second {
		t.Errorf("doctor waits %s for DNS", dnsPatience)
	}
}

// stuck is a resolver that does not mind its context.
type stuck struct{ resolver }

func (stuck) LookupMX(context.Context, string) ([]*net.MX, error) { select {} }

func TestAResolverThatHangsIsLeftBehind(t *testing.T) {
	c := goodCheck(goodZones())
	c.resolver, c.patience = stuck{c.resolver}, 100*time.Millisecond
	if got := findingLines(c.findings(t.Context())); !hasLine(got, "MX warning: not known") || !hasLine(got, "SPF ok: ") {
		t.Errorf("one question hangs, the others have answers:\n%s", strings.Join(got, "\n"))
	}
}

func TestDNSRecordsAreThoseOfInit(t *testing.T) {
	w := emptyWorld(t)
	var first initReport
	w.json(&first, "init", "--domain", bccDomain, "--admin", anna)
	var again []dnsRecord
	w.json(&again, "dns", "records")
	want, _ := json.Marshal(first.Records)
	if got, _ := json.Marshal(again); string(got) != string(want) {
		t.Errorf("got %s, want %s", got, want)
	}
	w.env = append(w.env, "BLINDCOPY_SMTP_HOSTNAME=in.acme.example")
	if out := w.must("dns", "records"); !strings.Contains(out, "MX   10 in.acme.example.") || !strings.Contains(out, "in.acme.example.  ") {
		t.Errorf("the records do not follow smtp.hostname:\n%s", out)
	}
	w.env = append(w.env, "BLINDCOPY_DOMAIN=localhost")
	if r := w.run("dns", "records"); r.code != exitFailed || !strings.Contains(r.stderr, "blindcopy init") {
		t.Errorf("localhost: exit %d, %q", r.code, r.stderr)
	}
}
