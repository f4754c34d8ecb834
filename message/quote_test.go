package message

import (
	"strings"
	"testing"
)

func TestTrimQuoted(t *testing.T) {
	tests := []struct{ name, text, fresh string }{
		{"nothing quoted", "Hello\n\nAnna", "Hello\n\nAnna"},
		{"answer above", "Yes.\n\nOn Tue, Mar 5, 2024 at 2:07 PM Jana <j@x.example> wrote:\n\n> Please?\n> Jana\n", "Yes."},
		{"answer below", "On Tue, Mar 5, 2024 at 2:07 PM Jana <j@x.example> wrote:\n> Please?\n\nYes.\n", "Yes."},
		{"answers between", "Jana wrote:\n> One?\nYes.\n> Two?\nNo.\n", "Yes.\nNo."},
		{"attribution over two lines", "Yes.\n\nOn Tue, Mar 5, 2024 at 2:07 PM Jana Nová\n<j@x.example> wrote:\n> Please?", "Yes."},
		{"quotation without marks", "Yes.\n\nAm 05.03.24, 14:07 schrieb \"Jana\" <j@x.example>:\n\n    Bitte?\n    Jana\n", "Yes."},
		{"Outlook header block", "Ja.\n\nVon: Jana <j@x.example>\nGesendet: Dienstag, 5. März 2024 14:07\nAn: Anna <a@x.example>\nBetreff: Angebot\n\nBitte?", "Ja."},
		{"Outlook rule", "Oui.\n________________________________\nDe : Jana <j@x.example>\nEnvoyé : mardi 5 mars 2024 14:07\nÀ : Anna\nObjet : Offre\n\nBien ?", "Oui."},
		{"Original Message", "Yes.\n\n-----Original Message-----\nFrom: Jana\n\nPlease?", "Yes."},
		{"Russian", "Да.\n\nвт, 5 мар. 2024 г. в 14:07, Jana <j@x.example>:\n\n> Можно?", "Да."},
		{"Chinese", "好的。\n\nJana <j@x.example> 于2024年3月5日周二 14:07写道：\n\n> 可以吗？", "好的。"},
		{"Polish", "Tak.\n\nwt., 5 mar 2024 o 14:07 Jana <j@x.example> napisał(a):\n\n> Można?", "Tak."},
		{"footer rule stays", "Hello\n________________________________\nAgency Ltd, Prague", "Hello\n________________________________\nAgency Ltd, Prague"},
		{"travel request stays", "From: Prague\nTo: Berlin\nDate: Monday\n\nThanks", "From: Prague\nTo: Berlin\nDate: Monday\n\nThanks"},
		{"clock and colon stay", "We meet on Monday at 10:00 with bob@x.example. Agenda:\nprices", "We meet on Monday at 10:00 with bob@x.example. Agenda:\nprices"},
		{"help desk line", "Thanks!\n\n##- Please type your reply above this line -##\n\nTicket 5", "Thanks!"},
		{"only a quotation", "> Please?\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fresh, rest := TrimQuoted(test.text)
			if fresh != test.fresh {
				t.Errorf("got %q, want %q, of %q", fresh, test.fresh, test.text)
			}
			if letters := func(s string) int { return len(strings.Fields(s)) }; letters(fresh)+letters(rest) < letters(strings.ReplaceAll(test.text, ">", "")) {
				t.Errorf("words were lost: %q and %q of %q", fresh, rest, test.text)
			}
		})
	}
}

func TestPreview(t *testing.T) {
	tests := []struct {
		name, text string
		max        int
		want       string
	}{
		{"white space folded", "Hello\r\n\r\n  Anna,\tall good", 80, "Hello Anna, all good"},
		{"cut between words", "one two three four five", 14, "one two three…"},
		{"cut inside a long word", strings.Repeat("x", 30), 10, "xxxxxxxxx…"},
		{"cut counts characters", "žluťoučký kůň úpěl ďábelské ódy", 16, "žluťoučký kůň…"},
		{"exactly as long", "one two", 7, "one two"},
		{"signature gone", "Hello\n-- \nAnna\nAgency", 80, "Hello"},
		{"advertisement gone", "Hello\n\nSent from my iPhone", 80, "Hello"},
		{"quotation gone", "Yes\n\nOn Tue, Mar 5, 2024 at 2:07 PM Jana <j@x.example> wrote:\n> Please?", 80, "Yes"},
		{"picture gone", "[cid:image001.png@01D9]\nHello", 80, "Hello"},
		{"only quoted", "> a\n> b", 80, ""},
		{"no room", "Hello", 0, ""},
		{"empty", "", 80, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Preview(test.text, test.max); got != test.want {
				t.Errorf("got %q, want %q, of %q", got, test.want, test.text)
			}
		})
	}
}

func TestPreviewIsLinear(t *testing.T) {
	for name, body := range hostileBodies() {
		checkLinear(t, name+", Preview", func() { Preview(body, 200) })
		checkLinear(t, name+", TrimQuoted", func() { TrimQuoted(body) })
	}
}
