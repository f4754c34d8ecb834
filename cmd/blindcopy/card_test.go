package main

import (
	"strings"
	"testing"

	"rsc.io/qr"

	"blindcopy/crm"
)

// TestHalfBlocksDrawTheCode reads the drawing back, dot by dot.
func TestHalfBlocksDrawTheCode(t *testing.T) {
	code, err := qr.Encode("anna-k3v9x2qdfh@bcc.example.com", qr.L)
	if err != nil {
		t.Fatal(err)
	}
	const quiet = 4
	lines := strings.Split(halfBlocks(code.Size, code.Black), "\n")
	if got, want := len(lines), (code.Size+2*quiet+1)/2; got != want {
		t.Fatalf("%d lines, want %d", got, want)
	}
	for y := range code.Size {
		row := []rune(lines[(y+quiet)/2])
		for x := range code.Size {
			sign := row[x+quiet]
			light := sign == '█' || sign == '▀' && (y+quiet)%2 == 0 || sign == '▄' && (y+quiet)%2 == 1
			if light == code.Black(x, y) {
				t.Fatalf("dot %d,%d is drawn light=%t, want %t", x, y, light, !code.Black(x, y))
			}
		}
	}
}

func TestUserCardCanBeReadAgain(t *testing.T) {
	u := crm.User{Email: "anna@example.com", Name: "Anna; Wéber, Dr.", BCCAddress: "anna-k3v9x2qdfh@bcc.example.com"}
	for _, version := range []string{"3.0", "4.0"} {
		card, err := userCard(u, version)
		if err != nil {
			t.Fatal(err)
		}
		seq, err := people([]byte(card.VCard))
		if err != nil {
			t.Fatalf("%v\n%s", err, card.VCard)
		}
		for p, err := range seq {
			if err != nil || joined(p.emails) != string(u.BCCAddress) || p.name != "CRM "+u.Name {
				t.Errorf("version %s reads as %q <%s>, %v:\n%s", version, p.name, joined(p.emails), err, card.VCard)
			}
		}
		if !strings.Contains(card.VCard, "VERSION:"+version+"\r\n") {
			t.Errorf("no version %s in\n%s", version, card.VCard)
		}
	}
}
