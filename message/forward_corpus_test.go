package message

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const forwardCorpusDir = corpusDir + "/forwarded"

type forwardExpectedPerson struct{ Address, Name string }

type forwardExpected struct {
	File      string
	Forwarded bool
	Note      string
	From      forwardExpectedPerson
	To, Cc    []forwardExpectedPerson
	Subject   string `json:"original_subject"`
	Date      string
}

func readForwardCorpus(t *testing.T) []forwardExpected {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(forwardCorpusDir, "expected.json"))
	if err != nil {
		t.Skip("the corpus of forwarded mail is not here:", err)
	}
	var all []forwardExpected
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatalf("expected.json: %v", err)
	}
	return all
}

// readForwardMail reads a mail into what ParseForward looks at.
func readForwardMail(t *testing.T, file string) ForwardInput {
	t.Helper()
	m := readMail(t, file)
	return ForwardInput{Subject: m.Subject, Text: m.Text, HTML: m.HTML, Reply: len(m.InReplyTo) > 0}
}

func (p forwardExpectedPerson) address() Address { return Address{Name: p.Name, Addr: p.Address} }

func forwardExpectedPeople(list []forwardExpectedPerson) string {
	var addresses []Address
	for _, p := range list {
		addresses = append(addresses, p.address())
	}
	return people(addresses...)
}

// forwardMistakes compares what was read with what a reader finds in the mail.
func forwardMistakes(want forwardExpected, got Forwarded, ok bool) []string {
	var wrong []string
	check := func(what, got, want string) {
		if got != want {
			wrong = append(wrong, what+": got "+got+", want "+want)
		}
	}
	if ok != want.Forwarded {
		return []string{"taken for a forward: " + map[bool]string{true: "yes", false: "no"}[ok]}
	}
	if !ok {
		return nil
	}
	check("from", people(got.From), people(want.From.address()))
	check("to", people(got.To...), forwardExpectedPeople(want.To))
	check("cc", people(got.Cc...), forwardExpectedPeople(want.Cc))
	check("subject", got.Subject, want.Subject)
	check("note", got.Note, want.Note)
	check("date", got.DateText, want.Date)
	if got.Date.IsZero() {
		wrong = append(wrong, "date not read: "+got.DateText)
	}
	return wrong
}

func TestForwardCorpusIsReadRight(t *testing.T) {
	all := readForwardCorpus(t)
	right := 0
	for _, want := range all {
		got, ok := ParseForward(readForwardMail(t, filepath.Join(forwardCorpusDir, want.File)))
		wrong := forwardMistakes(want, got, ok)
		if len(wrong) == 0 {
			right++
			continue
		}
		t.Logf("%s: %s", want.File, strings.Join(wrong, "\n\t"))
		if ok && !want.Forwarded {
			t.Errorf("%s is no forward but was taken for one: %+v", want.File, got)
		}
	}
	score := 100 * float64(right) / float64(len(all))
	t.Logf("%d of %d read right, %.1f %%", right, len(all), score)
	if score < 98 {
		t.Errorf("score %.1f %%, want at least 98 %%", score)
	}
}
