package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"blindcopy/crm"
)

// FuzzPeople: whatever a file of contacts is, its entries come in order, with addresses in normal form and names that are
// text, the same each time, and in a time that grows with the file.
func FuzzPeople(f *testing.F) {
	files, _ := filepath.Glob(importFolder + "/*")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("BEGIN:VCARD\nN;CHARSET=koi8-r;ENCODING=QUOTED-PRINTABLE:=F0=\n=D2;a\nEMAIL;INTERNET:a@b.example\nAGENT:\nBEGIN:VCARD\nEND:VCARD\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, ok := fuzzedPeople(t, data)
		if again, _ := fuzzedPeople(t, data); !reflect.DeepEqual(all, again) {
			t.Errorf("read twice, two answers:\n first  %+v\n second %+v", all, again)
		}
		if len(all) > len(data) {
			t.Errorf("%d entries in %d bytes", len(all), len(data))
		}
		if !ok || len(data) == 0 || len(data) > 1<<15 || data[len(data)/2]%64 != 0 {
			return
		}
		start := time.Now()
		if fuzzedPeople(t, []byte(strings.Repeat(string(data), 1<<16/len(data)))); time.Since(start) > 5*time.Second {
			t.Errorf("%q again and again takes %v", data, time.Since(start))
		}
	})
}

// fuzzedPeople reads a file and holds each entry to what is true of all.
func fuzzedPeople(t *testing.T, data []byte) (all []person, ok bool) {
	t.Helper()
	seq, err := people(data)
	if err != nil {
		return nil, false
	}
	last := 0
	for p, err := range seq {
		var bad lineError
		if err != nil && !errors.As(err, &bad) {
			t.Fatalf("error %v (%T) is no lineError", err, err)
		}
		if p.line < last || p.line < 1 {
			t.Fatalf("line %d comes after line %d", p.line, last)
		}
		if !utf8.ValidString(p.name+p.company) || strings.ContainsAny(p.name+p.company, "\x00\r\n") {
			t.Fatalf("name %q, company %q", p.name, p.company)
		}
		if len(p.emails) > maxEmails {
			t.Fatalf("%d addresses of one person", len(p.emails))
		}
		last = p.line
		for _, a := range p.emails {
			if again, ok := crm.ParseAddress(string(a)); !ok || again != a {
				t.Fatalf("address %q is not in normal form (%q)", a, again)
			}
		}
		all = append(all, p)
	}
	return all, true
}

// FuzzRule: a rule for leads, and a place in their queue, is refused or can be kept and shown on one line.
func FuzzRule(f *testing.F) {
	for _, text := range []string{
		"recipient=info@x.example,words=offer|Angebot,domain=@client.example,user=ann@x.example", "user=ann@x.example,user=b@c", "words=|,user=a@b", "words=a=b,user=a@b.example:3",
		"domain=x,user=a@b", " user = ann@x.example ", "ann@x.example:7", "ann@x.example:-1", "ann@x.example:99999999999999999999",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if rule, err := parseRule(text); err == nil {
			if shown := ruleWords(rule); rule.User == "" || strings.ContainsAny(shown, "\r\n") {
				t.Errorf("%q: %+v, shown as %q", text, rule, shown)
			}
			for _, word := range rule.Words {
				if strings.TrimSpace(word) != word || word == "" || strings.ContainsAny(word, "|,") {
					t.Errorf("%q: the word %q", text, word)
				}
			}
		}
		if member, err := parseMember(text); err == nil && (member.User == "" || member.Weight < 1 || member.Weight > heaviest) {
			t.Errorf("%q: %+v", text, member)
		}
		now := time.Date(2024, 3, 5, 14, 0, 0, 0, time.UTC)
		if since, err := parseSince(text, now, time.UTC); err == nil && (since.Year() < 0 || since.Year() > 9999) && text != "" {
			t.Errorf("--since %q: %v", text, since)
		}
	})
}
