package linker

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"blindcopy/crm"
)

const corpus = "../../shared/corpus"

// TestForwardedCorpus sends every forwarded mail of the corpus through steps 3 and 7, and
// asks whether the right person ended as its author.
func TestForwardedCorpus(t *testing.T) {
	type expected struct {
		File      string
		Forwarded bool
		From      struct{ Address, Name string }
	}
	text, err := os.ReadFile(filepath.Join(corpus, "forwarded", "expected.json"))
	if err != nil {
		t.Skip("the corpus is not here: put it into ../shared/corpus")
	}
	var all []expected
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	w.user(anna, "Anna Agent", "anna@agency.example")
	wrong := 0
	for _, want := range all {
		raw, err := os.ReadFile(filepath.Join(corpus, "forwarded", want.File))
		if err != nil {
			t.Fatal(err)
		}
		plan := w.take(t, raw)
		got, forwarded := plan.Results[0].Mail, plan.Results[0].Mail.Forwarded != nil
		a, _ := crm.ParseAddress(want.From.Address)
		if forwarded != want.Forwarded || forwarded && got.Author("").Address != a {
			wrong++
			t.Logf("%s: forwarded %v by %q, want %v by %q", want.File, forwarded, got.Author("").Address, want.Forwarded, a)
		}
	}
	if share := float64(wrong) / float64(len(all)); share > 0.02 {
		t.Errorf("%d of %d wrong, want at most 2 %%", wrong, len(all))
	}
}

// take runs raw bytes, sent by Anna to her BCC address, through steps 3, 4 and 7.
func (w *world) take(t *testing.T, raw []byte) *crm.Plan {
	t.Helper()
	l := New(nil, w.policy, nil, testLog(t))
	in := &crm.Inbound{ID: "NEW", ReceivedAt: now, Via: crm.ViaSMTP, Trusted: true, MailFrom: "anna@agency.example", Raw: crm.Raw{Bytes: raw},
		Recipients: []crm.Recipient{{Mailbox: 1, Kind: crm.MailboxBCC, User: anna, Token: "k3v9x2", Address: "anna-k3v9x2@bcc.example.com"}}}
	c, content := l.read(in, nil)
	c.Auth = l.authenticate(t.Context(), in, &c.Mails[0])
	plan := l.decide(c, w.facts)
	content.fill(plan)
	return plan
}

// TestRealCorpus: none of the odd real-world messages fails a rule.
func TestRealCorpus(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus, "real", "*.eml"))
	if len(files) == 0 {
		t.Skip("the corpus is not here: put it into ../shared/corpus")
	}
	w := newWorld()
	w.policy.Domain = "bcc.example.com"
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		plan := w.take(t, raw)
		t.Logf("%-70s %s", filepath.Base(file), told(plan))
		for _, code := range plan.Codes() {
			if code == crm.InternalError {
				t.Errorf("%s: a rule failed", file)
			}
		}
		if len(plan.Codes()) == 0 {
			t.Errorf("%s: no code", file)
		}
	}
}
