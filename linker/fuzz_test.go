package linker

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"blindcopy/crm"
	"blindcopy/message"
)

// FuzzTake: whatever a mail is, each original in it ends with a verdict and with reasons that are in the book, no rule
// fails on it, and what is written down of it is JSON that reads as it was meant.
func FuzzTake(f *testing.F) {
	for _, pattern := range []string{"../testdata/mail/*.eml", "../testdata/report/*.eml", filepath.Join(corpus, "real", "*.eml")} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			if raw, err := os.ReadFile(file); err == nil && len(raw) < 8<<10 {
				f.Add(raw)
			}
		}
	}
	for _, mail := range []string{
		"From: anna@agency.example\nTo: ben@client.example\nSubject: Re: [D#42] [private] x\nIn-Reply-To: <a@b>\n\nHi",
		"From: anna@agency.example\nSubject: Fwd: x\n\nFrom: Ben <ben@client.example>\nDate: 5 Mar 2024 14:00\nTo: anna@agency.example\nSubject: x\n\nHi",
		"From: Ben <ben@client.example>\nResent-From: anna@agency.example\nTo: anna@agency.example\nSensitivity: Private\nAuto-Submitted: auto-replied\n\n#deal 42",
	} {
		f.Add([]byte(mail))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		w := newWorld()
		w.user(anna, "Anna Agent", "anna@agency.example")
		w.policy.Domain = "bcc.example.com"
		plan := w.take(t, raw)
		if len(plan.Results) == 0 || len(plan.Codes()) == 0 {
			t.Fatalf("nothing said of %q: %+v", raw, plan)
		}
		for _, r := range plan.Results {
			if r.Verdict == "" || len(r.Steps) == 0 {
				t.Errorf("no verdict or no reason: %+v of %q", r, raw)
			}
			checkSteps(t, r.Steps, raw)
			checkRound(t, r.Mail, raw)
			checkRound(t, &r.Candidates, raw)
		}
	})
}

// checkSteps holds a trace to the book of reasons.
func checkSteps(t *testing.T, steps []crm.Step, input []byte) {
	t.Helper()
	for _, step := range steps {
		if step.Code == crm.InternalError || !slices.Contains(crm.Codes(), step.Code) {
			t.Errorf("code %q: %s, of %q", step.Code, step.Detail, input)
		}
		if !utf8.ValidString(step.Detail) || strings.ContainsAny(step.Detail, "\x00\r\n") {
			t.Errorf("detail %q of %q", step.Detail, input)
		}
	}
	text, err := json.Marshal(steps)
	var again []crm.Step
	if err != nil || json.Unmarshal(text, &again) != nil || !utf8.Valid(text) {
		t.Fatalf("steps %+v are no JSON: %s, %v", steps, text, err)
	}
	twice, _ := json.Marshal(again)
	if string(twice) != string(text) {
		t.Errorf("steps change when they are stored:\n was %s\n is  %s", text, twice)
	}
}

// checkRound writes a value down and reads it again.
func checkRound[T any](t *testing.T, v *T, input []byte) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%+v is no JSON: %v", v, err)
	}
	var again T
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatalf("%s does not read: %v", text, err)
	}
	twice, err := json.Marshal(again)
	if err != nil || string(twice) != string(text) {
		t.Errorf("it changes when it is stored:\n was %s\n is  %s, %v, of %q", text, twice, err, input)
	}
}

// FuzzTrace: any stored intake, also one of another version, is explained in words.
func FuzzTrace(f *testing.F) {
	for _, text := range []string{
		`{"id":"1","verdict":"filed","codes":["contact_by_address"],"steps":[{"code":"contact_by_address","detail":"Ben.","data":{"because":"x","kind":"contact","id":1,"title":"Ben"}}]}`,
		`{"verdict":"duplicate","duplicate_of":"2","steps":[{"code":"new_code","detail":"é","data":null}],"results":[{"original":1,"activity_id":3}]}`,
		`{"verdict":"held","received_at":"2024-03-05T14:00:00Z","steps":[{"data":{"a":[1.5,{"b":null}]}}]}`, `{"verdict":"ignored","codes":["dismissed"]}`, `null`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var in, again crm.Intake
		if json.Unmarshal(text, &in) != nil {
			return
		}
		activities := []crm.Activity{{ID: 1, Links: []crm.Link{{Kind: crm.KindContact, ID: 1, Title: "Ben", Code: crm.ContactByAddress}}}}
		for _, filed := range [][]crm.Activity{nil, activities} {
			words := Explain(&in, filed)
			if words == "" || !utf8.ValidString(words) || len(words) > 2*len(text)+1000 {
				t.Errorf("%q of %s", words, text)
			}
		}
		first, err := json.Marshal(in)
		if err != nil || json.Unmarshal(first, &again) != nil {
			t.Fatalf("%s is written as %s, %v", text, first, err)
		}
		if second, err := json.Marshal(again); err != nil || string(second) != string(first) {
			t.Errorf("%s changes when it is stored:\n was %s\n is  %s, %v", text, first, second, err)
		}
	})
}

// FuzzSubjectMarks: the marks in a subject are found in any case, and a reply to it asks for the same.
func FuzzSubjectMarks(f *testing.F) {
	for _, subject := range []string{"[D#42] Offer", "Re: [d#7][D#8]", "[D#0]", "[D#99999999999999999999]", "[PRIVATE] x", "[priVate", "[D#４２]", "[D#42"} {
		f.Add(subject)
	}
	f.Fuzz(func(t *testing.T, subject string) {
		deal := subjectDeal(subject)
		if reply := subjectDeal("Re: " + subject); deal < 0 || reply != deal || subjectDeal(strings.ToLower(subject)) != deal {
			t.Errorf("%q: deal %d, of the reply %d, in lower case %d", subject, deal, reply, subjectDeal(strings.ToLower(subject)))
		}
		if deal != 0 && !strings.Contains(subject, "#") {
			t.Errorf("%q: deal %d out of nothing", subject, deal)
		}
		m := message.Parse([]byte("Subject: "+strings.NewReplacer("\r", " ", "\n", " ").Replace(subject)+"\r\n\r\n"), message.Limits{})
		private := askedPrivate(m)
		if want := strings.Contains(strings.ToLower(m.Subject), "[private]"); want != (private != "") {
			t.Errorf("%q: private %q, want %v", m.Subject, private, want)
		}
		again := mailOf(m)
		if other := mailOf(m); !reflect.DeepEqual(again, other) {
			t.Errorf("%q read twice: %+v, %+v", subject, again, other)
		}
	})
}

// FuzzDistribution: a rule without conditions fits any lead, and one more condition never makes a rule fit more.
func FuzzDistribution(f *testing.F) {
	f.Add("info@agency.example", "offer|Angebot", "client.example", "Re: Your OFFER", "ben@client.example", "info+x@agency.example")
	f.Add("", "İ|", "", "ı", "a@b", "c@d")
	f.Fuzz(func(t *testing.T, recipient, words, domain, subject, author, to string) {
		from, ok := crm.ParseAddress(author)
		rcpt, fine := crm.ParseAddress(to)
		if !ok || !fine {
			return
		}
		alias, _ := crm.ParseAddress(recipient)
		rule := crm.DistributionRule{Recipient: alias, Domain: crm.NormalDomain(domain)}
		for word := range strings.SplitSeq(words, "|") {
			if word != "" {
				rule.Words = append(rule.Words, word)
			}
		}
		d := &decision{in: &crm.Inbound{Recipients: []crm.Recipient{{Address: rcpt}}}, mail: &crm.Mail{Subject: subject}}
		c := &counterparty{}
		c.Address = from
		if !d.ruleFits(crm.DistributionRule{}, c) {
			t.Errorf("the rule without conditions does not fit %q of %q", subject, from)
		}
		want := true
		for _, part := range []crm.DistributionRule{{Recipient: rule.Recipient}, {Words: rule.Words}, {Domain: rule.Domain}} {
			want = want && d.ruleFits(part, c)
		}
		if got := d.ruleFits(rule, c); got != want {
			t.Errorf("%+v fits %q of %q to %q: %v, its parts %v", rule, subject, from, rcpt, got, want)
		}
		below, wild := strings.CutPrefix(rule.Domain, "*.")
		fits := from.Domain() == rule.Domain || wild && strings.HasSuffix(from.Domain(), "."+below)
		if rule.Domain != "" && d.ruleFits(crm.DistributionRule{Domain: rule.Domain}, c) != fits {
			t.Errorf("domain %q and %q", rule.Domain, from)
		}
	})
}
