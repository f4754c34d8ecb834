package message

import (
	"fmt"
	"testing"
)

func TestForwardAuthor(t *testing.T) {
	for _, row := range []struct{ rule, value, want string }{
		{"name and address", `Ben Client <ben@x.example>`, "Ben Client <ben@x.example>"},
		{"the address twice", `"ben@x.example" <ben@x.example>`, " <ben@x.example>"},
		{"the address and its link", `Ben <ben@x.example<mailto:ben@x.example>>`, "Ben <ben@x.example>"},
		{"an address cut short, and its link", `Ben <ben@x.exam…<mailto:ben@x.example>>`, "Ben <ben@x.example>"},
		{"an address in the place of a name", `"ben@x.example" <eve@y.example>`, " <eve@y.example>"},
		{"an address within a name", `Ben (ben@x.example) via <eve@y.example>`, " <eve@y.example>"},
		{"two addresses, no bracket tells", `ben@x.example eve@y.example`, "ben@x.example, eve@y.example <>"},
		{"two in brackets", `Ben <ben@x.example>, Eve <eve@y.example>`, "ben@x.example, eve@y.example <>"},
		{"an address and a link elsewhere", `Ben <ben@x.example<mailto:eve@y.example>>`, "ben@x.example, eve@y.example <>"},
		{"on behalf of", `Team <team@x.example> on behalf of Ben <ben@x.example>`, "Ben <ben@x.example>"},
		{"on behalf of a name alone", `team@x.example [mailto:team@x.example] Im Auftrag von Eve Stranger`, "Eve Stranger <>"},
		{"in Russian", `Team <team@x.example> от имени Ben <ben@x.example>`, "Ben <ben@x.example>"},
		{"a directory name", `Eve Stranger </O=ACME/CN=EVE>`, "Eve Stranger <>"},
		{"nothing", ``, " <>"},
	} {
		if a := forwardAuthor(row.value); fmt.Sprintf("%s <%s>", a.Name, a.Addr) != row.want {
			t.Errorf("%s: %s\n got %s <%s>\nwant %s", row.rule, row.value, a.Name, a.Addr, row.want)
		}
	}
}

func TestForwardDateInManyTongues(t *testing.T) {
	const want = "2026-11-02 16:05"
	for _, row := range []struct{ language, text, want string }{
		{"ro", "luni, 2 noiembrie 2026 la 16:05:12 EET", "2026-11-02 14:05"},
		{"ro", "mar., 2 iun. 2026, 16:05", "2026-06-02 16:05"},
		{"hr", "pon, 2. stu 2026. u 16:05", want},
		{"hr", "čet, 2. tra 2026. u 16:05", "2026-04-02 16:05"},
		{"hu", "2026. augusztus 2., vasárnap 16:05", "2026-08-02 16:05"},
		{"hu", "2026. november 2. du. 04:05:12", want},
		{"tr", "2 Ağu 2026 Paz, 16:05", "2026-08-02 16:05"},
		{"tr", "2 Kasım 2026 ÖS 04:05:12", want},
		{"pl", "2 paź 2026 16:05", "2026-10-02 16:05"},
		{"th", "จ. 2 พ.ย. 2026 เวลา 16:05", want},
		{"th", "2 ม.ค. 2569 16:05", "2026-01-02 16:05"},
		{"th", "2 มี.ค. 2569 16:05", "2026-03-02 16:05"},
		{"ko", "2026년 11월 2일 월요일 PM 4:05", want},
		{"fr", "2 novembre 2026 à 04 h 05 min 12 s p.m.", want},
		{"bg", "2 ноември 2026 г. в 04:05:12 ч. pm", want},
		{"uk", "2 листопада 2026 р. о 04:05:12 пп", want},
		{"ca", "2 d’ag. 2026, 16:05", "2026-08-02 16:05"},
		{"hi", "2 जून 2026 को 4:05 pm बजे", "2026-06-02 16:05"},
		{"ka", "2 ნოემბერი, 2026, 16:05", want},
		{"kk", "2026 ж. 2 қараша, 16:05", want},
		{"en", "November 2, 2026 at 24:15", "2026-11-02 00:15"},
		{"pt", "segunda-feira, 2 de novembro de 2026 em 16:05", want},
	} {
		date, _ := forwardParseDate(row.text, row.language)
		if got := date.UTC().Format("2006-01-02 15:04"); got != row.want {
			t.Errorf("%s: %q: got %s, want %s", row.language, row.text, got, row.want)
		}
	}
}

// TestForwardNoteEndsAboveTheQuotation, also where the line above the header block is one that we do not know.
func TestForwardNoteEndsAboveTheQuotation(t *testing.T) {
	for client, body := range map[string]string{
		"Orange":   "> Message du 02/11/26 16:05\n> De : \"Ben\" <ben@x.example>\n> A : anna@corp.example\n> Copie à : \n> Objet : Offre\n>\n> Bonjour\n",
		"Tutanota": "-----\nFrom: ben@x.example\nTo: anna@corp.example\nSent: Nov 2, 2026, 16:05\nSubject: Offre\n\nBonjour\n",
	} {
		f, ok := ParseForward(ForwardInput{Subject: "Fwd: Offre", Text: "See below.\n\n" + body})
		if !ok || f.Note != "See below." || f.From.Addr != "ben@x.example" || f.Body != "Bonjour" {
			t.Errorf("%s: got %v, note %q, from %q, body %q", client, ok, f.Note, f.From.Addr, f.Body)
		}
	}
}
