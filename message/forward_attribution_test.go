package message

import "testing"

// Lines that mail clients put above a quotation, in their languages. All name the same person and minute.
var forwardAttributionLines = []string{
	"John Doe wrote on 28/10/2021 12:46:",
	"John Doe <john@x.example> wrote on 28/10/2021 12:46:",
	"Am Do., 28. Okt. 2021 um 12:46 Uhr schrieb John Doe <john@x.example>:",
	"Am 28.10.2021 um 12:46 schrieb John Doe:",
	"Le jeu. 28 oct. 2021 à 12:46, John Doe <john@x.example> a écrit :",
	"Le 28/10/2021 à 12:46, John Doe a écrit :",
	"El jue, 28 oct 2021 a las 12:46, John Doe (<john@x.example>) escribió:",
	"Il giorno gio 28 ott 2021 alle ore 12:46 John Doe <john@x.example> ha scritto:",
	"Em qui., 28 de out. de 2021 às 12:46, John Doe <john@x.example> escreveu:",
	"Op do 28 okt. 2021 om 12:46 schreef John Doe <john@x.example>:",
	"czw., 28 paź 2021 o 12:46 John Doe <john@x.example> napisał(a):",
	"W dniu 28.10.2021 o 12:46, John Doe pisze:",
	"čt 28. 10. 2021 v 12:46 odesílatel John Doe <john@x.example> napsal:",
	"Dne 28. 10. 21 v 12:46 John Doe napsal(a):",
	"št 28. 10. 2021 o 12:46 John Doe <john@x.example> napísal(a):",
	"John Doe <john@x.example> ezt írta (időpont: 2021. okt. 28., Cs, 12:46):",
	"чт, 28 окт. 2021 г. в 12:46, John Doe <john@x.example>:",
	"28.10.2021 12:46, John Doe пишет:",
	"Четверг, 28 октября 2021, 12:46 +03:00 от John Doe <john@x.example>:",
	"чт, 28 жовт. 2021 р. о 12:46 John Doe <john@x.example> пише:",
	"Den tors 28 okt. 2021 kl 12:46 skrev John Doe <john@x.example>:",
	"tor. 28. okt. 2021 kl. 12.46 skrev John Doe <john@x.example>:",
	"to 28. lokak. 2021 klo 12.46 John Doe (john@x.example) kirjoitti:",
	"28 Eki 2021 Per, saat 12:46 tarihinde John Doe <john@x.example> şunu yazdı:",
	"În joi, 28 oct. 2021 la 12:46, John Doe <john@x.example> a scris:",
	"Στις Πέμ 28 Οκτ 2021 στις 12:46 μ.μ., ο χρήστης John Doe <john@x.example> έγραψε:",
	"2021年10月28日(木) 12:46 John Doe <john@x.example>:",
	"2021년 10월 28일 (목) 오후 12:46, John Doe <john@x.example>님이 작성:",
	"John Doe <john@x.example> 于2021年10月28日周四 12:46写道：",
	"John Doe <john@x.example> 於 2021年10月28日 週四 下午12:46寫道：",
	"בתאריך יום ה׳, 28 באוק׳ 2021 ב-12:46 מאת John Doe <john@x.example>:",
	"Vào Th 5, 28 thg 10, 2021 vào lúc 12:46 John Doe <john@x.example> đã viết:",
	"2021-10-28, kt, 12:46 John Doe <john@x.example> rašė:",
	"Kontakt John Doe (<john@x.example>) kirjutas kuupäeval N, 28. oktoober 2021 kell 12:46:",
	"On 2021-10-28 12:46, John Doe wrote:",
	"On Thursday, October 28th, 2021 at 12:46 PM, John Doe <john@x.example> wrote:",
}

func TestForwardAttributionLines(t *testing.T) {
	for _, line := range forwardAttributionLines {
		from, text, ok := forwardReadAttribution(line)
		date, _ := forwardParseDate(text, "")
		if got := date.Format("2006-01-02 15:04"); !ok || from.Name != "John Doe" || got != "2021-10-28 12:46" {
			t.Errorf("%s\ngot %+v, %s from %q, %v", line, from, got, text, ok)
		}
		if a, ok := forwardAttributionAt(forwardLines("Yes.\n\n"+line), 2); !ok || a.first != 2 {
			t.Errorf("%s\nnot found below an answer: %+v", line, a)
		}
	}
}

func TestForwardAttributionNames(t *testing.T) {
	tests := []struct{ line, name string }{
		{"Op 28-10-2021 om 12:46 schreef Jan van der Berg:", "Jan van der Berg"},
		{"Op do 28 okt. 2021 om 12:46 schreef van der Berg <j@x.example>:", "van der Berg"},
		{"On Oct 28, 2021 at 12:46 PM, j@x.example wrote:", ""},
		{`On Oct 28, 2021 at 12:46 PM, "Doe, John" <j@x.example> wrote:`, "Doe, John"},
		{"On 28/10/2021 12:46, May June <j@x.example> wrote:", "May June"},
	}
	for _, test := range tests {
		if from, _, ok := forwardReadAttribution(test.line); !ok || from.Name != test.name {
			t.Errorf("%s\ngot %q, %v, want %q", test.line, from.Name, ok, test.name)
		}
	}
	for _, line := range []string{"The agenda for 10:00 by bob@x.example:", "Bob wrote:", "In 2021 we met bob@x.example:", "1. Prices:", ":"} {
		if from, _, ok := forwardReadAttribution(line); ok {
			t.Errorf("%q taken for an attribution by %+v", line, from)
		}
	}
}
